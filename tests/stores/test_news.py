"""A worker's ear at the ledger: what it cannot take in is no consent, and no secret."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from house_rules import ROOT
from running import until

from remit.policy.choice_tokens import ChoiceToken, Flaw, HeardToken, minted
from remit.policy.choices import Said, tag
from remit.policy.compile import adopted
from remit.policy.model import Policy
from remit.policy.words import Item, PurposeKey
from remit.stores.link import Server, Watchers
from remit.stores.news import Listener

TEXT = (ROOT / "examples/device-maker/remit.yaml").read_text(encoding="utf-8")
KEY, ITEM, WHO = bytes(32), Item("account.id"), "u-1"
CONSENT, OBJECTION = PurposeKey("measure-ads"), PurposeKey("learn-usage")
SECONDS_MAX = 20.0


@dataclass
class Keeper:
    """A ledger that tells what it is given to tell: one consent, one objection, and a version."""

    folder: Path
    consent: str = "grant"
    version: int = 1
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watchers = Watchers(self._snapshot)
        path = self.folder / "ledger.sock"
        self.door = Server(path, {"adopted": lambda after: [self.text][after:]}, self.watchers)
        self.listener = Listener(path, self.said.append)
        assert self.listener.wait(SECONDS_MAX)

    @property
    def text(self) -> str:
        """That of the version in force."""
        return TEXT.replace("version: 1\n", f"version: {self.version}\n")

    def _snapshot(self) -> object:
        known = {"text": self.text, "tag_key": KEY, "journal": KEY, "token_key": KEY}
        choices = [(tag(KEY, ITEM, WHO), {CONSENT: self.consent, OBJECTION: "refuse"})]
        return {**known, "choices": choices, "covered": [(1, [CONSENT])]}

    def judged(self, policy: Policy) -> Said:
        """What a worker would count of the consent and the objection."""
        return self.listener.choices(policy).said(ITEM, WHO)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    one = Keeper(tmp_path)
    yield one
    one.door.close()


def test_who_cannot_take_in_the_news_counts_no_consent(keeper: Keeper) -> None:
    """An announcement that a worker trips over may have been a refusal: until it hears again, nobody consented."""
    policy = adopted(TEXT)
    bits = {key: 1 << i for i, key in enumerate(policy.purposes)}
    granted, refused = bits[CONSENT], bits[OBJECTION]
    assert Said(granted, refused) == keeper.judged(policy)

    keeper.consent = "ada@example.org"
    keeper.watchers.announce()
    until(lambda: keeper.listener.stale)
    assert Said(0, refused) == keeper.judged(policy)
    assert ["what the ledger tells cannot be taken in (ValueError); it is asked again"] == keeper.said

    keeper.consent = "refuse"
    until(lambda: not keeper.listener.stale)
    assert Said(0, granted | refused) == keeper.judged(policy)


def test_who_cannot_take_in_the_news_takes_no_tokens_word_for_a_yes(keeper: Keeper) -> None:
    """What was announced may have been that its bearer took it back: its no is heard, and its yes is not."""
    policy, day = adopted(TEXT), date(2026, 11, 27)
    token = ChoiceToken(version=1, day=day, app="shop-web", granted=(CONSENT,), refused=(OBJECTION,))
    bits = {key: 1 << i for i, key in enumerate(policy.purposes)}

    def heard() -> HeardToken:
        at = int(datetime(2026, 11, 28, tzinfo=UTC).timestamp()) * 1000
        return keeper.listener.verifier(policy).hear(minted(token, KEY), app="shop-web", received=at)

    assert HeardToken(bits[CONSENT], bits[OBJECTION], None) == heard()
    keeper.consent = "neither"
    keeper.watchers.announce()
    until(lambda: keeper.listener.stale)
    assert HeardToken(0, bits[OBJECTION], Flaw.STALE) == heard()


def test_a_version_is_gone_over_to_once_and_none_that_is_worked_by_already(keeper: Keeper) -> None:
    """Neither at the start nor with any of the choices that are announced under it."""
    gone_over = list[int]()
    keeper.listener.follow(lambda policy: gone_over.append(policy.version), adopted(TEXT))
    keeper.watchers.announce()
    assert [] == gone_over

    keeper.version = 2
    for _ in range(3):
        keeper.watchers.announce()
    keeper.listener.follow(lambda policy: gone_over.append(policy.version), adopted(keeper.text))
    assert [2] == gone_over


def test_a_version_that_cannot_be_gone_over_to_is_said_once_and_tried_again(keeper: Keeper) -> None:
    """By its kind and never in its words, however often it fails; once it no longer does, it is worked by."""
    tries, works_by = list[int](), list[int]()

    def go_over(policy: Policy) -> None:
        tries.append(policy.version)
        if len(tries) <= 3:
            raise OSError("ada@example.org")
        works_by.append(policy.version)

    keeper.listener.follow(go_over, adopted(TEXT))
    keeper.version = 2
    keeper.watchers.announce()
    until(lambda: len(keeper.said) == 2)

    assert [2, 2, 2, 2] == tries
    assert [2] == works_by
    assert ["cannot go over to version 2 (OSError); it is asked again", "what the ledger tells is heard again"] == (
        keeper.said
    )
