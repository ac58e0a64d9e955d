"""`remit verify` of a real house: sound, and broken in each way that it has to see."""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from running import POLICY, REMIT, SECONDS_MAX, House

from remit.flows.load import pack_factual
from remit.house import FACTS, link
from remit.settings import Settings

DAY_MS = 86_400_000
SURE = ("--seed", "1", "--pairs", "60")


@pytest.fixture(name="own")
def _own(tmp_path: Path) -> Iterator[House]:
    """A house that was filled, and is stopped."""
    house = House(tmp_path).start()
    fill(house)
    house.stop()
    yield house
    house.stop()


def fill(house: House) -> None:
    """A person and a visit."""
    traits = {"email": "ada@example.org", "name": "Ada"}
    page = {"url": "https://shop.example/cart"}
    house.segment(
        [{"type": "identify", "userId": "u1", "traits": traits}, {"type": "page", "userId": "u1", "properties": page}]
    )


def verified(house: House, *flags: str) -> tuple[int, dict[str, Any]]:
    """The exit status, and what was found."""
    done = subprocess.run(
        [REMIT, "verify", "--json", *SURE, *house.folders(), *flags],
        capture_output=True, text=True, cwd=house.folder, check=False, timeout=SECONDS_MAX,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def against(found: dict[str, Any]) -> dict[str, list[str]]:
    """What speaks against what."""
    return {one["name"]: one["found"] for one in found["comparisons"] if not one["holds"]}


def engine(house: House, *statements: str) -> None:
    """Something done to the facts of a house that is stopped, past remit."""
    client = clickhouse_connect.get_client(interface="chdb", path=str(house.data / "facts"))
    for statement in statements:
        client.command(statement)
    client.close()


def add_block(house: House, *, version: int, rule: int, received: int, stays: int) -> None:
    """A block that lies in the vault past remit."""
    db = sqlite3.connect(house.data / "personal" / "vault.db", timeout=30)
    values = (received, 1, version, rule, received, received + stays, bytes(32))
    db.execute(
        "insert into block (id, subject, version, rule, received, expires, sealed) values (?,?,?,?,?,?,?)", values
    )
    db.commit()
    db.close()


def test_a_sound_house_holds_whether_it_runs_or_not(house: House) -> None:
    """All of it is compared, also with the policy that it was started with, and the status is 0."""
    fill(house)
    for flags in ((), ("--policy", str(POLICY))):
        status, found = verified(house, *flags)
        assert (0, {}, []) == (status, against(found), found["not_asked"])
    assert 13 == len(found["comparisons"])
    house.stop()
    assert (0, {}) == (verified(house)[0], against(verified(house)[1]))
    house.start()


def test_another_policy_than_the_one_that_runs_is_seen(house: House, tmp_path: Path) -> None:
    """Who compares a house with a text that it does not run learns which version it runs."""
    other = tmp_path / "remit.yaml"
    other.write_text(POLICY.read_text().replace("version: 1", "version: 2"))
    status, found = verified(house, "--policy", str(other))

    assert 1 == status
    assert ["adopted"] == list(against(found))
    assert "runs version 1" in against(found)["adopted"][0]


def test_a_use_that_nobody_declared_is_seen(house: House) -> None:
    """A row of the tally that no version of the policy could have made."""
    tally = [(0, "shop-web", "email", "sell-it", "kept", "", 3)]
    link(Settings(data=house.data, keys=house.keys), FACTS).call("take", b"past remit", pack_factual({}, [], tally))
    status, found = verified(house)

    assert 1 == status
    declared = against(found)
    assert ["shop-web used email for 'sell-it' 3 times, and no adopted version declares that"] == declared["declared"]


def test_blocks_that_should_be_gone_are_seen(own: House) -> None:
    """One whose time is over and that is still there, one that is meant to outstay its rule, one under no rule."""
    add_block(own, version=1, rule=7, received=1_000 * DAY_MS, stays=30 * DAY_MS)
    add_block(own, version=1, rule=2, received=1_001 * DAY_MS, stays=1_000_000 * DAY_MS)
    add_block(own, version=9, rule=0, received=1_002 * DAY_MS, stays=1_000_000 * DAY_MS)
    status, found = verified(own)
    seen = against(found)

    assert (1, {"time", "kept"}) == (status, set(seen))
    assert ["1 block under rule 0 of version 9, which no adopted version has"] == seen["kept"]
    assert ["are past their time", "are past their time", "are meant to stay longer"] == sorted(
        (says.rpartition(") ")[2].partition(":")[0] for says in seen["time"]), key=len
    )
    assert any("(net.ip)" in one and "30 days" in one for one in seen["time"])


def test_a_table_that_nobody_declared_is_seen(own: House) -> None:
    """What somebody adds to the store past remit has no sentence, and is not in the plan."""
    engine(own, "create table diary (day String, who String) engine = Log")
    status, found = verified(own)
    seen = against(found)

    assert (1, {"columns", "tables"}) == (status, set(seen))
    assert ["diary.day", "diary.who"] == [one.partition(" exists")[0] for one in seen["columns"]]
    assert ["diary exists, and the version in force has no such fact or count"] == seen["tables"]


def test_what_a_stopped_part_cannot_answer_does_not_hold(own: House) -> None:
    """A facts keeper that refuses to open its changed tables leaves nothing silent: every part of it fails."""
    engine(own, "alter table fact_page_visit add column address String")
    status, found = verified(own, "--policy", str(POLICY))
    seen = against(found)

    assert 1 == status
    assert {"divided", "adopted", "columns", "tables", "time", "kept", "declared"} == set(seen)
    assert all("could not start" in one for words in seen.values() for one in words)
    assert [] == found["not_asked"]
    assert "address; not page, app, hour, n, seconds" in own.command("verify", *SURE, ok=False)
