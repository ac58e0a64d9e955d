"""Where desks stand in these tests: in memory, and on SQLite with its keys apart."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import pytest

from remit.policy.grouping import Ballot
from remit.policy.split import Vote
from remit.policy.words import Item, Period
from remit.ports import Desk, Figure
from remit.proof.memory import MemoryDesk
from remit.stores.desk import SqliteDesk
from remit.stores.votes import EXACT_IDENTIFIERS_MAX, VoteKeys

HOUR = 3_600_000
ONE_SET = [(True,)]
COUNTS = {
    "active_users": Ballot((Period.DAY, Period.MONTH), ONE_SET),
    "visitors": Ballot((Period.DAY,), ONE_SET),
    "chained": Ballot((Period.DAY,), [(False, False), (True, False), (True, True)]),
}
K = 1
"""Every number is told, unless a test says otherwise."""
ACCOUNT = Item("account.id")


class Cut(Exception):
    """A crash in the middle."""


class FixedChance:
    """The same coins every time, so that an estimate is the same every time."""

    def __init__(self, seed: int = 0) -> None:
        self._seed, self._drawn = seed, 0

    def token(self, size: int) -> bytes:
        self._drawn += 1
        return blake2b(f"{self._seed}/{self._drawn}".encode(), digest_size=size).digest()

    def one_in(self, n: int) -> bool:
        return self.token(8)[0] % n == 0


def on_sqlite(folder: Path, *, exact_max: int = EXACT_IDENTIFIERS_MAX, seed: int = 0) -> SqliteDesk:
    """The desk of a folder, opened anew; its vote keys lie in ``keys``."""
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    chance = FixedChance(seed)
    keys = VoteKeys(folder / "keys" / "votes.db", chance)
    return SqliteDesk(folder / "desk" / "desk.db", key=b"k" * 32, vote_keys=keys, chance=chance, exact_max=exact_max)


@pytest.fixture(params=("memory", "sqlite"))
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """One of each."""
    if request.param == "memory":
        yield MemoryDesk()
        return
    desk = on_sqlite(tmp_path)
    yield desk
    desk.close()


def ms(moment: str) -> int:
    """A moment of UTC, in ms since 1970."""
    return round(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)


def vote(who: str, *, count: str = "active_users", group: str = "shop-web", item: Item = ACCOUNT) -> Vote:
    """One vote."""
    return Vote(count, (group,), item, who)


def cast(desk: Desk, votes: list[Vote], now: int, k: int = K) -> list[Figure]:
    """A turn of votes, and what it tells, in order."""
    with desk.turn() as turn:
        turn.votes.cast(votes, COUNTS, now)
        return sorted(turn.votes.figures(k), key=repr)


def close(desk: Desk, now: int, k: int = K) -> list[Figure]:
    """A turn that closes what is over, and what it tells of it."""
    with desk.turn() as turn:
        return sorted(turn.votes.close(now, k), key=repr)


def open_figures(desk: Desk, k: int = K) -> list[Figure]:
    """What would be told of all that is open, if it closed; nothing is changed by looking."""
    figures: list[Figure] = []
    with suppress(Cut), desk.turn() as turn:
        figures = sorted(turn.votes.close(ms("2999-01-01"), k), key=repr)
        raise Cut
    return figures
