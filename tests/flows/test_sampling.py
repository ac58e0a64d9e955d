"""What is told of what SDKs send: estimated numbers, names that nobody's data invented, and no value."""

import base64
import json
import math
import random
from collections import Counter
from dataclasses import replace

import pytest
from wide import planned, request, spoken

from remit.flows.load import SentRow
from remit.flows.sampling import BUSY_ONE_IN, NAMED_AFTER_BATCHES, OTHER, RATES, FieldSums, Names, Sample, Sampler
from remit.flows.senders import senders
from remit.policy.words import Item
from remit.proof.small import Coins
from remit.stores.world import SystemChance
from remit.wire.decoder import escaped
from remit.wire.sampled import UNSEEN

PLAN = planned([Item("page.url")])


@pytest.mark.parametrize(
    ("path", "is_named"),
    [
        ("properties.theme", True),
        ("context.list.utm_source", True),
        ("properties.$set.cart-size", True),
        (f"properties.{escaped('victim@example.org')}", False),
        (f"properties.{escaped('example.org')}", False),
        ("properties.+12025550100", False),
        ("properties.490154203237518", False),
        ("properties.user_12025550100", False),
        ("properties.123e4567-e89b-42d3-a456-426614174000", False),
        ("properties.Ada Lovelace", False),
        ("properties.Zo\u00eb", False),
        ("properties.\x1b[31mred", False),
        ("properties." + "field" * 30, False),
    ],
)
def test_a_path_that_many_bodies_bear_is_named_where_it_reads_like_a_field(path: str, *, is_named: bool) -> None:
    """One sender of many bodies cannot write an address, a number or a name into the statistics as a key."""
    names = Names(SystemChance())
    told = [names.field(path) for _ in range(NAMED_AFTER_BATCHES * 4)]

    assert {OTHER} == set(told[: NAMED_AFTER_BATCHES - 1])
    assert (path if is_named else OTHER) == told[-1]


def sampler() -> Sampler:
    """One that looks at every body."""
    return Sampler(Coins(random.Random(7), sample_all=True))


def sample(who: Sampler, path: str, body: object, **headers: str) -> Sample:
    """What it tells of a body."""
    found = who.of(spoken(path), request(path, body, **headers), PLAN, received=0)
    assert found is not None
    return found


def test_the_path_of_what_is_not_opened_is_named_at_once() -> None:
    """It is a word of ours, so it is nobody's name; a path that one body invented may be."""
    told = sample(sampler(), "/v1/page", {"ada": 1, "bob": [1, 1]})
    large = sample(sampler(), "/v1/page", {"ada": [1] * 30_000})

    assert {OTHER: 3} == told.undeclared
    assert {UNSEEN: 1} == large.undeclared


def packed(event: object) -> bytes:
    """As PostHog's older clients for the browser pack an event: a form with one field."""
    return b"data=" + base64.b64encode(json.dumps(event).encode())


LIBRARY = {"context": {"library": {"name": "analytics-python", "version": "2.4.1"}}}
NAMED = {
    "body": ("/v1/page", LIBRARY, {}, "analytics-python"),
    "batch": ("/v1/batch", {"batch": [{"type": "page", **LIBRARY}]}, {}, "analytics-python"),
    "agent": ("/v1/page", {}, {"user_agent": "analytics-swift/1.5.0"}, "analytics-swift"),
    "family": (
        "/api/1/envelope/",
        b'{"sdk":{"name":"sentry.python.starlette","version":"2.75.0"}}',
        {},
        "sentry.python",
    ),
    "event": ("/api/1/store/", {"sdk": {"name": "sentry.go", "version": "1.0"}}, {}, "sentry.go"),
    "posthog": ("/batch", {"batch": [{"event": "a", "properties": {"$lib": "web"}}]}, {}, "web"),
    "browser": ("/api/event", {"n": "pageview", "u": "https://shop.example/"}, {"user_agent": "Mozilla/5.0 (X11)"}, ""),
    "a name": ("/v1/page", {"context": {"library": {"name": "Ada Lovelace"}}}, {}, OTHER),
    "no text": ("/v1/page", {"context": {"library": {"name": 7, "version": {}}}}, {}, ""),
    "large": ("/v1/page", {"z": [1] * 30_000, **LIBRARY}, {"user_agent": "curl/8.1"}, "curl"),
    "packed": ("/e/", packed({"event": "a", "properties": {"$lib": "web", "z": [1] * 30_000}}), {}, ""),
}


@pytest.mark.parametrize("how", NAMED)
def test_an_sdk_is_named_as_its_vendor_did(how: str) -> None:
    """By the body, else by the user agent; what a body invented, a browser or a name of somebody is none."""
    path, body, headers, name = NAMED[how]

    assert name == sample(sampler(), path, body, **headers).sdk


def test_a_version_is_told_when_many_bodies_bore_it() -> None:
    """Of its first two numbers, and not before: whoever alone has a version is not told by it."""
    who = sampler()
    body = {"context": {"library": {"name": "analytics-python", "version": "2.4.1"}}}
    told = [sample(who, "/v1/page", body).version for _ in range(NAMED_AFTER_BATCHES)]
    for version in ("", "latest", "+12025550100", "20255501001"):
        body["context"]["library"]["version"] = version
        assert not sample(who, "/v1/page", body).version

    assert [OTHER] * (NAMED_AFTER_BATCHES - 1) + ["2.4"] == told


