"""Values as SDKs send them, in groups that no column can tell apart: each value has siblings on purpose."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from generated import GOOD, ITEMS

from remit.policy.model import App, Policy
from remit.policy.reduce import REDUCTIONS, bucket
from remit.policy.words import Item, Value

TEXTS: tuple[Value, ...] = (
    "Android", "android", " ANDROID", "iOS", "iPhone OS", "Windows", "windows", "Mac OS X", "macOS",
    "1.2.3", "1.2.9", "v1.2", "12.0", "12.0.7+build", "en-GB", "en_US", "EN", "de", "de-AT",
    "wifi", "WIFI", " WiFi", "cellular", "Cellular", "exited", "crashed", "strange", "stranger",
    "KeyError", "shop.cart", "Ada Lovelace", "Bob of Example Street 7", "0123456789", "9876543210", "x y", "z\u00e9",
)  # fmt: skip
MALFORMED: tuple[Value, ...] = ("", "y" * 3000, "who-1" + " " * 3000)
IDENTIFIERS: Mapping[str, Callable[[int], tuple[Value, ...]]] = {
    "identifier": lambda i: (f"who-{i}", f" who-{i}"),
    "email": lambda i: (f"who{i}@example.org", f"Who{i}@Example.org"),
    "phone": lambda i: (f"+1202555{100 + i % 100:04}", f"+1 (202) 555-{100 + i % 100:04}"),
    "uuid": lambda i: (f"00000000-0000-4000-8000-{i + 1:012x}", f"00000000000040008000{i + 1:012X}"),
    "oaid": lambda i: (f"00000000-0000-4000-9000-{i + 1:012x}", f"00000000000040009000{i + 1:012X}"),
    "android_id": lambda i: (f"{i + 1:016x}", f"{i + 1:016X}"),
    "assigned": lambda i: (f"id.example.org|who-{i}", f"ID.example.org | who-{i}"),
    "mac": lambda i: (f"00:00:5e:00:53:{i % 256:02x}", f"00005E0053{i % 256:02X}"),
    "imei": lambda i: (with_luhn(f"49015420{i:06}"),),
    "imsi": lambda i: (f"00101{i:010}",),
}
"""Spellings of the i-th identifier of a type; up to a hundred are told apart."""

PERSONS = 40
"""How many identifiers of a kind a trace may name; a renaming moves them past these."""


def with_luhn(digits: str) -> str:
    """Fourteen digits and the one that makes them an IMEI."""
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(digits)]
    return digits + str(-sum(d // 10 + d % 10 for d in doubled) % 10)


def spellings(item: Item, who: int) -> tuple[Value, ...]:
    """Ways to write the identifier of one person for one item; a type of which no table here knows has two."""
    write = IDENTIFIERS.get(ITEMS[item].type.name, IDENTIFIERS["identifier"])
    return write(who)


def pages(app: App) -> Iterator[Value]:
    """Addresses on each declared route and on none, with and without what must not be seen."""
    for route in (*app.routes, "/nowhere", "/of/nobody"):
        for name in ("7", "ada@example.org"):
            path = route.replace("*", name)
            yield path
            yield f"https://shop.example{path}?coupon={name}#{name}"


def by_type(kind: str, app: App) -> Sequence[Value]:
    """Values of a type, well-formed and not."""
    match kind:
        case "url":
            return [*pages(app), *MALFORMED]
        case "measure":
            return [m for x in (0.5, 3, 47, 1000, 86_000) for m in (x, x * 1.004, x * 1.007)] + [-1, -2, 1e12, 1e13]
        case "flag":
            return [True, False, "yes", "no", 1]
        case "ip":
            return [f"192.0.2.{n}" for n in range(1, 9)] + ["2001:db8::1", "2001:db8::2", "nowhere", "no where"]
        case _:
            return [*TEXTS, *MALFORMED, *GOOD[kind]]


class Sight:
    """All that columns, histograms and checks of a policy can tell of one value of an item."""

    def __init__(self, policy: Policy, app: App) -> None:
        self._app = app
        columns = [column for fact in policy.facts.values() for column in fact.dimensions]
        columns += [column for count in policy.counts.values() for column in count.dimensions]
        self._reductions: dict[Item, set[str]] = {}
        for column in columns:
            if column.reduction is not None:
                self._reductions.setdefault(column.item, set()).add(column.reduction)
        self._measured = {one.item for fact in policy.facts.values() for one in fact.measures}
        self._pools: dict[Item, list[list[Value]]] = {}

    def of(self, item: Item, value: Value) -> tuple[object, ...]:
        """Equal for two values that must not be told apart outside the vault."""
        if not ITEMS[item].fits(value):
            return ("malformed",)
        reduced = [REDUCTIONS[name].of(value, self._app) for name in sorted(self._reductions.get(item, ()))]
        return (*reduced, *([bucket(float(value))] if item in self._measured else []))

    def drawn(self, dice: random.Random, item: Item, *, is_varied: bool) -> tuple[Value, list[Value]]:
        """A value, and others of the pool that look the same: some, where it is to be varied and that can be."""
        groups = self._groups(item)
        several = [group for group in groups if len(group) > 1]
        group = dice.choice(several if is_varied and several else groups)
        value = one_of(dice, group)
        return value, [other for other in group if repr(other) != repr(value)]

    def _groups(self, item: Item) -> list[list[Value]]:
        if item not in self._pools:
            found: dict[tuple[object, ...], list[Value]] = {}
            for value in by_type(ITEMS[item].type.name, self._app):
                found.setdefault(self.of(item, value), []).append(value)
            self._pools[item] = list(found.values())
        return self._pools[item]


def one_of(dice: random.Random, values: Sequence[Value]) -> Value:
    """A value drawn by lot."""
    return values[dice.randrange(len(values))]
