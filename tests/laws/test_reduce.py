"""What the output of each reduction can tell: non-interference would be empty if a reduction let a value through."""

import re

import pytest
from everything import everything
from generated import BAD
from hypothesis import example, given, settings
from hypothesis import strategies as st

from remit.policy.catalogue import CATALOGUE
from remit.policy.reduce import BUCKET_MAX, BUCKET_MIN, REDUCTIONS, bucket
from remit.policy.values import TYPES
from remit.policy.words import ALL, NONE, OTHER, Value
from remit.proof.pools import GOOD, TEXTS

APP = everything().apps["shop-web"]
HOURS, DAYS = range(0, 1 << 63, 3600), range(0, 1 << 63, 86_400)
TELLS: dict[str, frozenset[str] | range | re.Pattern[str]] = {
    "route": frozenset(APP.routes),
    "hour": HOURS,
    "day": DAYS,
    "os_family": frozenset({"Android", "iOS", "Windows", "macOS", "Linux", "HarmonyOS", "ChromeOS"}),
    "major_minor": re.compile(r"(0|[1-9]\d?)\.(0|[1-9]\d?)"),
    "language": re.compile(r"[a-z]{2}"),
    "symbol": re.compile(r"[\w$<>.:/#-]{1,128}", re.ASCII),
    "digest": re.compile(r"[0-9a-f]{12}"),
    "line": range(1, 1_000_000),
    "device_class": frozenset({"low", "medium", "high"}),
    "session_status": frozenset({"ok", "exited", "errored", "abnormal", "crashed"}),
    "yes_no": frozenset({"yes", "no"}),
    "method": frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}),
    "status_class": frozenset({"1xx", "2xx", "3xx", "4xx", "5xx"}),
    "connection": frozenset({"wifi", "cellular", "ethernet", "bluetooth", "none"}),
}
"""All outputs there are, beside ``(other)``: at most ten thousand of ``major_minor``, under 184 of ``language``."""

GIVES: dict[str, list[tuple[Value, str | int]]] = {
    "route": [("/product/7?q=ada#7", "/product/*"), ("https://shop.example", "/"), ("/cart/", "/cart"), ("/x", OTHER)],
    "hour": [(3_599_999, 0), (3_600_000, 3600), (90_000_000, 90_000)],
    "day": [(86_399_999, 0), (86_400_000, 86_400)],
    "os_family": [("iPhone OS", "iOS"), (" ANDROID", "Android"), ("Mac OS X", "macOS"), ("Linux 6", OTHER)],
    "major_minor": [("1.2.3", "1.2"), ("v12.0+build", "12.0"), ("1", OTHER), ("123.4", OTHER)],
    "language": [("en-GB", "en"), ("PT_br", "pt"), ("xx", OTHER)],
    "symbol": [("KeyError", "KeyError"), ("shop.cart.pay", "shop.cart.pay"), ("no symbol", OTHER)],
    "session_status": [("crashed", "crashed"), ("exited", "exited"), ("lost", OTHER)],
    "digest": [("KeyError <- shop.pay", "a070ef464a09"), ("KeyError <- no symbol", OTHER)],
    "line": [(1, 1), (42, 42), (999_999, 999_999)],
    "device_class": [(0, "low"), (2_999, "low"), (3_000, "medium"), (5_999, "medium"), (6_000, "high"), (1e9, "high")],
    "yes_no": [(True, "yes"), (False, "no")],
    "method": [("GET", "GET"), ("get", "GET"), (" Patch ", "PATCH"), ("options", "OPTIONS"), ("FETCH", OTHER)],
    "status_class": [(100, "1xx"), (204, "2xx"), ("304", "3xx"), (404, "4xx"), ("599", "5xx"), (600, OTHER)],
    "connection": [(" WiFi", "wifi"), ("Cellular", "cellular"), ("none", "none"), ("tether", OTHER)],
}
"""What each reduction makes of values, at its borders above all: one that gave always the same would be closed, too."""

SOMEBODYS = (
    "ada@example.org", "+12025550100", "12025550100", "490154203237518", "192.0.2.7", "2001:db8::1",
    "123e4567-e89b-42d3-a456-426614174000", "123e4567e89b42d3a456426614174000", "00:00:5e:00:53:01", "Ada Lovelace",
    "https://shop.example/?q=ada", "order 20250101", "user_12025550100", "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "12 Example Street", "Zoë", "xyz" * 43, "line\nbreak",
)  # fmt: skip
"""Values of people, devices and secrets, none of which may pass as the name of a piece of a program."""


def texts() -> st.SearchStrategy[Value]:
    """Anything that an SDK can send for a text."""
    known = [*TEXTS, *BAD, *SOMEBODYS, *(value for values in GOOD.values() for value in values)]
    whole = st.integers(-(1 << 63), (1 << 63) - 1)
    return st.sampled_from(known) | st.text(max_size=200) | whole | st.floats() | st.booleans()


def test_each_reduction_says_what_its_outputs_can_tell() -> None:
    """A new reduction has to be thought through here first."""
    assert set(REDUCTIONS) == set(TELLS) == set(GIVES)


@pytest.mark.parametrize(("name", "value", "word"), [(name, *case) for name, cases in GIVES.items() for case in cases])
def test_a_reduction_gives_what_it_says(name: str, value: Value, word: str | int) -> None:
    """A value becomes the word of the group that it is in, and the next value beyond the border that of the next."""
    assert word == REDUCTIONS[name].of(value, APP)


