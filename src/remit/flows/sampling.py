"""What SDKs send, whatever the plan needs of it: estimated from a few bodies, path by path, without any value.

Of one body in n, y leaves at a path count as n * y, which is right on average; the sum of y * y * (n * n - n) is the
variance of such a sum (Horvitz and Thompson, 1952).
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from remit.flows.load import SentRow
from remit.policy.plan import Plan
from remit.policy.reduce import is_symbol
from remit.ports import Chance
from remit.wire.protocol import Protocol
from remit.wire.request import Request
from remit.wire.sampled import UNSEEN
from remit.wire.sdks import Sdk, published, release, sdk

RATES = ((1_000, 16), (4_000, 128))
"""Of the first so many bodies that a worker takes in a minute one in so many is looked at: what an SDK sends shows at
once. To walk all of a body costs as much as to take ten, so that under load few are worth it."""
BUSY_ONE_IN = 1_024
NAMED_AFTER_BATCHES = 50
CANDIDATES_MAX = 10_000
OTHER, NEEDED, UNDECLARED = "(other)", "needed", "undeclared"


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One sampled body: by what it was sent, and how many leaves stood at each path, needed or not."""

    protocol: str
    sdk: str
    version: str
    one_in: int
    needed: dict[str, int]
    undeclared: dict[str, int]


class Sampler:
    """Looks at one body in so many."""

    def __init__(self, chance: Chance) -> None:
        self._chance, self._names = chance, Names(chance)
        self._minute = self._bodies = 0

    def of(self, protocol: Protocol, request: Request, plan: Plan, *, received: int) -> Sample | None:
        """What stands in a body that was decoded, if the lot falls on it. ``received`` is in ms since 1970."""
        one_in = self._one_in(received // 60_000)
        if not self._chance.one_in(one_in):
            return None
        leaves = protocol.sampled(request, plan)
        agent = request.headers.get("user-agent", "")
        name, version = self._sender(sdk(protocol.name, leaves, agent))
        return Sample(
            protocol=protocol.name,
            sdk=name,
            version=version,
            one_in=one_in,
            needed=dict(Counter([leaf.path for leaf in leaves if leaf.is_needed])),
            undeclared=self._named([leaf.path for leaf in leaves if not leaf.is_needed], protocol.PUBLISHED),
        )

    def _one_in(self, minute: int) -> int:
        """Of how many bodies one is looked at now: a matter of how many came, whatever stands in them."""
        if minute != self._minute:
            self._minute, self._bodies = minute, 0
        self._bodies += 1
        return next((one_in for most, one_in in RATES if self._bodies <= most), BUSY_ONE_IN)

    def _named(self, paths: Iterable[str], known: frozenset[str]) -> dict[str, int]:
        found: Counter[str] = Counter()
        for path, n in Counter(paths).items():
            found[path if path in known or path == UNSEEN else self._names.field(path)] += n
        return dict(found)

    def _sender(self, said: Sdk) -> tuple[str, str]:
        name = published(said.name) or (said.name and self._names.field(said.name))
        version = release(said.version)
        return name, version and (version if self._names.are_borne(f"{name} {version}") else OTHER)


class Names:
    """Lets a word out only when 50 bodies bore it, and it reads like a name in a program.

    What one body invented may be somebody's name, so candidates exist as keyed hashes, in memory. Who sends bodies
    enough could make any word a path: what may be an address, a number or a key stays ``(other)``.
    """

    def __init__(self, chance: Chance) -> None:
        self._key = chance.token(32)
        self._bodies: Counter[bytes] = Counter()

    def field(self, word: str) -> str:
        """The word, or ``(other)``."""
        return word if self.are_borne(word) and is_symbol(word) else OTHER

    def are_borne(self, words: str) -> bool:
        """Whether so many bodies bore them, with this one."""
        key = blake2b(words.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()
        if key in self._bodies or len(self._bodies) < CANDIDATES_MAX:
            self._bodies[key] += 1
        return self._bodies[key] >= NAMED_AFTER_BATCHES


Field = tuple[int, str, str, str, str, str, str]
"""Day (epoch seconds), app, protocol, SDK, version, path, and ``needed`` or ``undeclared``."""


class FieldSums:
    """What samples come to, field by field."""

    def __init__(self) -> None:
        self._n: Counter[Field] = Counter()
        self._variance: Counter[Field] = Counter()

    def add(self, day: int, app: str, samples: Iterable[Sample]) -> None:
        """Some of a day, of one app."""
        for one in samples:
            for need, paths in ((NEEDED, one.needed), (UNDECLARED, one.undeclared)):
                for path, n in paths.items():
                    field = day, app, one.protocol, one.sdk, one.version, path, need
                    self._n[field] += one.one_in * n
                    self._variance[field] += n * n * (one.one_in**2 - one.one_in)

    def rows(self) -> list[SentRow]:
        """Each field with its number and the variance of that."""
        return [(*field, n, self._variance[field]) for field, n in self._n.items()]
