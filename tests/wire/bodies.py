"""Bodies of every protocol, made up: of the types that SDKs send, or with anything anywhere."""

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from remit.policy.words import Item
from remit.wire import feedback, logs, spans
from remit.wire.decoder import Field, keys
from remit.wire.errors import LINE as LINE_FIELDS
from remit.wire.events import AROUND
from remit.wire.messages import BESIDE, COMPOSED, FIELDS, KINDS
from remit.wire.sessions import ENDS

SCALAR = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(-1e9, 1e9)
    | st.text('a\u00e9\U0001f600.\\"', max_size=3)
)
ODD: st.SearchStrategy[Any] = (
    SCALAR | st.integers() | st.just({}) | st.just([]) | st.just([{"a": 1}]) | st.just({"undeclared": {"x": [1]}})
)


def node(tree: dict[str, Any], *, typed: bool) -> st.SearchStrategy[Any]:
    """Objects with keys of this tree: of the declared types only, or anything anywhere."""
    fields = {key: node(below, typed=typed) if below else (SCALAR if typed else ODD) for key, below in tree.items()}
    made = st.fixed_dictionaries({}, optional={**fields, "undeclared": ODD})
    return made if typed else made | ODD


def tree(paths: list[str]) -> dict[str, Any]:
    """Dotted paths as nested keys."""
    found: dict[str, Any] = {}
    for path in paths:
        here = found
        for part in path.split("."):
            here = here.setdefault(part, {})
    return found


_READ = [path for fields in FIELDS.values() for one in fields for path in one.paths]
_READ += [path for several in COMPOSED.values() for made in several for path in made.paths]
MESSAGE = tree(_READ + [path for paths in BESIDE.values() for path in paths])
ADDRESS = st.fixed_dictionaries({}, optional=dict.fromkeys([*tree(["street", "city", "country"]), "other"], SCALAR))
OWN = {"type": st.sampled_from([*KINDS, "strange"]), "messageId": st.sampled_from(["m1", None])}
TIMES = st.sampled_from([None, "soon", "2023-11-13T22:13:20Z", "2023-11-14T22:13:20.5Z", 1_699_000_000_000])
SAID = {
    "channel": st.sampled_from([None, "server", "mobile"]),
    "sentAt": TIMES,
    "timestamp": TIMES,
}
"""What says how the rest is to be read, as clients say it."""


def messages(*, typed: bool) -> st.SearchStrategy[Any]:
    """Segment messages."""
    whole = node(MESSAGE, typed=typed)
    said = st.fixed_dictionaries(OWN, optional=SAID)
    made = st.tuples(whole, said).map(lambda p: p[0] | p[1] if isinstance(p[0], dict) else p[0])
    return made if typed else st.tuples(made, ADDRESS).map(_addressed)


def _addressed(parts: tuple[Any, dict[str, Any]]) -> Any:
    """Where somebody's traits tell an address at all, it is in parts."""
    message, address = parts
    traits = message.get("traits") if isinstance(message, dict) else None
    if isinstance(traits, dict) and "address" in traits:
        traits = {**traits, "address": address}
        return {**message, "traits": traits}
    return message


FRAME = tree(["module", "function", "lineno", "in_app", "undeclared"])
EXCEPTION = tree(["type", "value", "module", "mechanism.handled"])
NAMES = st.sampled_from(["shop", "shop.pay", "<lambda>", "?", "who 1"])
FINGERPRINT = st.lists(st.sampled_from(["{{ default }}", "shop.pay", "who 1"]) | SCALAR, max_size=3) | ODD
LINE = tree([path for one in LINE_FIELDS for path in one.paths])


def events(*, typed: bool) -> st.SearchStrategy[Any]:
    """Sentry events, in both spellings of a chain of exceptions."""
    odd = st.nothing() if typed else ODD
    called = st.fixed_dictionaries({"module": NAMES, "function": NAMES}, optional={"in_app": st.booleans()})
    frames = st.lists(node(FRAME, typed=typed) | called | odd, max_size=3)
    trace = st.fixed_dictionaries({}, optional={"frames": frames | odd})
    one = st.tuples(node(EXCEPTION, typed=typed), trace | odd).map(
        lambda p: {**p[0], "stacktrace": p[1]} if isinstance(p[0], dict) else p[0]
    )
    chain = st.lists(one | odd, max_size=2)
    about = node(tree([path for field in AROUND for path in field.paths]) | LINE, typed=typed)
    spelt = chain | chain.map(lambda values: {"values": values}) | odd
    # Android's client without a user: one id names the user and the device.
    nobody = st.text(max_size=2).map(lambda one: {"user": {"id": one}, "contexts": {"device": {"id": one}}})
    told = st.fixed_dictionaries({"exception": spelt}, optional={"fingerprint": st.nothing() if typed else FINGERPRINT})
    return st.tuples(about | nobody, told).map(lambda p: {**(p[0] if isinstance(p[0], dict) else {}), **p[1]})


PAGE = st.fixed_dictionaries(
    {"n": st.sampled_from(["pageview", "engagement", "Signup"]), "u": st.just("https://shop.example/")},
    optional={"r": ODD, "referrer": ODD, "e": ODD, "url": ODD, "p": ODD, "d": ODD},
)

