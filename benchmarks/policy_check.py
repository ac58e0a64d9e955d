"""How long `remit check` takes on a policy of 2,000 items and 500 purposes: ``python benchmarks/policy_check.py``.

Prints seconds for reading, for the rules and for compiling the whole; the best of five, since a machine is never
faster than it is.
"""

import sys
import time
from collections.abc import Callable

from remit.policy.checks import problems
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.plan import plans
from remit.policy.read import read

ITEMS, PURPOSES, SERVICES, ROUNDS = 2000, 500, 30, 5
EACH = ITEMS // PURPOSES


def policy() -> str:
    """A sound policy of that size: each purpose has a rule, and every item is collected for two of them."""
    lines = ["version: 1", "controller: {name: Example, contact: privacy@example.org, country: NL}", "items:"]
    lines += [
        f"  maker.item_{i}: {{title: item number {i}, label: not, category: device, sensitivity: ordinary,"
        " type: text, like: os.name}"
        for i in range(ITEMS)
    ]
    lines.append("purposes:")
    lines += [
        f"  purpose-{i}: {{says: to mend part {i} of what you bought, basis: contract, dpv: CustomerCare}}"
        for i in range(PURPOSES)
    ]
    lines.append("services:")
    lines += [
        f"  service-{i}: {{says: use part {i}, needs: [{{item: maker.item_{i * EACH}, for: purpose-{i}}}]}}"
        for i in range(SERVICES)
    ]
    lines += ["apps:", "  app: {id: 1, key: demo, services: [service-0], routes: [/], people: 1000000}", "collect:"]
    for i in range(PURPOSES):
        items = ", ".join(f"maker.item_{(i * EACH + j) % ITEMS}" for j in range(2 * EACH))
        lines.append(f"  - {{items: [email, {items}], from: you, for: purpose-{i}, keep: 1y}}")
    lines.append("facts:")
    lines += [
        f"  fact_{i}: {{on: event, by: {{os: maker.item_{i * EACH} | os_family, app: app.name}}, for: purpose-{i}}}"
        for i in range(PURPOSES)
    ]
    return "\n".join(lines) + "\n"


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of the rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Measure and print."""
    text = policy()
    root, _ = read(text, "remit.yaml")
    found = compiled(text, "remit.yaml")
    assert root is not None
    assert isinstance(found, Policy), found[:5]
    for name, work in (
        ("reading", lambda: read(text, "remit.yaml")),
        ("rules", lambda: problems(root, "remit.yaml")),
        ("check as a whole", lambda: compiled(text, "remit.yaml")),
        ("plans", lambda: plans(found)),
    ):
        sys.stdout.write(f"{name:<18}{best(work):8.3f} s\n")


if __name__ == "__main__":
    main()