class EveryTime(SystemChance):
    """Each throw of the coin falls the same way, and is noted."""

    def __init__(self) -> None:
        self.asked = list[int]()

    def one_in(self, n: int) -> bool:
        """Yes."""
        self.asked.append(n)
        return True


def test_of_many_bodies_fewer_are_looked_at_until_the_minute_is_over() -> None:
    """Whatever stands in them: how likely a body is to be looked at hangs on how many came before it."""
    chance = EveryTime()
    who, body = Sampler(chance), request("/v1/page", {"type": "page"})
    protocol, (close, wide) = spoken("/v1/page"), RATES
    for received in (0, 59_999, 60_000):
        for _ in range(close[0] // 2 + 1 if received else close[0]):
            who.of(protocol, body, PLAN, received=received)
    for _ in range(wide[0]):
        who.of(protocol, body, PLAN, received=60_000)

    within = close[0] // 2 + 1
    first = [close[1]] * close[0] + [wide[1]] * within
    second = [close[1]] * close[0] + [wide[1]] * (wide[0] - close[0]) + [BUSY_ONE_IN] * within
    assert first + second == chance.asked


def test_leaves_of_a_sampled_body_count_for_those_that_were_not_looked_at() -> None:
    """One body in so many stands for so many."""
    body = {"type": "page", "properties": {"theme": "dark", "list": [1, 2]}}
    one = sample(sampler(), "/v1/page", body)
    told = {row[5]: row[7] for row in _rows([one])}

    assert {"type": 16, OTHER: 48} == told


def _rows(samples: list[Sample]) -> list[SentRow]:
    sent = FieldSums()
    sent.add(0, "shop", samples)
    return sorted(sent.rows())


def _of(leaves: int, one_in: int) -> Sample:
    none: dict[str, int] = {}
    return Sample(protocol="p", sdk="", version="", one_in=one_in, needed=none, undeclared={"a": leaves})


def test_an_estimate_is_right_on_average_and_off_by_as_much_as_is_told() -> None:
    """Of 400 runs over bodies with different numbers of leaves, about 95 in 100 are within the error that they tell."""
    dice = random.Random(5)
    bodies = [dice.choice((0, 1, 1, 3, 10)) for _ in range(2_000)]
    within, sums = 0, 0
    for _ in range(400):
        one_in = RATES[0][1]
        seen = [n for n in bodies if n and dice.randrange(one_in) == 0]
        ((*_, n, variance),) = _rows([_of(leaves, one_in) for leaves in seen])
        within += abs(n - sum(bodies)) <= 1.96 * math.sqrt(variance)
        sums += n

    assert abs(sums / 400 / sum(bodies) - 1) < 0.02
    assert 0.92 <= within / 400 <= 0.98


def test_nothing_of_a_body_but_names_is_in_a_sample() -> None:
    """No value of a leaf is, however it is nested, except a version and the name of an SDK."""
    canary = "ada@example.org"
    body = {"userId": canary, "traits": {"email": canary, "a": [canary]}, **LIBRARY, "properties": {canary: canary}}

    assert canary not in json.dumps(_rows([sample(sampler(), "/v1/identify", body)]))


ROWS = [
    ("shop", "segment", "analytics-python", "2.4", "type", "needed", 16, 31),
    ("shop", "segment", "analytics-python", "2.4", "userId", "needed", 16, 31),
    ("shop", "segment", "analytics-python", "2.4", OTHER, "undeclared", 32, 44),
    ("shop", "segment", "analytics-python", "2.4", "traits.a", "undeclared", 160, 99),
    ("shop", "segment", "analytics-python", "2.4", "userId", "undeclared", 16, 31),
    ("site", "plausible", "", "", "n", "undeclared", 16, 31),
]


def test_what_an_sdk_sends_is_said_in_a_sentence() -> None:
    """A field that any record needed is needed; what comes most often and is of no use stands first."""
    segment, plausible = senders(ROWS)

    assert "analytics-python 2.4" == segment.title
    assert "Sends 3 fields and others without a name; your purposes and the protocol need 2." == segment.says
    assert [("traits.a", 160, 99), (OTHER, 32, 44)] == [(one.path, one.n, one.error) for one in segment.undeclared]
    assert "An SDK without a name" == plausible.title
    assert "web of a version that few bodies bore yet" == replace(segment, sdk="web", version=OTHER).title
    assert "Sends 1 field; your purposes and the protocol need none." == plausible.says


def test_what_is_needed_is_told_apart_from_what_is_not() -> None:
    """The leaves of both are all leaves of the body, lists included."""
    body = {"type": "page", "properties": {"url": "/", "theme": "dark"}, "context": {"list": [1, 2]}}
    told = sample(sampler(), "/v1/page", body)

    assert {"type": 1, "properties.url": 1} == told.needed
    assert Counter({OTHER: 3}) == Counter(told.undeclared)
