"""Values as SDKs send them, in groups that no column can tell apart: each value has siblings on purpose."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence

from remit.policy.model import App, Policy
from remit.policy.reduce import REDUCTIONS, bucket
from remit.policy.regions import UNKNOWN, country_told, laws
from remit.policy.values import luhn
from remit.policy.words import Item, Value

TEXTS: tuple[Value, ...] = (
    "Android", "android", " ANDROID", "iOS", "iPhone OS", "Windows", "windows", "Mac OS X", "macOS",
    "1.2.3", "1.2.9", "v1.2", "12.0", "12.0.7+build", "en-GB", "en_US", "EN", "de", "de-AT",
    "wifi", "WIFI", " WiFi", "cellular", "Cellular", "exited", "crashed", "strange", "stranger",
    "KeyError", "shop.cart", "Ada Lovelace", "Bob of Example Street 7", "0123456789", "9876543210", "x y", "z\u00e9",
)  # fmt: skip
GOOD: Mapping[str, list[Value]] = {
    "text": ["Android", "1.2.3", "crashed", "pkg.module", "someone at example.org", "wifi"],
    "symbol": ["KeyError", "pkg.module", "someone at example.org", "Lovelace"],
    "code": ["0", 10, "warning", "order-7"],
    "identifier": ["u1", "u2", 17],
    "assigned": ["id.example.org|24601", "ID.example.org | 24601"],
    "email": ["a@example.org", "B@Example.org"],
    "phone": ["+4930901820", "+493012345678"],
    "ip": ["192.0.2.1", "2001:db8::1"],
    "url": ["https://shop.example/", "https://shop.example/product/7?email=a@example.org", "/cart"],
    "mac": ["00:00:5e:00:53:f1", "00005E0053F1"],
    "uuid": ["123e4567-e89b-42d3-a456-426614174000", "123E4567E89B42D3A456426614174000"],
    "oaid": ["123e4567-e89b-42d3-a456-426614174000", "0123456789abcdef"],
    "android_id": ["0123456789abcdef", "0123456789ABCDEF"],
    "imei": ["490154203237518", "49-015420-323751-8", 490154203237518],
    "imsi": ["001010123456789", 262011234567890],
    "country": ["NL", "us"],
    "locale": ["en-GB", "pt_BR", "zh-Hans-CN"],
    "timezone": ["UTC", "Europe/Amsterdam", "+05:30"],
    "time": ["2026-11-03T09:30:00Z", "2026-11-03T10:30:00+01:00", 1_764_000_000_000],
    "day": ["2026-11-03"],
    "http_method": ["GET", "post"],
    "http_status": [200, "404"],
    "measure": [0, 1, 2.5, 1000],
    "line": [7, 4096],
    "flag": [True, False],
    "clock": [1_764_000_000_000],
}
"""Well-formed values of each type, some of them two spellings of one."""
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
    "imei": lambda i: (f"49015420{i:06}" + luhn(f"49015420{i:06}"),),
    "imsi": lambda i: (f"00101{i:010}",),
}
"""Spellings of the i-th identifier of a type; up to a hundred are told apart."""

PERSONS = 40
"""How many identifiers of a kind a trace may name; a renaming moves them past these."""


def spellings(kind: str, who: int) -> tuple[Value, ...]:
    """Ways to write one person's identifier of a type; one of which no table here knows has two."""
    return IDENTIFIERS.get(kind, IDENTIFIERS["identifier"])(who)


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
        self._app, self._catalogue = app, policy.catalogue
        self._laws, self._region = laws(policy), policy.region
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
        if not self._catalogue[item].fits(value):
            return ("malformed",)
        reduced = [REDUCTIONS[name].of(value, self._app) for name in sorted(self._reductions.get(item, ()))]
        measured = [bucket(float(value))] if item in self._measured else []
        return (*reduced, *measured, *self._law(item, value))

    def _law(self, item: Item, value: Value) -> tuple[object, ...]:
        """What a value that tells the country says of the law: the verdict hangs on it, so it is an output."""
        if item not in self._region or not self._laws.abroad:
            return ()
        country = country_told(self._catalogue, (item,), {item: value})
        return country != UNKNOWN, self._laws.of(country).number

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
            for value in by_type(self._catalogue[item].type.name, self._app):
                found.setdefault(self.of(item, value), []).append(value)
            self._pools[item] = list(found.values())
        return self._pools[item]


def one_of(dice: random.Random, values: Sequence[Value]) -> Value:
    """A value drawn by lot."""
    return values[dice.randrange(len(values))]
