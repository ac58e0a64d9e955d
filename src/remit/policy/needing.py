"""The rules about services: what each needs, and what for."""

from collections.abc import Iterator

from remit.policy.language import NEEDS, Finding, bases, collected, formula, near, rows, wanted, with_required
from remit.policy.read import Node
from remit.policy.services import GRANTS_MAX
from remit.policy.words import Basis

_SHAPES = ("item", "any", "all")


def needs_are_complete(root: Node) -> Iterator[Finding]:
    """A need names items, and consent is never tied to a service (GDPR Art. 7(4))."""
    for path in NEEDS:
        for _, need in rows(root, path):
            if isinstance(need.value, dict) and sum(any(rows(need, f"{shape}[]")) for shape in _SHAPES) != 1:
                yield need, "a need has one of 'item', 'any' and 'all'", "write  {item: email, for: ...}"
    grounds = bases(root)
    for purpose in _purposes(root):
        if grounds.get(purpose.text()) == Basis.CONSENT.value:
            yield purpose, "a service may not depend on consent", "use another purpose, or drop the need"


def _purposes(root: Node) -> Iterator[Node]:
    return (node for path in NEEDS for _, node in rows(root, f"{path}.for"))


def needs_are_for_something(root: Node) -> Iterator[Finding]:
    """Each item of a need has a purpose, its own or that of the need around it; and each purpose there has an item."""
    every = [one for _, need in rows(root, "services.*.needs[]") for one in wanted(need)]
    for one in every:
        if one.purpose is None:
            yield one.node, f"it is not said what '{one.node.text()}' is needed for", "add  for: ...  here or around it"
    heard = {(one.purpose.line, one.purpose.column) for one in every if one.purpose is not None}
    for node in _purposes(root):
        if (node.line, node.column) not in heard:
            yield node, f"nothing here is needed for '{node.text()}'", "leave it out: each item has its own"


def alternatives_differ(root: Node) -> Iterator[Finding]:
    """No alternative of a need holds all of another: where the longer one is there, the shorter is."""
    for _, need in rows(root, "services.*.needs[]"):
        for _, listed in formula(need):
            first: dict[frozenset[tuple[str, str]], Node] = {}
            idle: list[Node] = []
            for one in (one for one in listed if one):
                grants = frozenset(wanted.grant for wanted in one)
                if first.setdefault(grants, one[0].node) is not one[0].node:
                    idle.append(one[0].node)
            idle += [
                node for grants, node in first.items() if len(grants) > 1 and any(other < grants for other in first)
            ]
            for node in idle:
                yield node, "another alternative of this need is enough already", "leave the longer one out"


def needed_items_are_kept(root: Node) -> Iterator[Finding]:
    """What a service cannot do without is there when the service reads it."""
    kept = collected(root, kept=True)
    taken = collected(root)
    for _, need in rows(root, "services.*.needs[]"):
        for one in wanted(need):
            item, purpose = one.grant
            if one.grant in taken and one.grant not in kept:
                yield one.node, f"'{item}' is needed but never kept for '{purpose}'", "give that rule a retention"


def required_services_exist(root: Node) -> Iterator[Finding]:
    """A service requires declared ones, and never, through others or not, itself."""
    services = dict(rows(root, "services.*"))
    for key, service in services.items():
        for _, node in rows(service, "requires[]"):
            if node.text() not in services:
                yield node, f"service '{node.text()}' is not declared", near(node.text(), services)
            elif key in with_required(services, node.text()):
                yield node, f"'{key}' would require itself", "leave one of the two out"


def services_are_offered(root: Node) -> Iterator[Finding]:
    """Where every app says which services it offers, some app offers each, or one that requires it."""
    services = dict(rows(root, "services.*"))
    lists = [[one.text() for _, one in rows(app, "services[]")] for _, app in rows(root, "apps.*")]
    # An app that names none offers all. What is not declared is told already.
    if not lists or not all(lists) or not services.keys() >= {one for named in lists for one in named}:
        return
    offered = {key for named in lists for one in named for key in with_required(services, one)}
    declared = root.get("services")
    for key in (key for key in services if key not in offered):
        place = services[key] if declared is None else declared.keys[key]
        yield place, f"no app offers '{key}'", "add it to the services of an app, or leave it out"


def needs_are_few(root: Node) -> Iterator[Finding]:
    """A service, with those that it requires, hangs on at most twenty grants, an item for a purpose each."""
    services = dict(rows(root, "services.*"))
    for key, service in services.items():
        grants = {
            one.grant
            for part in with_required(services, key).values()
            for _, need in rows(part, "needs[]")
            for one in wanted(need)
        }
        if len(grants) > GRANTS_MAX:
            yield (
                service,
                f"'{key}' hangs on {len(grants)} grants, more than {GRANTS_MAX}",
                "need less, or make services of its parts",
            )


def degrading_is_yes_or_no(root: Node) -> Iterator[Finding]:
    """A need says by true or false whether the service only degrades without it."""
    for _, node in rows(root, "services.*.needs[].degrades"):
        if not isinstance(node.value, bool):
            yield node, f"'{node.text()}' is neither true nor false", "write  degrades: true  or leave it out"
