"""The divider's own store: how far it is, what it saw, who voted, and loads under way.

SQLite, because one transaction has to hold all of it: positions, repeats, votes and the outcome of a
load become true together, so a crash at any instruction repeats a load identically or not at all.
Loads are sealed; votes are keyed hashes whose key lies in the keys folder until the period closes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from remit.ports import Chance, Load
from remit.stores.repeats import SCHEMA as REPEATS
from remit.stores.repeats import SqliteRepeats
from remit.stores.sqlite import connect
from remit.stores.votes import EXACT_IDENTIFIERS_MAX, SqliteVotes, VoteKeys, destroy_keys_of_closed
from remit.stores.votes import SCHEMA as VOTES

HOUR_MS = 3_600_000
ID_BYTES = 16

_SCHEMA = """
create table if not exists position(segment blob primary key, done integer not null check(done > 0));
create table if not exists load(
  number integer primary key autoincrement, vault_id blob not null, facts_id blob not null,
  personal blob not null, factual blob not null);
"""


class SqliteTurn:
    """One transaction at the desk."""

    def __init__(self, desk: "SqliteDesk") -> None:
        self._desk, self._db, self._repeats = desk, desk.db, desk.repeats
        self._repeats.begin()
        self.votes = SqliteVotes(desk.db, desk.vote_keys, chance=desk.chance, exact_max=desk.exact_max)

    def unseen(self, hashes: Sequence[bytes], now: int) -> list[bool]:
        """Which message hashes are new; remembers them from this hour for 24 hours.

        The hour is that of the entry, and nothing is deleted here: entries of a backlog come in no order
        of time, and a later one must not make an earlier one's repeat new.
        """
        return self._repeats.unseen(hashes, now // HOUR_MS)

    def forget_repeats(self, now: int) -> None:
        """Delete the hashes that 24 hours have passed over."""
        self._repeats.forget(now // HOUR_MS)

    def reached(self, positions: Mapping[bytes, int]) -> None:
        """How many entries of each segment are done."""
        self._db.executemany("insert or replace into position values (?, ?)", list(positions.items()))

    def send(self, personal: bytes, factual: bytes) -> None:
        """Write the load down, sealed."""
        vault_id, facts_id = self._desk.token(), self._desk.token()
        self._db.execute(
            "insert into load(vault_id, facts_id, personal, factual) values (?, ?, ?, ?)",
            (vault_id, facts_id, self._desk.seal(personal, vault_id), self._desk.seal(factual, facts_id)),
        )


class SqliteDesk:
    """The desk in one SQLite file; ``key`` seals loads, ``vote_keys`` lives in the keys folder.

    A group of more than ``exact_max`` identifiers is counted by a sketch.
    """

    def __init__(
        self,
        path: Path,
        *,
        key: bytes,
        vote_keys: VoteKeys,
        chance: Chance,
        exact_max: int = EXACT_IDENTIFIERS_MAX,
    ) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.db = connect(path)
        self.db.executescript(_SCHEMA + REPEATS + VOTES)
        self.repeats = SqliteRepeats(self.db)
        self.vote_keys, self.chance, self.exact_max = vote_keys, chance, exact_max
        self._box = AESGCM(key)
        destroy_keys_of_closed(self.db, vote_keys)

    @contextmanager
    def turn(self) -> Iterator[SqliteTurn]:
        """One transaction: all of it or none of it. Keys of closed counts die after it, never before."""
        self.db.execute("begin immediate")
        try:
            turn = SqliteTurn(self)
            yield turn
            turn.votes.write()
            self.db.execute("commit")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("rollback")
            raise
        if turn.votes.closed:
            destroy_keys_of_closed(self.db, self.vote_keys)

    def positions(self) -> dict[bytes, int]:
        """How many entries of each known segment are done."""
        return {bytes(segment): done for segment, done in self.db.execute("select segment, done from position")}

    def loads(self) -> Iterator[Load]:
        """Loads not yet delivered, oldest first."""
        rows = self.db.execute("select number, vault_id, facts_id, personal, factual from load order by number")
        for number, vault_id, facts_id, personal, factual in rows.fetchall():
            yield Load(number, vault_id, facts_id, self._unseal(personal, vault_id), self._unseal(factual, facts_id))

    def delivered(self, number: int) -> None:
        """Forget a load that both stores took."""
        self.db.execute("delete from load where number = ?", (number,))

    def gone(self, segments: Sequence[bytes]) -> None:
        """Forget segments that were destroyed."""
        self.db.executemany("delete from position where segment = ?", [(segment,) for segment in segments])

    def token(self) -> bytes:
        """A random id that has nothing in common with any other."""
        return self.chance.token(ID_BYTES)

    def seal(self, text: bytes, bound: bytes) -> bytes:
        """AES-256-GCM with a random nonce, bound to the load's id."""
        nonce = self.chance.token(12)
        return nonce + self._box.encrypt(nonce, text, bound)

    def close(self) -> None:
        """Let go of the files."""
        self.db.close()
        self.vote_keys.close()

    def _unseal(self, sealed: bytes, bound: bytes) -> bytes:
        return self._box.decrypt(sealed[:12], sealed[12:], bound)
