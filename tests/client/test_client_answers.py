"""What a reply means, whoever wrote it."""

from email.utils import formatdate
from time import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.client.answers import RETRY_SECONDS_MAX, Upshot, outcome
from remit.client.limits import RECORD_BYTES_MAX, RECORDS_AT_ONCE, ClientLimits
from remit.client.post import PATH, HttpAnswer
from remit.client.records import INTEGER_MAX, KINDS, N_MAX, TEXT_CHARACTERS_MAX, Kind, Value
from remit.policy import values, words
from remit.wire import decoder, records


@given(
    st.integers(100, 599),
    st.dictionaries(st.sampled_from(["retry-after", "remit-needed", "remit-dropped"]), st.text()),
    st.binary() | st.sampled_from([b'{"taken":true}', b'{"taken":-1}', b'{"taken":1}', b"[[[", b'{"problem":["x"]}']),
)
def test_any_reply_has_a_meaning(status: int, headers: dict[str, str], body: bytes) -> None:
    """Nothing is raised; only remit's own 200 is a yes, and only three statuses end anything."""
    told = outcome(HttpAnswer(status, headers, body))

    assert (told.upshot is Upshot.TAKEN) == (status == 200 and body == b'{"taken":1}')
    assert told.upshot is Upshot.LATER or status in (200, 400, 401, 413)
    assert 0 <= told.wait_seconds <= RETRY_SECONDS_MAX


@pytest.mark.parametrize(
    ("said", "expected"),
    [("7", 7), ("99999999999999", RETRY_SECONDS_MAX), ("-1", 0), ("soon", 0), ("", 0), (formatdate(0), 0)],
)
def test_retry_after_is_read(said: str, expected: float) -> None:
    """Seconds or a date, at most a day."""
    assert expected == outcome(HttpAnswer(503, {"retry-after": said}, b"")).wait_seconds


def test_retry_after_may_be_a_date() -> None:
    """One in an hour is about an hour away."""
    wait = outcome(HttpAnswer(429, {"retry-after": formatdate(time() + 3600, usegmt=True)}, b"")).wait_seconds

    assert 1800 < wait <= 3600


def test_the_code_of_a_refusal_is_a_word_or_a_status() -> None:
    """Whatever somebody writes into a reply does not reach a log."""
    replies = {
        b'{"problem":"malformed"}': "malformed",
        b'{"problem":"ada@example.org"}': "status 400",
        b"": "status 400",
    }

    assert list(replies.values()) == [outcome(HttpAnswer(400, {}, body)).code for body in replies]


def test_the_client_knows_the_protocol() -> None:
    """It imports nothing of the server, and agrees with it on every word and number."""
    assert [kind.value for kind in words.Kind] == list(get_args(Kind))
    assert set(words.Kind) == KINDS
    assert words.Value == Value
    assert (records.PATH, records.WEIGHT_MAX, records.RECORDS_MAX) == (PATH, N_MAX, RECORDS_AT_ONCE)
    assert (values.TEXT_CHARACTERS_MAX, decoder.INTEGER_MAX) == (TEXT_CHARACTERS_MAX, INTEGER_MAX)
    assert decoder.JSON_BYTES_MAX >= 2 * RECORD_BYTES_MAX


@pytest.mark.parametrize(
    "limits",
    [
        {"bundle_records": 0},
        {"bundle_records": 5001},
        {"bundle_bytes": 2**20},
        {"buffer_bytes": 1000},
        {"wait_seconds_min": 9, "wait_seconds_max": 8},
        {"timeout_seconds": 0},
        {"bundle_seconds": -1},
    ],
)
def test_limits_that_cannot_be_kept_are_refused(limits: dict[str, float]) -> None:
    """A bundle that remit could not take, or a buffer without room for one, is a mistake of the program."""
    with pytest.raises(ValueError, match=r"_|time"):
        ClientLimits(**limits)  # type: ignore[arg-type]  # numbers, by their names
