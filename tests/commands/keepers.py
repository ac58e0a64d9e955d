"""A house of one process: the vault keeper's part of it, and of the facts keeper what it is asked for."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import said
from said import ROOT
from sqlalchemy import create_engine

from remit.house import FACTS, LEDGER, VAULT, VaultHouse, open_vault_house, sockets
from remit.policy.words import Choice, PurposeKey
from remit.processes.stopping import StopSignal
from remit.processes.supervisor import lock
from remit.settings import Settings
from remit.stores.ledger import SqlLedger
from remit.stores.link import Server

NARROW = ROOT / "tests/server/narrow.yaml"
FIRST = NARROW.read_text(encoding="utf-8")


@dataclass
class House:
    """The vault keeper's part of a house that runs, and of the facts keeper what it is asked for."""

    settings: Settings
    house: VaultHouse
    vault: dict[str, Callable[..., object]]
    """What its socket answers with: a test may put something in between."""

    def run(self, command: str, typed: str = "") -> tuple[int, str, str]:
        """A command's exit status, and what it said and complained."""
        return said.run(f"{command} --data {self.settings.data} --keys {self.settings.keys}", typed)

    def adopt(self, changes: dict[str, str], *flags: str) -> tuple[int, str]:
        """The exit status for the first version with these changes, and all that was said."""
        text = FIRST
        for before, after in changes.items():
            assert before in text
            text = text.replace(before, after)
        file = self.settings.data.parent / "next.yaml"
        file.write_text(text, encoding="utf-8", newline="\r\n")
        status, out, err = self.run(" ".join(["adopt", str(file), *flags]))
        return status, out + err

    def last_words(self, purpose: str) -> set[Choice]:
        """What was said last about a purpose, under each identifier."""
        engine = create_engine(f"sqlite:///{self.settings.personal / 'ledger.db'}")
        said = SqlLedger(engine).choices().values()
        engine.dispose()
        return {words[PurposeKey(purpose)].choice for words in said}

    @property
    def version(self) -> int:
        return self.house.policy.version


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys", policy=NARROW)
    with ExitStack() as stack:
        stack.enter_context(lock(settings, StopSignal(), lambda _words: None))
        vault = open_vault_house(settings, lambda _process, _sums: None)
        stack.callback(vault.close)
        methods = dict(vault.vault)
        doors = [
            Server(sockets(settings) / f"{VAULT}.sock", methods),
            Server(sockets(settings) / f"{LEDGER}.sock", vault.ledger, vault.watchers),
            Server(sockets(settings) / f"{FACTS}.sock", {"prepare": lambda _text: None}),
        ]
        for door in doors:
            stack.callback(door.close)
        yield House(settings, vault, methods)
