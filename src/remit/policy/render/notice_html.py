"""The notice as HTML: an article to embed, or a page by itself. Every block has an id that a link can lead to."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from remit.policy.model import Policy
from remit.policy.phrasebooks.phrasebook import Phrasebook
from remit.policy.phrasebooks.shelf import book
from remit.policy.render.notice import HEADINGS, Piece, blocks
from remit.policy.render.notice_style import COLOURS, PAGE, STYLE
from remit.policy.render.told import Topic
from remit.policy.render.writing import named
from remit.policy.spoken import in_each_language

FILE = "notice.html"
_ADDRESS = re.compile(r"(https?://[^\s<>\"']*[\w/]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)")


def article(policy: Policy) -> str:
    """The notice in the language that the policy is spoken in, for a page of anybody's."""
    words = book(policy.language)
    pieces = list(blocks(policy))
    first = next(at for at, piece in enumerate(pieces) if piece.kind == "h2")
    opening, sections = (_written(part, words) for part in (pieces[:first], pieces[first:]))
    inner = "\n".join([*opening, _contents(pieces, words), *sections])
    return f'<article class="notice" lang="{escape(policy.language)}">\n{inner}\n</article>'


def page(policy: Policy) -> str:
    """The same as a page by itself, with links to the other languages beside it."""
    words, who = book(policy.language), policy.controller
    inner = article(policy)
    title = f"{words.headings['notice']} · {' '.join(who.name.split())}"
    return f"""<!doctype html>
<html lang="{escape(policy.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
{_alternates(policy)}<style>{COLOURS}{PAGE}{STYLE}</style>
</head>
<body>
<a class="skip" href="#main">{escape(words.skip)}</a>
{_languages(policy, words)}<main id="main" tabindex="-1">
{inner}
</main>
<footer>{escape(words.edition.format(version=policy.version))}</footer>
</body>
</html>
"""


def _written(pieces: Sequence[Piece], words: Phrasebook) -> Iterator[str]:
    for kind, run in groupby(pieces, key=lambda piece: piece.kind):
        lines = [_heading(one, words) if kind in HEADINGS else _block(one) for one in run]
        yield "\n".join(["<ul>", *lines, "</ul>"] if kind == "li" else lines)


def _block(piece: Piece) -> str:
    return f'<{piece.kind} id="{piece.id}">{_text(piece)}</{piece.kind}>'


def _heading(piece: Piece, words: Phrasebook) -> str:
    # Beside the heading, not in it: who listens to the headings hears them alone.
    if piece.kind == "h1":
        return _block(piece)
    says = escape(words.link_to.format(heading=piece.text))
    return f'<div class="head {piece.kind}">{_block(piece)}<a href="#{piece.id}" aria-label="{says}">#</a></div>'


def _text(piece: Piece) -> str:
    """What the block says; where it names whom to write to, the address is a link."""
    if piece.by.told is not Topic.CONTROLLER:
        return escape(piece.text)
    parts = _ADDRESS.split(piece.text)
    return "".join(_link(part) if at % 2 else escape(part) for at, part in enumerate(parts))


def _link(address: str) -> str:
    target = address if "://" in address else f"mailto:{address}"
    return f'<a href="{escape(target)}">{escape(address)}</a>'


def _contents(pieces: Sequence[Piece], words: Phrasebook) -> str:
    lines = [
        f'<li class="{one.kind}"><a href="#{one.id}">{escape(one.text)}</a></li>'
        for one in pieces
        if one.kind in ("h2", "h3")
    ]
    head = f'<nav aria-labelledby="contents">\n<p class="title" id="contents">{escape(words.contents)}</p>'
    return "\n".join([head, "<ul>", *lines, "</ul>", "</nav>"])


def _alternates(policy: Policy) -> str:
    return "".join(
        f'<link rel="alternate" hreflang="{escape(one.language)}" href="{escape(named(FILE, one))}">\n'
        for one in in_each_language(policy)
        if one.language != policy.language
    )


def _languages(policy: Policy, words: Phrasebook) -> str:
    """The way to the other languages; nothing, where there are none."""
    if len(policy.languages) == 1:
        return ""
    ways = [(one.language, named(FILE, one)) for one in in_each_language(policy)]
    return f"<header>\n{language_links(ways, policy.language, words)}\n</header>\n"


def language_links(ways: Sequence[tuple[str, str]], here: str, words: Phrasebook) -> str:
    """A list of languages, each by its own name, with the address where the notice is in it."""
    lines = []
    for tag, address in ways:
        said = f'lang="{escape(tag)}"'
        name = escape(called(tag))
        if tag == here:
            lines.append(f'<li><span {said} aria-current="page">{name}</span></li>')
        else:
            lines.append(f'<li><a href="{escape(address)}" hreflang="{escape(tag)}" {said}>{name}</a></li>')
    return "\n".join(
        [f'<nav class="tongues" aria-label="{escape(words.languages)}">', "<ul>", *lines, "</ul>", "</nav>"]
    )


def called(tag: str) -> str:
    """What its speakers call a language; with its tag, where that narrows it."""
    known = book(tag)
    return known.name if known.tag == tag.casefold() else f"{known.name} ({tag})"
