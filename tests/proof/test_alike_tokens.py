"""A choice token names nobody: beside alike traces the same one changes nothing, and another one makes them unlike."""

import json
import random
from dataclasses import replace

import msgspec
import pytest
from test_apart import example

from remit.policy.choice_tokens import ChoiceToken, day_of, minted
from remit.proof.pairs import Pair, Weaver
from remit.proof.prover import Prover
from remit.proof.small import TOKEN_KEY
from remit.proof.trace import START, Sent, Step
from remit.wire.records import PATH
from remit.wire.signals import CHOICE

POLICY = example()
PAIRS = 12


def tokens(app: str, seed: int) -> list[str]:
    """What those who send through an app may bear: a yes and a no, by lot, and what cannot be read."""
    dice, keys = random.Random(seed), list(POLICY.purposes)
    made = [
        ChoiceToken(
            version=POLICY.version,
            day=day_of(START),
            app=app,
            granted=tuple(dice.sample(keys, 5)),
            refused=tuple(dice.sample(keys, 2)),
        )
        for _ in range(2)
    ]
    return [*(minted(one, TOKEN_KEY) for one in made), "undefined"]


def bearing(steps: list[Step], seed: int) -> list[Step]:
    """The same trace, in which every other request bears a token."""
    found: list[Step] = []
    for number, step in enumerate(steps):
        if isinstance(step, Sent) and number % 2:
            token = tokens(step.app, seed)[number // 2 % 3]
            request = msgspec.structs.replace(step.request, headers={**step.request.headers, CHOICE: token})
            found.append(replace(step, request=request))
        else:
            found.append(step)
    return found


@pytest.mark.parametrize("seed", range(1, PAIRS))
def test_alike_traces_with_the_same_tokens_leave_the_same_bytes_outside(seed: int) -> None:
    """Whatever the tokens grant and refuse: nothing that gets outside tells who bore them."""
    prover = Prover(POLICY)
    woven = prover.weaver.pair(seed)
    pair = replace(woven, left=bearing(woven.left, seed), right=bearing(woven.right, seed))

    assert [] == prover.weaver.unlike(pair)
    assert not prover.differences(pair, seed)
    assert prover.outside(pair.left, seed).sums != prover.outside(woven.left, seed).sums


def test_who_bears_another_token_is_not_alike() -> None:
    """In the head of a request, or beside a record of remit's own."""
    weaver = Weaver(POLICY)
    woven = weaver.pair(1)
    assert ["another choice token"] * sum(isinstance(step, Sent) for step in woven.left[1::2]) == [
        *weaver.unlike(replace(woven, right=bearing(woven.right, 1)))
    ]

    one = next(step for step in woven.left if isinstance(step, Sent))
    sides: list[list[Step]] = []
    for text in ("yes", "no"):
        body = json.dumps({"kind": "event", "id": "m", "items": {}, "choice": text}).encode()
        headers = {"authorization": "Bearer demo-android"}
        request = msgspec.structs.replace(one.request, path=PATH, body=body, headers=headers)
        sides.append([replace(one, request=request)])
    assert ["another choice token"] == weaver.unlike(Pair(sides[0], sides[1], woven.varied))
