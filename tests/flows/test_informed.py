"""L8 at the line: what waits in the journal is judged by every choice that was announced before it was read."""

import asyncio
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from house_rules import ROOT
from running import until

from remit.flows.counters import Counters
from remit.flows.entry import Entry, packed
from remit.house import LEDGER, Undelivered, _Informed, listening, open_divider, prepare, sockets
from remit.ports import Portion, Position
from remit.settings import Settings
from remit.stores.journal import Writer
from remit.stores.keyring import Keyring
from remit.stores.link import Server, Watchers, receive, send
from remit.stores.news import Listener
from remit.stores.world import SystemChance

SECONDS_MAX = 20.0
POLICY = (ROOT / "examples/device-maker/remit.yaml").read_text(encoding="utf-8")
TOLD = {**dict.fromkeys(("tag_key", "token_key", "journal"), bytes(32)), "text": POLICY, "choices": [], "covered": []}
"""What a keeper tells of whom nobody said anything."""
WAITING = [(Position(b"segment", 0), b"entry")]


class MemoryJournal:
    """One entry that waits."""

    def read(self, after: Mapping[bytes, int], most: Portion) -> list[tuple[Position, bytes]]:
        """All that waits and has room, after what is done."""
        return [one for one in WAITING if one[0].number >= after.get(one[0].segment, 0)][: most.entries]

    def discard(self, done: Mapping[bytes, int]) -> list[bytes]:
        """Those that are wholly done."""
        return [position.segment for position, _ in WAITING if done.get(position.segment, 0) > position.number]


class Deaf(Listener):
    """Hears the first that it is told, and the second only once somebody asks what is the latest."""

    def __init__(self, settings: Settings, *, asked: threading.Event, order: list[str]) -> None:
        self.asked, self.order = asked, order
        super().__init__(sockets(settings) / f"{LEDGER}.sock", order.append)

    def _hear(self, update: Mapping[str, Any]) -> None:
        if self.told is not None:
            self.asked.wait(SECONDS_MAX)
            self.order.append("heard")
        super()._hear(update)


def test_nobody_is_told_of_a_change_under_the_number_of_an_older_announcement() -> None:
    """Who begins to listen in the middle of a change waits for its number: else others would not know to catch up."""
    snapshot, ours, theirs = ["before"], *socket.socketpair()
    watchers = Watchers(lambda: snapshot)
    joining = threading.Thread(target=watchers.add, args=(theirs,))

    def change() -> None:
        snapshot[0] = "after"
        joining.start()
        joining.join(0.1)

    send(ours, True)
    watchers.announce(change)
    joining.join(SECONDS_MAX)
    assert [watchers.latest(), ["after"]] == receive(ours)
    ours.close()
    theirs.close()


def test_a_turn_that_cannot_learn_of_versions_says_whom_it_waits_for(tmp_path: Path) -> None:
    """The keeper may go between its last news and the turn: what was acknowledged waits, and the words say for what."""
    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys")
    prepare(settings)
    journal = Keyring(settings.keys, SystemChance()).journal_public()
    watchers = Watchers(lambda: {**TOLD, "journal": journal})
    door = Server(sockets(settings) / f"{LEDGER}.sock", {"latest": watchers.latest}, watchers)
    writer = Writer(settings.journal / "worker-1", journal, chance=SystemChance())
    entry = Entry(app="shop-web", version=1, received=0, batches=[], tally=[])
    asyncio.run(writer.append(packed(entry), 1))

    divider, close = open_divider(settings, listening(settings, print), Counters())
    with pytest.raises(Undelivered, match="the vault keeper does not tell of versions"):
        divider.turn()
    close()
    writer.close()
    door.close()


def test_nothing_is_handed_over_before_what_was_announced_is_heard(tmp_path: Path) -> None:
    """Reading asks for the latest announcement, and returns when it was heard, however late that is."""
    asked, order = threading.Event(), list[str]()
    watchers = Watchers(lambda: TOLD)

    def latest() -> int:
        asked.set()
        return watchers.latest()

    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys")
    door = Server(sockets(settings) / f"{LEDGER}.sock", {"latest": latest}, watchers)
    listener = Deaf(settings, asked=asked, order=order)
    listener.wait(SECONDS_MAX)
    before = watchers.latest()
    announcing = threading.Thread(target=watchers.announce)
    announcing.start()
    until(lambda: watchers.latest() > before)

    assert WAITING == _Informed(MemoryJournal(), listener).read({}, Portion(1, 1))
    order.append("read")
    announcing.join(SECONDS_MAX)
    until(lambda: "heard" in order)
    door.close()
    assert ["heard", "read"] == order