ATTRS = node(tree(["release", "ip_address", "user_agent", "undeclared"]), typed=False)
DID = st.sampled_from(["u1", "ada@example.org", "192.0.2.7", "11111111-2222-4333-8444-555555555555"]) | ODD
SESSION = st.fixed_dictionaries(
    {"status": st.sampled_from(["ok", *ENDS]) | ODD},
    optional={"sid": ODD, "did": DID, "errors": ODD | st.just(2), "duration": ODD, "attrs": ATTRS, "aggregates": ODD},
)
AGGREGATE = st.fixed_dictionaries(
    {}, optional={**{key: st.integers(0, 3) | ODD for key in ENDS}, "did": DID, "started": ODD, "a.b[0]": ODD}
)
AGGREGATES = st.fixed_dictionaries(
    {"aggregates": st.lists(AGGREGATE | ODD, max_size=3) | ODD}, optional={"attrs": ATTRS, "status": ODD}
)


MADE = {"type": st.none() | st.just("E"), "value": ODD, "mechanism": st.just({"synthetic": True}) | ODD}
MESSAGES = st.tuples(
    node(tree([path for field in AROUND for path in field.paths]) | LINE, typed=False),
    st.fixed_dictionaries({}, optional={"exception": st.lists(st.fixed_dictionaries(MADE), max_size=1) | ODD}),
).map(lambda p: {**p[0], **p[1]} if isinstance(p[0], dict) else p[0])


def spelt(fields: Iterable[Field]) -> dict[str, Any]:
    """Paths as nested keys, of which some bear dots."""
    found: dict[str, Any] = {}
    for path in (path for one in fields for path in one.paths):
        here = found
        for part in keys(path):
            here = here.setdefault(part, {})
    return found


DAY = "2026-11-03T"
MOMENTS = st.sampled_from([0, 1.5, f"{DAY}09:30:00Z", f"{DAY}09:30:01.5Z", f"{DAY}09:30:00", "now"]) | ODD
OPS = st.sampled_from(["http.client", "http.server", "db", "http"]) | ODD


def of_spans(fields: Sequence[Field], at: spans.Where) -> st.SearchStrategy[Any]:
    """Spans of one form, that are mostly requests."""
    said = {"op": OPS, "message": ODD, "status": st.sampled_from(["ok", "internal_error"]) | ODD}
    said |= {"began": MOMENTS, "ended": MOMENTS}
    tree = spelt([*fields, *(Field(Item("x"), (path,)) for path in at)])

    def grown(drawn: dict[str, Any], around: Any) -> Any:
        whole = deepcopy(around) if isinstance(around, dict) else {}
        for part, value in drawn.items():
            here, (*inner, last) = whole, keys(getattr(at, part))
            for key in inner:
                below = here.get(key)
                here[key] = here = below if isinstance(below, dict) else {}
            here[last] = value
        return whole

    return st.builds(grown, st.fixed_dictionaries(said), node(tree, typed=False))


CHILDREN = st.lists(of_spans(spans.CHILD_FIELDS, spans.CHILD) | ODD, max_size=3) | ODD
TRANSACTIONS = st.builds(
    lambda root, inner: {**root, "spans": inner}, of_spans([*spans.ROOT_FIELDS, *AROUND], spans.ROOT), CHILDREN
)
SPANS = st.lists(of_spans(spans.ALONE_FIELDS, spans.ALONE) | ODD, max_size=3) | ODD
LOGS = st.lists(node(spelt(logs.FIELDS), typed=False), max_size=3) | ODD
FEEDBACKS = node(spelt([*feedback.FEEDBACK, *AROUND]), typed=False)
DISCARDED = st.fixed_dictionaries(
    {}, optional={"reason": ODD | st.just("before_send"), "category": ODD, "quantity": ODD | st.just(2)}
)
REPORTS = st.fixed_dictionaries({}, optional={"discarded_events": st.lists(DISCARDED | ODD, max_size=2) | ODD})


def envelopes() -> st.SearchStrategy[list[tuple[str, Any]]]:
    """Items of an envelope: some that are read, and one that is not."""
    items = (
        st.tuples(st.just("event"), events(typed=False)),
        st.tuples(st.just("session"), SESSION),
        st.tuples(st.just("sessions"), AGGREGATES),
        st.tuples(st.just("event"), MESSAGES),
        st.tuples(st.just("transaction"), TRANSACTIONS | ODD),
        st.tuples(st.just("span"), SPANS.map(lambda listed: {"version": 2, "items": listed}) | ODD),
        st.tuples(st.just("log"), LOGS.map(lambda listed: {"version": 2, "items": listed}) | ODD),
        st.tuples(st.just("feedback"), FEEDBACKS),
        st.tuples(st.just("user_report"), node(spelt(feedback.REPORT), typed=False)),
        st.tuples(st.just("client_report"), REPORTS | ODD),
        st.tuples(st.sampled_from(["attachment", "a.b", ""]), ODD),
    )
    return st.lists(st.one_of(*items), max_size=3)


def spots(node: object, path: str = "") -> list[tuple[str, Any]]:
    """The leaves of a body, as anybody would list them."""
    if isinstance(node, dict):
        keys = {key: key.replace("\\", "\\\\").replace(".", "\\.").replace("[", "\\[") or '""' for key in node}
        return [spot for key in node for spot in spots(node[key], f"{path}.{keys[key]}" if path else keys[key])]
    if isinstance(node, list):
        return [spot for i, one in enumerate(node) for spot in spots(one, f"{path}[{i}]")]
    return [] if node is None else [(path, node)]
