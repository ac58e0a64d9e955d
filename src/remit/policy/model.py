"""A policy that passed every check. Only ``compile`` builds these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from remit.policy.catalogue import Catalogue
from remit.policy.words import (
    AccountMethod,
    Basis,
    DeviceAccess,
    Expression,
    Item,
    Kind,
    Period,
    PurposeKey,
    Role,
    Source,
    SubjectGroup,
)

PEOPLE_DEFAULT = 1000
"""How many people an app is taken to have on a day, where the policy does not say."""


class Grant(NamedTuple):
    """One item that may be used for one purpose."""

    item: Item
    purpose: PurposeKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """Who answers for the processing, as the notice names them.

    ``representative`` acts for them in the Union (GDPR Art. 27), ``officer`` looks after the protection of data
    (Art. 37), ``authority`` hears complaints (Art. 77), ``address`` is where post reaches them: None where the policy
    names none.
    """

    name: str
    contact: str
    country: str
    representative: str | None = None
    officer: str | None = None
    authority: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Why a further purpose is compatible with the one of collection: the five factors of GDPR Art. 6(4)."""

    purpose: PurposeKey
    link: str
    context: str
    nature: str
    consequences: str
    safeguards: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What for, on which ground. ``line`` is where the policy says so (1-based).

    ``keep`` is the longest that anything stays for it (None where it sets no limit). What is kept for it may
    be read for the purposes of ``compatible``, too. ``subjects`` are whom it concerns, and ``expression`` is how people
    say yes to it, where the policy tells.
    """

    key: PurposeKey
    says: str
    basis: Basis
    dpv: str
    line: int
    keep: timedelta | None = None
    compatible: tuple[Assessment, ...] = ()
    subjects: tuple[SubjectGroup, ...] = ()
    expression: Expression | None = None


Alternative = tuple[Grant, ...]
"""Grants that together answer a need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that a service needs: any of these alternatives, each of them all of its grants.

    Without it the service stops, or only gets worse where the need ``degrades``.
    """

    any_of: tuple[Alternative, ...]
    line: int
    degrades: bool = False

    @property
    def grants(self) -> tuple[Grant, ...]:
        """All that it speaks of, each once."""
        return tuple(dict.fromkeys(grant for one in self.any_of for grant in one))

    @property
    def items(self) -> tuple[Item, ...]:
        """The items that it speaks of, each once."""
        return tuple(dict.fromkeys(grant.item for one in self.any_of for grant in one))

    @property
    def purposes(self) -> tuple[PurposeKey, ...]:
        """What it is for, each purpose once: one, in most needs."""
        return tuple(dict.fromkeys(grant.purpose for one in self.any_of for grant in one))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something that a subject can use."""

    key: str
    says: str
    needs: tuple[Need, ...]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One sender of records, known by a public key.

    ``number`` is the Sentry project id; ``domain`` is what Plausible sends, ``website`` the id by which Umami's
    trackers know it, ``application`` that of Glean's pings. ``routes`` are the path patterns that may appear in facts
    (``/product/*``), in the order in which they match. ``people`` are how many are expected to send on a day.
    ``protocols`` are those that it takes; none named, it takes all.
    """

    name: str
    number: int
    key: str
    domain: str | None
    services: tuple[str, ...]
    routes: tuple[str, ...]
    line: int
    people: int = PEOPLE_DEFAULT
    protocols: frozenset[str] = frozenset()
    website: str | None = None
    application: str | None = None

    def takes(self, protocol: str) -> bool:
        """Whether what an SDK sends by this protocol is taken at all."""
        return not self.protocols or protocol in self.protocols


@dataclass(frozen=True, slots=True, kw_only=True)
class Collect:
    """One collection rule: these items, told by this source, for this purpose, this long.

    ``index`` is the rule's position in its policy version; vault blocks refer to it, so that
    purpose, basis and retention stand once per version and never per row. ``keep`` is None when
    the values are reduced or counted and then gone. ``required`` says why nobody can refuse, where nobody can.
    ``provider`` is who tells, where a provider does. ``countries`` are those whose records it holds for, and no other
    (none named: everywhere); nobody younger than ``minimum_age`` (0: none) can consent to its purpose.
    """

    index: int
    items: tuple[Item, ...]
    source: Source
    purpose: PurposeKey
    keep: timedelta | None
    line: int
    required: str | None = None
    provider: str | None = None
    countries: frozenset[str] = frozenset()
    minimum_age: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A third party who tells us about people. ``says`` is what they are, in words that follow their name."""

    key: str
    name: str
    country: str
    says: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """What a recipient may be told, and for which purpose."""

    items: tuple[Item, ...]
    purpose: PurposeKey
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who is told. ``transfer`` is what a transfer out of the EEA rests on (GDPR Chapter V)."""

    key: str
    name: str
    country: str
    role: Role
    told: tuple[Disclosure, ...]
    line: int
    transfer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Jurisdiction:
    """What the law of some countries demands beyond the policy; it can only tighten.

    ``consent`` are purposes that need a yes there, ``forbid`` items that are not taken, ``barred`` items that are not
    taken for a purpose, ``longest`` how long anything stays for one. A consent of somebody younger than ``minimum_age``
    (0: none) is not taken (GDPR Art. 8). Where it is ``final``, no choice outweighs a general signal.
    """

    key: str
    countries: frozenset[str]
    consent: tuple[PurposeKey, ...]
    forbid: tuple[Item, ...]
    longest: Mapping[PurposeKey, timedelta]
    minimum_age: int
    line: int
    final: bool = False
    barred: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """Which purposes a request refuses by a signal that many sites hear: each part by what the signal says.

    ``gpc`` is Global Privacy Control, ``tcf`` IAB Europe's framework, ``gpp`` the opt-outs of the Global Privacy
    Platform, ``categories`` those of an SDK's consent object.
    """

    gpc: tuple[PurposeKey, ...] = ()
    tcf: Mapping[int, tuple[PurposeKey, ...]] = field(default_factory=dict)
    gpp: Mapping[str, tuple[PurposeKey, ...]] = field(default_factory=dict)
    categories: Mapping[str, tuple[PurposeKey, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Something that programs alone decide about people, with legal or like effects (GDPR Art. 22).

    ``says`` is what, ``logic`` by which, ``consequences`` what may follow for them.
    """

    says: str
    logic: str
    consequences: str
    purpose: PurposeKey
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAnswers:
    """What laws and stores ask beside what is collected, and documents tell: empty or None where nothing is said.

    ``notice`` is the address at which the notice is published, ``stored_in`` are the countries in which values lie,
    ``law_of`` those whose law holds for the processing. The others are Google Play's: whether all connections of apps
    are ``encrypted``, how ``accounts`` are made, and the pages on which people ask for deletion.
    """

    notice: str | None = None
    stored_in: tuple[str, ...] = ()
    law_of: tuple[str, ...] = ()
    encrypted: bool | None = None
    accounts: tuple[AccountMethod, ...] = ()
    delete_account: str | None = None
    delete_data: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One column of a fact or count: an item, and the reduction that makes it closed.

    ``reduction`` is None only for items whose own set is closed (``app.name``).
    """

    name: str
    item: Item
    reduction: str | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One histogram of a fact."""

    name: str
    item: Item
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A non-personal table of cells. A record of one of ``kinds`` adds its weight to ``n``.

    ``exemption`` is who or what asks for no consent, where ``access`` is exempt. ``fall`` are columns in the order in
    which they are to become (other) in a cell that few brought; nothing does that yet.
    """

    name: str
    kinds: tuple[Kind, ...]
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    purpose: PurposeKey
    line: int
    access: DeviceAccess = DeviceAccess.NONE
    exemption: str | None = None
    fall: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many different identifiers there were in a period; the first one present of ``of`` votes.

    ``sets`` are its grouping sets, coarsest first: each has the columns of the one before, and more, and the last has
    all ``dimensions``. Where there are none, all dimensions are the only one.
    """

    name: str
    of: tuple[Item, ...]
    every: tuple[Period, ...]
    dimensions: tuple[Dimension, ...]
    purpose: PurposeKey
    line: int
    access: DeviceAccess = DeviceAccess.NONE
    exemption: str | None = None
    sets: tuple[tuple[Dimension, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that remit may do. ``k`` is the smallest count that is shown as a number.

    ``catalogue`` holds all items that the policy may name, its own among them. ``region`` are the items that tell in
    which country a record was made, the first that does deciding. ``automated`` is what programs alone decide;
    None where a text from before it was asked does not say.

    ``language`` is the one of ``languages`` that its statements are in: the first, until ``spoken`` says it in another.
    ``texts`` holds every statement by language and place, where there are several languages.
    """

    version: int
    controller: Controller
    timezone: str
    k: int
    catalogue: Catalogue
    purposes: Mapping[PurposeKey, Purpose]
    services: Mapping[str, Service]
    apps: Mapping[str, App]
    collect: tuple[Collect, ...]
    facts: Mapping[str, Fact]
    counts: Mapping[str, Count]
    providers: Mapping[str, Provider] = field(default_factory=dict)
    recipients: Mapping[str, Recipient] = field(default_factory=dict)
    region: tuple[Item, ...] = ()
    jurisdictions: Mapping[str, Jurisdiction] = field(default_factory=dict)
    languages: tuple[str, ...] = ("en",)
    language: str = "en"
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    automated: tuple[Verdict, ...] | None = None
    signals: Signals = field(default_factory=Signals)
    documents: DocumentAnswers = DocumentAnswers()
