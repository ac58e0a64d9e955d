"""A version comes into force in a running house: nothing is refused, lost or doubled, and nothing gets wider.

The tests of this module share one house, through which one version after another goes.
"""

import json
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import NARROW, REMIT, House, remit, stopped, until
from terminal import Shell

from remit.cli.asking import patiently
from remit.house import DIVIDER, FACTS, VAULT
from remit.settings import Settings
from remit.stores.link import Declined

pytestmark = pytest.mark.server
BATCH = 5
FIRST = NARROW.read_text(encoding="utf-8")
CHANGES = {
    "page: page.url | route, app: app.name, hour": "page: page.url | route, release: app.version | major_minor, hour",
    "every: [day, month]": "every: [day]",
    "  - {items: [net.ip], from: log, for: prevent-fraud, keep: 30d}\n": "",
    "  session:\n    by:": "  sittings:\n    on: [session]\n    by:",
}
OTHER = FIRST
for before, after in CHANGES.items():
    assert before in OTHER
    OTHER = OTHER.replace(before, after)


class Crowd:
    """Sends pages of numbered people, each batch until it is acknowledged, and notes every answer that is no yes."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.name, self.sent, self.refused = house, name, 0, list[object]()
        self._over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._over.is_set():
                with self._lock:
                    first, self.sent = self.sent, self.sent + BATCH
                while (status := self._answer(client, first)) != httpx.codes.OK:
                    self.refused += [status] if status else []
                    self._over.wait(0.05)

    def _answer(self, client: httpx.Client, first: int) -> int:
        """The status; 0 where a worker died that had the request."""
        try:
            return client.post(f"{self.house.sdk}/v1/batch", json=self._batch(first)).status_code
        except httpx.HTTPError:
            return 0

    def _batch(self, first: int) -> dict[str, Any]:
        names = [f"{self.name}{n}" for n in range(first, first + BATCH)]
        pages = [{"type": "page", "userId": one, "messageId": one, "properties": {"url": "/cart"}} for one in names]
        return {"batch": pages, "writeKey": "demo-android"}

    def more(self, n: int) -> None:
        """Returns when so many more were sent."""
        target = self.sent + n
        until(lambda: self.sent >= target)

    def stop(self) -> int:
        """Returns how many were acknowledged."""
        self._over.set()
        for thread in self._threads:
            thread.join()
        return self.sent


class Adopting(House):
    """A house through which versions go; ``sent`` is how many people were acknowledged in all."""

    sent = 0

    def write(self, version: int) -> Path:
        """The file says a version: odd ones what the first says, even ones the other."""
        text = FIRST if version % 2 else OTHER
        self.policy.write_text(text.replace("version: 1\n", f"version: {version}\n"), encoding="utf-8")
        return self.policy

    def versions(self) -> list[int]:
        """What the ledger holds."""
        with closing(sqlite3.connect(f"file:{self.data / 'personal' / 'ledger.db'}?mode=ro", uri=True)) as db:
            return [row[0] for row in db.execute("select version from adoption order by version")]

    def send(self, *names: str) -> None:
        """A page of each."""
        assert httpx.codes.OK == self.segment([{"type": "page", "userId": name} for name in names]).status_code
        self.sent += len(names)

    def adopting(self, version: int) -> "subprocess.Popen[str]":
        """The command, under way: what it would change is told, and from now on it happens."""
        command = [str(REMIT), "adopt", str(self.write(version)), "--yes", *self.folders()]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder)
        assert run.stdout is not None
        assert run.stdout.readline()
        return run

    def check_all_is_there(self) -> None:
        """Facts, counts and tally of all versions together have each acknowledged page once."""
        assert [[self.sent]] == self.ask(FACTS, "ask", "SELECT sum(n) AS n FROM page_visit")["rows"]
        ends = self.ask(FACTS, "tally")["rows"]
        assert self.sent == sum(n for _, item, _, fate, _, n in ends if (item, fate) == ("account.id", "kept"))

    def check_everybody_works_by(self, version: int) -> None:
        """Every worker collects by it, the divider divides by it, and questions are about what it has."""
        before = self.released()
        for n in range(8):
            page = {"type": "page", "userId": f"v{version}-{n}", "context": {"app": {"version": "3.1.4"}}}
            assert httpx.codes.OK == self.segment([page]).status_code
        self.sent += 8
        odd = version % 2
        assert [1, odd] == [
            len(self.ask(VAULT, "person", f"v{version}-1", purpose)["found"])
            for purpose in ("run-account", "prevent-fraud")
        ]
        assert before + 8 * (1 - odd) == self.released()
        with pytest.raises(Declined, match="S022"):
            self.ask(FACTS, "ask", f"SELECT n FROM {'sittings' if odd else 'session'}")

    def released(self) -> int:
        """How many visits have a release, as far as the version in force tells."""
        if self.versions()[-1] % 2:
            return 0
        return int(self.ask(FACTS, "ask", "SELECT sum(n) AS n FROM page_visit WHERE release = '3.1'")["rows"][0][0])

    def ask(self, process: str, *question: object) -> Any:
        """What a command would be answered, once all that was acknowledged is divided."""
        settings = Settings(data=self.data, keys=self.keys)
        patiently(settings, DIVIDER, "drain")
        return patiently(settings, process, *question)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adopting]:
    folder = tmp_path_factory.mktemp("adopting")
    house = Adopting(folder, policy=folder / "remit.yaml", workers=2)
    house.write(1)
    house.start()
    yield house
    house.stop()


def test_a_person_is_asked_and_a_no_changes_nothing(house: Adopting) -> None:
    """On a terminal the command tells what changes and asks; the answer no ends it with 1."""
    shell = Shell(house.folder)
    folders = " ".join(house.folders())
    status, told = shell.type(f"{REMIT} adopt {house.write(2)} {folders}", "n", asked="[y/N]: ")
    shell.close()

    assert (1, [1]) == (status, house.versions())
    assert "Stops" in told
    assert "Adopt version 2 in the place of 1" in told


def test_a_version_is_adopted_under_load(house: Adopting) -> None:
    """Every request is answered with yes, every record is there once, and new records are judged by the new version.

    What was collected before stays, and is read as before; `remit verify` finds nothing amiss in between.
    """
    house.send("ada")
    assert ["net.ip"] == [found["item"] for found in house.ask(VAULT, "person", "ada", "prevent-fraud")["found"]]
    crowd = Crowd(house, "a")
    crowd.more(50)
    assert "version 2 is in force" in house.command("adopt", str(house.write(2)), "--yes")
    crowd.more(100)
    house.sent += crowd.stop()

    assert [] == crowd.refused
    house.check_everybody_works_by(2)
    house.check_all_is_there()
    assert ["net.ip"] == [found["item"] for found in house.ask(VAULT, "person", "ada", "prevent-fraud")["found"]]
    verified = json.loads(house.command("verify", "--pairs", "60", "--seed", "1", "--json"))
    assert [] == [one for one in verified["comparisons"] if not one["holds"]]


def check_it_completes(house: Adopting, victim: str) -> None:
    """Whoever is killed at the moment of the row, under load: all is as if nobody had been."""
    crowd, version = Crowd(house, f"{victim}"), house.versions()[-1] + 1
    crowd.more(50)
    command = house.adopting(version)
    until(lambda: house.versions()[-1] == version)
    if victim == "all":
        house.kill_all()
        house.start()
    else:
        house.children()[victim].kill()
    said, _ = command.communicate(timeout=60)
    crowd.more(50)
    house.sent += crowd.stop()

    assert (0, f"version {version} is in force") == (command.returncode, said.splitlines()[-1])
    assert [] == crowd.refused
    house.check_everybody_works_by(version)
    house.check_all_is_there()


def test_from_the_row_on_it_completes_when_all_are_killed(house: Adopting) -> None:
    """The version is in force for everybody at the next start, and no record is lost or doubled."""
    check_it_completes(house, "all")


@pytest.mark.soak
@pytest.mark.parametrize("victim", ["vault_keeper", "facts_keeper", "divider", "intake"])
def test_from_the_row_on_it_completes_whoever_is_killed(house: Adopting, victim: str) -> None:
    """One process that dies at that moment holds up nobody, and goes over when it starts again."""
    check_it_completes(house, victim)


@pytest.mark.soak
def test_killed_before_the_row_nothing_has_happened(house: Adopting) -> None:
    """While what it needs besides is made, the version before is in force; the next attempt adopts."""
    house.send("before")
    *_, version = house.versions()
    with stopped(house.children()["facts_keeper"]):
        command = house.adopting(version + 1)
        house.kill_all()
    command.kill()
    command.communicate()
    house.write(version)
    house.start()
    assert version == house.versions()[-1]

    house.command("adopt", str(house.write(version + 1)), "--yes")
    house.check_everybody_works_by(version + 1)
    house.check_all_is_there()


def test_a_changed_file_is_not_run_by_accident(house: Adopting) -> None:
    """`remit up` refuses it with the command to type, which works where remit does not run.

    What lay in the journal under the version before is divided all the same, and then remit starts.
    """
    with stopped(house.children()["divider"]):
        house.send("late", "later")
        house.kill_all()
    version = house.versions()[-1] + 1
    house.write(version)
    told = remit("up", *house.arguments(), ok=False)
    (command,) = (line.split()[1:] for line in told.splitlines() if line.startswith("  remit adopt"))

    assert f"version {version} is in force" in remit(*command, "--yes")
    house.start()
    assert version == house.versions()[-1]
    house.check_all_is_there()


@pytest.mark.soak
def test_in_development_the_start_adopts(house: Adopting) -> None:
    """With --adopt, what lies in the journal under the version before is divided all the same."""
    with stopped(house.children()["divider"]):
        house.send("dev", "devon")
        house.kill_all()
    version = house.versions()[-1] + 1
    house.write(version)
    house.flags = ["--adopt"]
    house.start()

    assert version == house.versions()[-1]
    house.check_all_is_there()
