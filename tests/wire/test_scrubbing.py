"""What names somebody in the text of an error or a log line is gone before the record is judged."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sentry_relay.exceptions import RelayError
from wide import envelope, keeping, planned, request, spoken

from remit.flows.trial import trial
from remit.policy.columns import Batch
from remit.policy.words import Item, Kind, Value
from remit.wire import scrubbing
from remit.wire.scrubbing import TEXTS, scrubbed, texts

MESSAGE, LINE, EMAIL = Item("crash.message"), Item("log.line"), Item("email")
NAMED = {
    "an address": ("no account ada@example.org here", "no account [email] here"),
    "a card": ("card 4111 1111 1111 1111 was refused", "card [creditcard] was refused"),
    "an account at a bank": ("to NL91ABNA0417164300", "to [iban]"),
    "an address of the network": ("192.0.2.7 closed it", "[ip] closed it"),
    "a folder": ("/home/ada/notes.txt is missing", "/home/[user]/notes.txt is missing"),
    "a folder on Windows": ("C:\\Users\\ada\\notes.txt", "C:\\Users\\[user]\\notes.txt"),
    "a phone": ("call +31 20 555 0100 again", "call [phone] again"),
    "a phone without blanks": ("sms to +12025550100", "sms to [phone]"),
    "a device": ("unknown device 490154203237518", "unknown device [imei]"),
    "an interface": ("02:42:ac:11:00:02 is down", "[mac] is down"),
    "a token": ("Authorization: Bearer abc.def", "Authorization: Bearer [token]"),
    "two": ("ada@example.org and bob@example.org", "[email] and [email]"),
}
PLAIN = (
    "KeyError: 'total'",
    "at 12:30 +0200",
    "version 1.2.3 of 4",
    "",
    "line 40, column 2",
    "a\x00b",
    "\u00fc \U0001f600",
)


@pytest.mark.parametrize("name", NAMED)
def test_what_names_somebody_is_replaced_by_a_word_for_it(name: str) -> None:
    """Where it stood can still be read, and what else was said."""
    told, left = NAMED[name]

    assert [left] == texts([told])


@pytest.mark.parametrize("text", PLAIN)
def test_what_names_nobody_stays(text: str) -> None:
    """A text is as it was told, whatever stands beside it."""
    assert [text, "[email]", text] == texts([text, "ada@example.org", text])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60), max_size=5),
    st.sampled_from(sorted(NAMED)),
)
def test_no_text_hides_it_or_moves_another(around: list[str], name: str) -> None:
    """As many texts come back, each in its place, whatever they hold; and what was told among them is gone."""
    told, left = NAMED[name]

    found = texts([*around, told])

    assert (len(around) + 1, left) == (len(found), found[-1])
    assert found[:-1] == texts(around)


def test_only_texts_of_errors_and_logs_are_scrubbed() -> None:
    """What somebody is known by stays what it is, and so does what is no text."""
    columns: dict[Item, list[Value | None]] = {
        MESSAGE: ["ada@example.org", None, 7],
        LINE: ["", "192.0.2.1", None],
        EMAIL: ["ada@example.org"] * 3,
    }
    batch = scrubbed(Batch(kind=Kind.CRASH, size=3, columns=columns))

    assert {MESSAGE: ["[email]", None, 7], LINE: ["", "[ip]", None], EMAIL: ["ada@example.org"] * 3} == batch.columns
    assert {MESSAGE, LINE} == TEXTS


def test_what_cannot_be_scrubbed_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rules fail, the texts are of no type."""

    def fails(*_: object) -> None:
        raise RelayError("no more")  # type: ignore[no-untyped-call]  # Relay's errors have no types

    monkeypatch.setattr(scrubbing, "pii_strip_event", fails)

    assert ["", ""] == texts(["a", "b"])


def test_a_trial_shows_the_text_that_would_be_kept() -> None:
    """Before anything is sent, the policy's maker sees what is left of it."""
    policy = keeping([MESSAGE, Item("account.id")])
    crash = {"user": {"id": "u1"}, "exception": {"values": [{"type": "E", "value": "no ada@example.org"}]}}
    (kept,) = [line for line in trial(policy, "shop", envelope(("event", crash)), received=0) if line.item == MESSAGE]

    assert "as 'no [email]'" in kept.detail
    assert "kept" == kept.fate


def test_a_decoder_reads_what_was_told() -> None:
    """Scrubbing is one step, between reading and judging: every protocol goes through it."""
    body = json.dumps({"kind": "crash", "items": {"crash.message": "ada@example.org"}}).encode()
    (batch,) = spoken("/remit/v1/records").decoder(planned())(request("/remit/v1/records", body), 0).batches

    assert ["ada@example.org"] == list(batch.columns[MESSAGE])
    assert ["[email]"] == list(scrubbed(batch).columns[MESSAGE])
