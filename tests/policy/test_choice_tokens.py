"""A choice token says yes only where everything is in order, says no always, and names nobody."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.policy.choice_tokens import (
    AHEAD_DAYS_MAX,
    HEARD_DAYS,
    REMEMBERED_MAX,
    TOKEN_CHARACTERS_MAX,
    ChoiceToken,
    Flaw,
    HeardToken,
    Verifier,
    borne,
    minted,
)
from remit.policy.columns import Batch
from remit.policy.words import Item, Kind, PurposeKey

KEY, OTHERS_KEY = b"k" * 32, b"o" * 32
SERVE, ADS, LEARN = (PurposeKey(key) for key in ("serve", "ads", "learn"))
BITS = {SERVE: 1, ADS: 2, LEARN: 4}
BY = Verifier(bits=BITS, covered={3: {ADS, LEARN}, 4: set(BITS)}, key=KEY)
TODAY = date(2026, 11, 27)
DAY_MS = 86_400_000
NOW = (TODAY - date(1970, 1, 1)).days * DAY_MS + DAY_MS // 2
SAID = ChoiceToken(version=4, day=TODAY, app="shop", granted=(ADS,), refused=(LEARN,))
WORDS = st.lists(st.sampled_from([*BITS, PurposeKey("gone")]), unique=True).map(tuple)


def hear(text: object, by: Verifier = BY) -> HeardToken:
    """What it says today to the app."""
    return by.hear(text, app="shop", received=NOW)


@given(WORDS, WORDS, st.integers(0, HEARD_DAYS))
def test_a_token_says_what_was_said(
    granted: tuple[PurposeKey, ...], refused: tuple[PurposeKey, ...], days: int
) -> None:
    """Of the purposes that there are, each is granted or refused as it stands there; the no wins where both do."""
    day = TODAY - timedelta(days=days)
    token = ChoiceToken(version=4, day=day, app="shop", granted=granted, refused=refused)

    no = sum(BITS[key] for key in refused if key in BITS)
    yes = sum(BITS[key] for key in granted if key in BITS and key not in refused)
    assert HeardToken(yes, no, None) == hear(minted(token, KEY))


@pytest.mark.parametrize(
    ("flaw", "changes"),
    [
        (Flaw.OTHER_APP, {"app": "shop-web"}),
        (Flaw.UNKNOWN_VERSION, {"version": 5}),
        (Flaw.EXPIRED, {"day": TODAY - timedelta(days=HEARD_DAYS + 1)}),
        (Flaw.EARLY, {"day": TODAY + timedelta(days=AHEAD_DAYS_MAX + 1)}),
    ],
)
def test_what_is_not_in_order_grants_nothing_and_refuses_all_the_same(flaw: Flaw, changes: dict[str, object]) -> None:
    """Whoever said no said it, wherever and however long ago; a yes is of an app, a version and half a year."""
    token = ChoiceToken(**{"version": 4, "day": TODAY, "app": "shop", "granted": (ADS,), "refused": (LEARN,)} | changes)  # type: ignore[arg-type]  # of several types

    assert HeardToken(0, BITS[LEARN], flaw) == hear(minted(token, KEY))


def test_the_first_and_the_last_day_of_a_yes_are_days_of_it() -> None:
    """It is heard from the day before its own, which clocks may still have, until the 180th after it."""
    days = (-HEARD_DAYS - 1, -HEARD_DAYS, AHEAD_DAYS_MAX, AHEAD_DAYS_MAX + 1)
    tokens = [ChoiceToken(version=4, day=TODAY + timedelta(days=n), app="shop", granted=(ADS,)) for n in days]

    assert [0, BITS[ADS], BITS[ADS], 0] == [hear(minted(one, KEY)).granted for one in tokens]
    assert tokens[1].heard_until == TODAY
    assert Flaw.EXPIRED == BY.hear(minted(tokens[1], KEY), app="shop", received=NOW + DAY_MS).flaw


def test_what_tokens_say_is_remembered_of_so_many() -> None:
    """Whoever sends ever new ones fills no memory, and is heard all the same."""
    by = Verifier(bits=BITS, covered=BY.covered, key=KEY)
    for number in range(REMEMBERED_MAX + 1):
        assert HeardToken(0, 1, Flaw.UNPROVEN) == hear(f"remit-1:{number}:2026-11-27:shop::serve:{'0' * 32}", by)

    assert len(by._known) <= REMEMBERED_MAX


@given(st.integers(0, len(minted(SAID, KEY)) - 1), st.characters(codec="ascii", exclude_categories=["Cc"]))
def test_what_was_changed_grants_nothing(at: int, put: str) -> None:
    """With any one character of it another, a token proves nothing."""
    text = minted(SAID, KEY)
    changed = text[:at] + put + text[at + 1 :]

    assert changed == text or hear(changed).granted == 0


def test_another_houses_word_and_no_houses_word_prove_nothing() -> None:
    """Whoever has no key of this house can say no with a token, and never yes."""
    nobody = Verifier(bits=BITS, covered=BY.covered, key=None)

    assert (
        HeardToken(0, BITS[LEARN], Flaw.UNPROVEN) == hear(minted(SAID, OTHERS_KEY)) == hear(minted(SAID, KEY), nobody)
    )


def test_a_yes_holds_as_far_as_a_consent_to_its_version_does() -> None:
    """Of what an earlier version was granted, only what still covers the one in force; the rest is counted as such."""
    token = ChoiceToken(version=3, day=TODAY, app="shop", granted=(SERVE, ADS), refused=(LEARN,))

    assert HeardToken(BITS[ADS], BITS[LEARN], Flaw.OUTGROWN) == hear(minted(token, KEY))


@pytest.mark.parametrize(
    "text",
    [
        "undefined",
        minted(SAID, KEY)[:-1],
        minted(SAID, KEY) + " ",
        minted(SAID, KEY).replace("remit-1", "remit-2"),
        minted(SAID, KEY).replace("2026-11-27", "2026-02-30"),
        minted(SAID, KEY).replace("2026-11-27", "20261127"),
        f"{minted(SAID, KEY)}, {minted(SAID, KEY)}",
        "remit-1:4:2026-11-27:shop:" + "+".join(["ads"] * TOKEN_CHARACTERS_MAX) + ":" + minted(SAID, KEY)[-33:],
        7,
    ],
)
def test_what_cannot_be_read_refuses_all(text: object) -> None:
    """It is there because somebody was asked, and what they said is not known."""
    assert HeardToken(0, sum(BITS.values()), Flaw.MALFORMED) == hear(text)


def test_each_record_is_told_of_by_its_own_token_and_no_text_goes_on() -> None:
    """Beside what else is known of them; a record without one is as before."""
    texts = [minted(SAID, KEY), None, "undefined", minted(SAID, KEY)]
    batch = Batch(
        kind=Kind.EVENT,
        size=4,
        columns={Item("account.id"): ["a", "b", "c", "d"]},
        signals=[1, 1, 0, 0],
        granted=[0, 1, 1, 0],
        choices=texts,
    )
    told, tokens = borne(batch, BY, app="shop", received=NOW)

    assert [[5, 1, 7, 4], [2, 1, 1, 2], None] == [told.signals, told.granted, told.choices]
    assert Counter({None: 2, Flaw.MALFORMED: 1}) == tokens