def test_no_output_is_the_mark_of_a_total() -> None:
    """Whatever is sent, no value stands for all of a column: neither a reduced one, nor the name of an app."""
    for tells in TELLS.values():
        if isinstance(tells, re.Pattern):
            assert tells.fullmatch(ALL) is None
        elif isinstance(tells, frozenset):
            assert ALL not in tells
        else:
            assert isinstance(tells, range), "whole numbers, of which none is a word"
    for name in REDUCTIONS.keys() - {"hour", "day"}:
        assert REDUCTIONS[name].of(ALL, APP) != ALL
    assert ALL[0] != "/", "with which routes begin"
    assert not ALL[0].isalpha(), "with which names of apps begin"


@pytest.mark.parametrize("name", TELLS)
@settings(max_examples=500, deadline=None)
@given(value=texts())
@example(value="1.2.3")
@example(value="/product/ada@example.org")
@example(value="/u/ada@example.org")
def test_outputs_are_closed(name: str, value: Value) -> None:
    """Whatever fits the item's type, the output is of the listed ones or ``(other)``, never an error."""
    reduction = REDUCTIONS[name]
    if not any(TYPES[kind].fits(value) for kind in reduction.accepts):
        return
    output, outputs = reduction.of(value, APP), TELLS[name]

    if output != OTHER:
        assert outputs.fullmatch(str(output)) if isinstance(outputs, re.Pattern) else output in outputs
    assert output != NONE


@pytest.mark.parametrize("name", TELLS)
def test_a_reduction_says_how_many_groups_it_tells_apart(name: str) -> None:
    """The range by which a policy is checked is that of the outputs; what is declared, or tells when, has none."""
    outputs, said = TELLS[name], REDUCTIONS[name].outputs

    match name:
        case "route" | "hour" | "day":
            assert said is None
        case "symbol" | "digest" | "line":
            assert said == 0
        case "major_minor":
            assert said == len({REDUCTIONS[name].of(f"{a}.{b}", APP) for a in range(150) for b in range(150)} - {OTHER})
        case "language":
            letters = "abcdefghijklmnopqrstuvwxyz"
            assert said == len({REDUCTIONS[name].of(a + b, APP) for a in letters for b in letters} - {OTHER})
        case _:
            assert isinstance(outputs, frozenset)
            assert said == len(outputs)


@pytest.mark.parametrize("value", SOMEBODYS)
def test_no_value_of_somebody_is_a_symbol(value: str) -> None:
    """Addresses, numbers, names, keys and sentences do not pass for the name of a piece of a program."""
    assert OTHER == REDUCTIONS["symbol"].of(value, APP)


@pytest.mark.parametrize("value", SOMEBODYS)
def test_of_a_value_of_somebody_there_is_no_digest(value: str) -> None:
    """Alone, and among the names of pieces of a program: a digest of what may not cross could be guessed back."""
    digest = REDUCTIONS["digest"].of

    assert [OTHER] * 3 == [digest(text, APP) for text in (value, f"KeyError <- {value}", f"{value} <- shop.pay")]


def test_a_digest_tells_stacks_apart_and_nothing_else() -> None:
    """Of the same names in the same order there is one digest, everywhere and always; of any others another."""
    digest = REDUCTIONS["digest"].of
    stacks = ["KeyError <- shop.pay", "KeyError <- shop", "KeyErrorshop.pay", "shop.pay <- KeyError"]

    assert len(stacks) == len({digest(one, APP) for one in stacks})
    assert "a070ef464a09" == digest("KeyError <- shop.pay", APP)


@pytest.mark.parametrize("value", ["KeyError", "shop.cart.pay", "std::vector<int>", "Cart$Item", "a/b", "<lambda>"])
def test_names_of_programs_are_symbols(value: str) -> None:
    """What compilers and interpreters call things crosses as it is."""
    assert value == REDUCTIONS["symbol"].of(value, APP)


@given(st.floats(0, 1e9) | st.integers(0, 10**9))
def test_a_bucket_is_one_of_121(value: float) -> None:
    """A duration is told to a fifth of itself at best, and buckets are ordered as durations are."""
    assert BUCKET_MIN <= bucket(value) <= BUCKET_MAX
    assert bucket(value) <= bucket(value * 1.5 + 1)


def test_what_tells_names_of_programs_takes_nothing_else() -> None:
    """A surname is a symbol by its form: so a symbol, or a digest of some, is made of what programs call themselves."""
    taken = {item for item, entry in CATALOGUE.items() if entry.type.name == "symbol"}

    assert [{"symbol"}] * 2 == [REDUCTIONS[name].accepts for name in ("symbol", "digest")]
    assert {"crash.type", "crash.module", "crash.function", "crash.stack"} == taken


def test_what_becomes_a_column_is_reduced_or_closed() -> None:
    """No reduction takes an identifier, an address or free text beyond those listed."""
    taken = {name: sorted(reduction.accepts) for name, reduction in REDUCTIONS.items()}

    assert {"text", "symbol", "url", "clock", "locale", "flag", "line", "measure", "http_method", "http_status"} == {
        kind for kinds in taken.values() for kind in kinds
    }
    assert set() == {
        e.key for e in CATALOGUE.values() if e.rank is not None and e.type.name in {"text", "url", "locale"}
    }
