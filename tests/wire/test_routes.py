"""Which request is whose: said once by each protocol, and told by docs/routes.md as it is said."""

import re
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import pytest

from remit.policy.render.page import written
from remit.wire.protocol import Rejection
from remit.wire.route import ANYTHING, PARTS, Route, posted
from remit.wire.routes import MADE, PROTOCOLS, protocol_for

PAGE = (Path(__file__).parents[2] / "docs/routes.md").read_text(encoding="utf-8")
ROUTES = [(protocol, route) for protocol in PROTOCOLS for route in protocol.routes]


def meet(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether some path is of both patterns; two parts that differ from app to app may always be equal."""
    if ANYTHING in right[:1] and ANYTHING not in left[:1]:
        left, right = right, left
    if ANYTHING in left[:1]:
        return meet(left[1:], right) or (bool(right) and meet(left, right[1:]))
    if not (left and right):
        return not (left or right)
    return same(left[0], right[0]) and meet(left[1:], right[1:])


def same(left: str, right: str) -> bool:
    """Whether some text is of both parts."""
    forms = [PARTS.get(one) for one in (left, right)]
    if all(forms):
        return True
    plain, form = (right, forms[0]) if forms[0] else (left, forms[1])
    return re.fullmatch(form, plain) is not None if form else left == right


def both(one: Route, other: Route) -> bool:
    """Whether some request is of both routes."""
    return one.method == other.method and meet(one.path[1:].split("/"), other.path[1:].split("/"))


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("/v1/batch", "/v1/batch", True),
        ("/v1/batch", "/v1/b", False),
        ("/v1/batch", "/v1", False),
        ("/api/{id}/envelope", "/api/7/envelope", True),
        ("/api/{id}/envelope", "/api/x/envelope", False),
        ("/api/{id}/envelope", "/api/{key}/envelope", True),
        ("/**/api/send", "/a/b/api/send", True),
        ("/**/api/send", "/api/send", True),
        ("/**/api/send", "/{key}/send", True),
        ("/**/api/send", "/{id}/{key}", False),
        ("/**/api/send", "/send", False),
        ("/**/api/send", "/**/send", True),
        ("/**/api/send", "/**/event", False),
    ],
)
def test_two_routes_of_one_path_are_found(left: str, right: str, found: bool) -> None:
    """What looks for two protocols on one request sees through what may stand for any part."""
    (one,), (other,) = posted("", left), posted("", right)

    assert found is both(one, other) is both(other, one)


def test_no_request_belongs_to_two_protocols() -> None:
    """No path, with whatever in its open parts, has two readers; and no protocol says a route twice."""
    found = [(one.path, other.path) for (_, one), (_, other) in combinations(ROUTES, 2) if both(one, other)]

    assert [] == found


@pytest.mark.parametrize(("protocol", "route"), ROUTES, ids=lambda one: getattr(one, "path", ""))
def test_a_route_leads_to_its_protocol(protocol: object, route: Route) -> None:
    """With and without a slash at its end, below what it allows to stand before it, by its own method alone."""
    path = route.path.replace("{id}", "77").replace("{key}", "demo-web")
    for prefix in ("", "/a/b-c") if ANYTHING in path else ("",):
        for slash in ("", "/"):
            here = path.replace(f"/{ANYTHING}", prefix) + slash
            assert protocol is protocol_for(route.method, here)
            assert [protocol] == [one for one in PROTOCOLS if one.matches(route.method, here)]
            assert None is protocol_for("PUT", here)
        assert None is protocol_for(route.method, here + "/")


def test_the_tables_of_the_page_are_of_this_code() -> None:
    """Every route and every status stands on the page as the code says it: `make pages` writes it anew."""
    assert set(MADE) == set(re.findall(r"<!-- made: (\w+) -->", PAGE))
    assert PAGE == written(PAGE, MADE)


def test_the_page_tells_of_every_protocol_and_every_refusal() -> None:
    """What is taken, the shape of a refusal, and every reason for one."""
    said = PAGE.partition("## What they are told")[2]

    assert [] == [one.name for one in PROTOCOLS if f"| `{one.name}` | 2" not in said]
    assert [] == [one.value for one in Rejection if one.value not in said]
