"""Whatever a request holds, it is answered, and what was taken of it can be divided and told of."""

import json
import random
from pathlib import Path

import pytest
from held import Houses, Way, seeds
from mutations import BYTES_MAX, mutated
from runs import MADE, PAGE, last

from remit.policy.render.page import written
from remit.wire.routes import PROTOCOLS

EACH = 25
"""So many changed bodies of each seed, at every run of the tests; `make fuzz` goes on for hours."""
FOUND = sorted((Path(__file__).parent / "found").glob("*"))
"""What once broke something: where it was sent, as JSON on the first line, and below it the body."""
NAMES = [protocol.name for protocol in PROTOCOLS]


@pytest.mark.parametrize("protocol", NAMES)
def test_changed_bodies_of_sdks_break_nothing(protocol: str) -> None:
    """One to three changes each: a value odd, moved, repeated or gone, bytes cut, doubled or not UTF-8."""
    houses, dice, sent = Houses(), random.Random(protocol), seeds(protocol)
    bodies = [body for _, body in sent]
    for way, body in sent:
        for _ in range(EACH):
            changed = body
            for _ in range(dice.choice((1, 1, 2, 3))):
                changed = mutated(changed, dice, dice.choices(bodies, k=2))
            houses.hold(way.request(changed))


@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.name)
def test_what_once_broke_something_does_not_again(file: Path) -> None:
    """Each finding of the fuzzer stays."""
    head, _, body = file.read_bytes().partition(b"\n")
    way = json.loads(head)

    Houses().hold(Way(way["path"], tuple(way["headers"].items())).request(body))


def test_each_protocol_stood_an_attack_of_ten_minutes() -> None:
    """The last one that is written down broke nothing, and the page says what it came to."""
    page = PAGE.read_text(encoding="utf-8")

    assert dict.fromkeys(NAMES, False) == {name: run["broke"] for name, run in last().items()}
    assert written(page, MADE) == page


@pytest.mark.parametrize("protocol", NAMES)
def test_a_change_is_one_of_a_body_and_bounded(protocol: str) -> None:
    """The same dice make the same body, so that what breaks can be sent again; most changes make another one."""
    bodies = [body for _, body in seeds(protocol)]
    twice = [[mutated(body, random.Random(i), bodies[:2]) for i, body in enumerate(bodies * 5)] for _ in range(2)]

    assert twice[0] == twice[1]
    assert max(map(len, twice[0])) <= BYTES_MAX
    assert sum(one != body for one, body in zip(twice[0], bodies * 5, strict=True)) > len(twice[0]) * 0.8
