"""How long a policy takes to check and to compile: ``python benchmarks/policy_check.py [FILE]``.

Three policies: the shipped example; one with every item, 40 purposes and 30 services; one with 2,000 items and 500
purposes. For each, seconds for reading, for the rules, for the policy as a whole (what `remit check` does after the
interpreter has started) and for the plans: the best of several rounds, since a machine is never faster than it is. With
FILE, the results are appended to it as lines of JSON.
"""

import json
import platform
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from remit.policy.catalogue import CATALOGUE
from remit.policy.checks import problems
from remit.policy.compile import compiled
from remit.policy.items import STORED
from remit.policy.model import Policy
from remit.policy.plan import plans
from remit.policy.read import read
from remit.policy.words import INTRINSIC, Period

EXAMPLE = Path(__file__).parents[1] / "examples" / "device-maker" / "remit.yaml"
ROUNDS = 15
COUNTED = [
    (key, period)
    for key, entry in CATALOGUE.items()
    if entry.rank is not None and key not in STORED  # to count by what is put on a device would read it
    for period in Period
]
"""Counts of which none tells what another hides: each by another item, or in another period."""


def frame() -> Iterator[str]:
    """What every policy begins with."""
    yield "version: 1"
    yield "controller: {name: Example, contact: privacy@example.org, country: NL}"
    yield "automated: none"


def purposes(count: int) -> Iterator[str]:
    """So many purposes."""
    yield "purposes:"
    for i in range(count):
        yield f"  purpose-{i}: {{says: to mend part {i} of what you bought, basis: contract, dpv: CustomerCare}}"


def apps() -> Iterator[str]:
    """One app with many people."""
    yield "apps:"
    yield "  app: {id: 1, key: demo, routes: [/], people: 1000000}"


def whole_catalogue() -> str:
    """Every item that there is, 40 purposes, 30 services with a fact each, and as many counts as may differ."""
    items = [item for item in CATALOGUE if item not in INTRINSIC]
    count, services = 40, 30
    shares = [items[i::count] + [key for key, _ in COUNTED[i::count]] for i in range(count)]
    lines = [*frame(), *purposes(count), "services:"]
    lines += [
        f"  service-{i}: {{says: use part {i}, needs: [{{item: {shares[i][0]}, for: purpose-{i}}}]}}"
        for i in range(services)
    ]
    lines += [*apps(), "collect:"]
    lines += [
        f"  - {{items: [{', '.join(share)}], from: you, for: purpose-{i}, keep: 1y}}"
        for i, share in enumerate(dict.fromkeys(["account.id", "os.name", *share]) for share in shares)
    ]
    lines.append("facts:")
    lines += [
        f"  fact_{i}: {{on: event, by: {{os: os.name | os_family, app: app.name}}, for: purpose-{i}}}"
        for i in range(services)
    ]
    lines.append("counts:")
    lines += [
        f"  count_{i}: {{of: {key}, every: {period}, by: [app.name], for: purpose-{i}}}"
        for i, (key, period) in enumerate(COUNTED)
    ]
    return "\n".join(lines) + "\n"


def very_large() -> str:
    """2,000 items of its own and 500 purposes: each purpose has a rule, and every item is collected for two of them."""
    items, count, services = 2000, 500, 30
    each = items // count
    lines = [*frame(), "items:"]
    lines += [
        f"  maker.item_{i}: {{title: item number {i}, label: not, category: device, sensitivity: ordinary,"
        " type: text, like: os.name}"
        for i in range(items)
    ]
    lines += [*purposes(count), "services:"]
    lines += [
        f"  service-{i}: {{says: use part {i}, needs: [{{item: maker.item_{i * each}, for: purpose-{i}}}]}}"
        for i in range(services)
    ]
    lines += [*apps(), "collect:"]
    for i in range(count):
        taken = ", ".join(f"maker.item_{(i * each + j) % items}" for j in range(2 * each))
        lines.append(f"  - {{items: [email, {taken}], from: you, for: purpose-{i}, keep: 1y}}")
    lines.append("facts:")
    lines += [
        f"  fact_{i}: {{on: event, by: {{os: maker.item_{i * each} | os_family, app: app.name}}, for: purpose-{i}}}"
        for i in range(count)
    ]
    return "\n".join(lines) + "\n"


POLICIES: dict[str, Callable[[], str]] = {
    "example": lambda: EXAMPLE.read_text(encoding="utf-8"),
    "catalogue": whole_catalogue,
    "very large": very_large,
}


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of the rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def measured(text: str) -> dict[str, float]:
    """Seconds by what is done with a policy."""
    whole = best(lambda: compiled(text, "remit.yaml"))  # first: nothing else is alive, as in a process that checks
    reading = best(lambda: read(text, "remit.yaml"))
    root, _ = read(text, "remit.yaml")
    found = compiled(text, "remit.yaml")
    assert root is not None
    assert isinstance(found, Policy), found[:5]
    return {
        "reading": reading,
        "rules": best(lambda: problems(root, "remit.yaml")),
        "as a whole": whole,
        "plans": best(lambda: plans(found)),
    }


def main() -> None:
    """Measure and print."""
    for name, written in POLICIES.items():
        seconds = measured(written())
        for what, took in seconds.items():
            sys.stdout.write(f"{name:<12}{what:<12}{took:9.4f} s\n")
        if len(sys.argv) > 1:
            line = {
                "at": datetime.now(UTC).date().isoformat(),
                "python": platform.python_version(),
                "machine": platform.machine(),
                "policy": name,
                "seconds": {what: round(took, 5) for what, took in seconds.items()},
            }
            with Path(sys.argv[1]).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
