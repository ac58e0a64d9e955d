"""A record of remit's own protocol says by its choice token what whose it is chose; nobody else's record does."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from wide import LEARN, keeping, planned, request

from remit.flows.trial import trial
from remit.policy.choice_tokens import ChoiceToken, day_of, minted
from remit.policy.words import Item, Reason
from remit.wire.records import PATH, UNREAD, Records

PLAN = planned([Item("account.id")])
RECORD = {"kind": "event", "items": {"account.id": "ada"}}
NOW = 1_764_000_000_000


def borne(*records: dict[str, Any]) -> Sequence[str | None] | None:
    """The tokens of a body's records, which are of one kind."""
    (batch,) = Records().decoder(PLAN)(request(PATH, {"key": "k", "records": records}), 0).batches
    return batch.choices


def test_each_record_has_its_own_or_none() -> None:
    """A body without any costs not even a column."""
    assert ["one", None, None, None, "two"] == borne(
        RECORD | {"choice": "one"},
        RECORD,
        RECORD | {"choice": None},
        RECORD | {"choice": ""},
        RECORD | {"choice": "two"},
    )
    assert borne(RECORD, RECORD) is None


@pytest.mark.parametrize("choice", [7, True, {"granted": ["ads"]}, ["remit-1"]])
def test_what_stands_for_a_token_and_is_none_is_no_silence(choice: object) -> None:
    """It is malformed, which refuses: a number, an object or a list leaves no room for a yes."""
    assert borne(RECORD | {"choice": choice}) in ([str(choice)], [UNREAD])


def test_a_trial_hears_a_no() -> None:
    """It has no key of a house, so a yes tells it nothing; a no needs none. The token's own path is the protocol's."""
    policy, day = keeping([Item("account.id")]), day_of(NOW)
    fates = []
    for said in ({"granted": (LEARN,)}, {"refused": (LEARN,)}):
        text = minted(ChoiceToken(version=1, day=day, app="shop", **said), b"k" * 32)
        body = json.dumps({"key": "k", "records": [RECORD | {"choice": text}]}).encode()
        lines = {line.path: line for line in trial(policy, "shop", body, received=NOW)}
        fates.append(lines["records[0].items.account\\.id"].reason)
        assert "protocol" == lines["records[0].choice"].reason

    assert [None, Reason.REFUSED] == fates
