"""remit's own protocol, as a script speaks it: with curl."""

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from running import SECONDS_MAX, House

POLICY = """
version: 1
controller: {name: Example Watches, contact: privacy@example.org, country: NL}
items:
  watch.battery:
    {title: charge, label: not, category: device, sensitivity: ordinary, type: measure, like: hardware.memory}
purposes:
  mend: {says: to repair the watch that you send in, basis: contract, dpv: RepairImpairments}
  learn: {says: to learn how long batteries last, basis: legitimate-interest, dpv: ServiceUsageAnalytics}
services:
  repair: {says: have a watch repaired, needs: [{item: device.serial, for: mend}]}
apps:
  watch: {id: 1, key: demo-watch, protocols: [remit], services: [repair], people: 20000}
collect:
  - {items: [account.id, device.serial, device.imei], from: device, for: mend, keep: 30d}
  - {items: [watch.battery], from: device, for: learn, keep: never}
facts:
  charge:
    on: event
    by: {app: app.name}
    measure: {percent: watch.battery}
    for: learn
    device_access: exempt
    exemption: the law of the land
automated: none
"""


@pytest.fixture(scope="module")
def watches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house of a maker of watches, who adds an item of their own."""
    folder = tmp_path_factory.mktemp("watches")
    policy = folder / "remit.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    house = House(folder, policy=policy).start()
    yield house
    house.stop()


def curl(house: House, body: str, *flags: str) -> tuple[int, Any]:
    """What curl is answered: the status, and the body."""
    address = f"{house.sdk}/remit/v1/records"
    done = subprocess.run(
        ["curl", "--silent", "--write-out", "\\n%{http_code}", "--data-binary", "@-", *flags, address],
        input=body, capture_output=True, text=True, check=True, timeout=SECONDS_MAX,
    )  # fmt: skip
    answer, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(answer)


def test_what_curl_sends_is_where_the_policy_says_and_nowhere_else(watches: House) -> None:
    """Items of the catalogue are kept, one of the policy's own is measured, and what nobody declared is not read."""
    items = {"account.id": "ada", "device.serial": "S-7", "device.imei": "490154203237518", "watch.colour": "red"}
    one = {"kind": "event", "id": "m-1", "n": 2, "items": items | {"watch.battery": 80}}
    body = json.dumps({"key": "demo-watch", "records": [one, {"kind": "strange"}]})

    assert (200, {"taken": 1, "unread": 1}) == curl(watches, body)
    assert (200, {"taken": 1, "unread": 1}) == curl(watches, body)  # a retry, under the same id

    kept = json.loads(watches.command("person", "--purpose", "mend", "--json", typed="ada"))
    assert {("account.id", "ada"), ("device.serial", "S-7"), ("device.imei", "490154203237518")} == {
        (row["item"], row["value"]) for row in kept
    }
    assert [{"n": 2}] == watches.facts("SELECT sum(n) AS n FROM charge")
    assert "watch.colour" not in watches.command("tally")


def test_lines_are_taken_with_the_key_in_the_head(watches: House) -> None:
    """NDJSON, with the key as a bearer token or in the query's place, compressed or not, is the same to remit."""
    lines = "".join(json.dumps({"kind": "event", "id": f"l-{n}", "items": {"watch.battery": n}}) + "\n" for n in (1, 2))

    assert (200, {"taken": 2, "unread": 0}) == curl(watches, lines, "--header", "Authorization: Bearer demo-watch")
    assert (401, "unknown_key") == told(curl(watches, lines, "--header", "Authorization: Bearer another"))
    assert (400, "malformed") == told(curl(watches, lines[:-9], "--header", "Authorization: Bearer demo-watch"))


def test_an_app_that_takes_no_other_protocol_is_sent_nothing_by_others(watches: House) -> None:
    """The key opens what the policy names, and nothing besides."""
    assert 401 == watches.post("/v1/page", {"writeKey": "demo-watch", "userId": "ada"}).status_code


def told(answer: tuple[int, Any]) -> tuple[int, str]:
    """The status, and the word for what is wrong."""
    return answer[0], answer[1]["problem"]
