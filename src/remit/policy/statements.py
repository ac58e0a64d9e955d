"""What a policy says to people, in each of its languages: where statements stand, how they are read, and their rules.

A statement is a text, or a mapping from languages to texts. Every other rule sees the policy once in each language, as
if it had been written in that one alone.
"""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from remit.policy.language import Finding, near, rows
from remit.policy.phrasebooks.shelf import BOOKS, found
from remit.policy.read import Node

LANGUAGE_DEFAULT = "en"
"""What a policy is written in that does not say."""

STATEMENTS = """
    purposes.*.says purposes.*.compatible.*.link purposes.*.compatible.*.context purposes.*.compatible.*.nature
    purposes.*.compatible.*.consequences purposes.*.compatible.*.safeguards
    services.*.says providers.*.says recipients.*.transfer items.*.title collect[].required
    facts.*.exemption counts.*.exemption automated[].says automated[].logic automated[].consequences
""".split()
"""What has to be said in every language."""

NAMES = """
    controller.name controller.contact controller.representative controller.officer controller.authority
    controller.address documents.notice providers.*.name recipients.*.name
""".split()
"""Names and addresses: one text is good in every language, and each may have its own."""

Path = tuple[str, ...]


def _path(written: str) -> Path:
    return tuple(written.replace("[]", ".[]").split("."))


_SAID = tuple(map(_path, STATEMENTS))
_CALLED = tuple(map(_path, NAMES))


def languages(root: Node) -> list[str]:
    """The languages that a policy declares, the first one first."""
    declared = [node.text() for _, node in rows(root, "languages[]")]
    return list(dict.fromkeys(declared)) or [LANGUAGE_DEFAULT]


def in_language(root: Node, language: str) -> Node:
    """The policy as if it had been written in one language; what is missing there is taken from another."""
    order = [language, *languages(root)]
    return _said(root, (*_SAID, *_CALLED), order)


def _said(node: Node, paths: Sequence[Path], order: Sequence[str]) -> Node:
    if () in paths:
        texts = dict(node.entries())
        return next((texts[one] for one in (*order, *texts) if one in texts), node)
    if isinstance(node.value, list):
        return replace(node, value=[_said(one, _below(paths, "[]"), order) for one in node.value])
    if not isinstance(node.value, dict):
        return node
    # A single part counts as a list of one.
    paths = [*paths, *_below(paths, "[]")]
    return replace(
        node,
        value={
            key: _said(one, below, order) if (below := _below(paths, key)) else one for key, one in node.value.items()
        },
    )


def _below(paths: Sequence[Path], key: str) -> list[Path]:
    return [path[1:] for path in paths if path and (path[0] == key or (path[0] == "*" and key != "[]"))]


def texts(root: Node) -> dict[str, str]:
    """What each statement and name says, by its place, in a policy of one language."""
    return {place: node.text() for place, node in _places(root, (*_SAID, *_CALLED))}


def _places(root: Node, paths: Sequence[Path]) -> Iterator[tuple[str, Node]]:
    for path in paths:
        reached: list[tuple[str, Node]] = [("", root)]
        for part in path:
            reached = [(_place(at, key), one) for at, node in reached for key, one in _parts(node, part)]
        yield from reached


def _parts(node: Node, part: str) -> Iterator[tuple[str, Node]]:
    if part == "[]":
        yield from ((f"[{index}]", one) for index, one in enumerate(node.elements()))
    elif part == "*":
        yield from node.entries()
    elif (below := node.get(part)) is not None:
        yield part, below


def _place(at: str, key: str) -> str:
    return f"{at}{key}" if key.startswith("[") or not at else f"{at}.{key}"


def languages_are_known(root: Node) -> Iterator[Finding]:
    """A policy speaks languages that remit has words for, each once."""
    seen: set[str] = set()
    for _, node in rows(root, "languages[]"):
        tag = node.text()
        if found(tag) is None:
            yield node, f"remit has no words for the language '{tag}'", near(tag, BOOKS)
        elif tag.casefold() in seen:
            yield node, f"'{tag}' stands here twice", "keep one of the two"
        seen.add(tag.casefold())


def statements_are_said(root: Node) -> Iterator[Finding]:
    """Every statement is there in every language that the policy declares."""
    # A language that remit does not know is a problem of its own: it is not told again at every statement.
    declared = [one for one in languages(root) if found(one) is not None]
    fix = f"write  {{{', '.join(f'{one}: ...' for one in declared)}}}"
    for paths, elsewhere in ((_SAID, declared[1:]), (_CALLED, [])):
        for place, node in _places(root, paths):
            said_in_some = isinstance(node.value, dict)
            missing = [one for one in declared if node.get(one) is None] if said_in_some else elsewhere
            if missing:
                yield node, f"{place} is not said in: {', '.join(missing)}", fix


def statements_are_declared(root: Node) -> Iterator[Finding]:
    """A statement speaks no language that the policy does not declare."""
    declared = languages(root)
    for _, node in _places(root, (*_SAID, *_CALLED)):
        for tag, named in node.keys.items():
            if tag not in declared:
                more = f"languages: [{', '.join([*declared, tag])}]"
                yield named, f"'{tag}' is no language of this policy", f"leave it out, or declare it:  {more}"
