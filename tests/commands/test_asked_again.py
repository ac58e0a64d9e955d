"""A question whose answer was lost is asked again, and does nothing twice."""

import json
from uuid import uuid4

import keepers
from keepers import House

from remit.policy.words import Choice

house = keepers.house
WHO = "123e4567-e89b-42d3-a456-426614174000"


def test_a_choice_whose_answer_was_lost_overrides_nothing_that_was_said_since(house: House) -> None:
    """The keeper wrote a grant down and broke before it said so; before it is asked again, the person refuses."""
    choose, receipts = house.vault["choose"], list[str]()

    def breaks_once(receipt: str, *saying: object) -> object:
        receipts.append(receipt)
        chosen = choose(receipt, *saying)
        if len(receipts) == 1:
            choose(str(uuid4()), WHO, "measure-ads", "refuse", "", None)
            raise RuntimeError
        return chosen

    house.vault["choose"] = breaks_once
    status, told, _ = house.run("choose measure-ads grant --json", typed=WHO)

    first, again = receipts
    assert (0, first, first) == (status, again, json.loads(told)["receipt"]["id"])
    assert {Choice.REFUSE} == house.last_words("measure-ads")
