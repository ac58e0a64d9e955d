"""Settings -> wired flows: the only file that knows both the flows and the stores.

Each process of the house opens its part here: one function per process, so that this file also says
who can touch what. Only the vault keeper opens the vault; only the facts keeper opens the facts.
Stores are imported by the function that opens them, so a process loads no database that it does not own.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from remit.flows import adopt, collect, divide, people
from remit.flows.counters import Counters
from remit.flows.in_force import Intake
from remit.flows.judging import Judges
from remit.flows.keeping import Keeping
from remit.flows.pace import Pace
from remit.policy.compile import adopted, compiled
from remit.policy.model import Policy
from remit.policy.words import Choice
from remit.ports import Adoption, JournalReader, Ledger, Portion, Position
from remit.settings import Settings
from remit.stores.journal import Reader, Writer
from remit.stores.keyring import Keyring, refuse_inside
from remit.stores.link import SOCKET_PATH_BYTES_MAX, Declined, Link, Methods, Say, Unreachable, Watchers
from remit.stores.news import Listener, Snapshot
from remit.stores.used_link import UsedLinkFile
from remit.stores.world import SystemChance, SystemClock

LEDGER, VAULT, DIVIDER, FACTS = "ledger", "vault", "divider", "facts"
PREPARE_SECONDS_MAX = 30.0
"""So long a question may keep the facts keeper, three times over; a version that is not adopted can be asked again."""
TRACES_LEFT = "forgotten: the keys are destroyed and the rows deleted; but sealed traces remain until you ask again"


CALLED = {LEDGER: "vault keeper", VAULT: "vault keeper", FACTS: "facts keeper", DIVIDER: "divider"}
"""Processes as people know them."""


class NotReady(ValueError):
    """The house cannot open as asked; the text says why and how to mend it."""


class Undelivered(Exception):
    """A turn of the divider that waits for a keeper; the text says for which, and nothing of what it holds."""


def sockets(settings: Settings) -> Path:
    """The folder of the house's sockets: ``data/run``, or a temporary one where that path is too long."""
    folder = settings.data.resolve() / "run"
    if len(os.fsencode(folder)) > SOCKET_PATH_BYTES_MAX - len("/divider.sock"):
        name = hashlib.blake2b(os.fsencode(folder), digest_size=8).hexdigest()
        folder = Path(tempfile.gettempdir()) / f"remit-{os.getuid()}-{name}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise NotReady(f"{folder} belongs to another user: remove it, or choose a shorter data folder")
    folder.chmod(0o700)
    return folder


def link(settings: Settings, name: str, seconds_max: float | None = None) -> Link:
    """A client of one process of the house, which waits for an answer, or for ``seconds_max``."""
    return Link(sockets(settings) / f"{name}.sock", seconds_max)


def answers(one: Link) -> bool:
    """Whether a process is there and does what it is asked."""
    try:
        return bool(one.call("ping") == "pong")
    except (Unreachable, Declined):
        return False


def keep_apart(settings: Settings) -> None:
    """Raises NotReady when keys would lie inside the data."""
    try:
        refuse_inside(settings.data, settings.keys)
    except ValueError as error:
        raise NotReady(str(error)) from error


def prepare(settings: Settings) -> None:
    """Make the folders. Raises NotReady when they cannot be made, or keys would lie inside the data."""
    keep_apart(settings)
    for folder in (settings.data, settings.keys, settings.personal, settings.journal, settings.desk):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise NotReady(
                f"cannot make the folder {folder} ({error.strerror}): choose other folders with --data and --keys"
            ) from error


def read_policy(text: str, name: str = "remit.yaml") -> Policy:
    """The compiled policy. Raises NotReady with every problem."""
    policy = compiled(text, name)
    if isinstance(policy, Policy):
        return policy
    raise NotReady("\n".join(str(problem) for problem in policy))


def _adopted(adoption: Adoption) -> Policy:
    """The policy of an adopted version. Raises NotReady when this build no longer understands it."""
    try:
        return adopted(adoption.text)
    except ValueError as error:
        raise NotReady(
            f"version {adoption.version}, adopted here, says what this build of remit does not understand ({error}):"
            " go back to the build that ran before"
        ) from error


def used_link(settings: Settings) -> UsedLinkFile:
    """Whether the console's link was used; it lies with the keys, since it is about who may open what."""
    return UsedLinkFile(settings.keys / "console-link.used")


def _keyring(settings: Settings) -> Keyring:
    return Keyring(settings.keys, SystemChance())


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultHouse:
    """What the vault keeper serves: ``ledger`` to workers, ``vault`` to the divider and to people."""

    now: Keeping
    watchers: Watchers
    ledger: Methods
    vault: Methods
    expire: Callable[[], int]
    close: Callable[[], None]

    @property
    def policy(self) -> Policy:
        """The version in force."""
        return self.now.people.policy


def open_vault_house(settings: Settings, reports: Callable[[str, Mapping[str, int]], None]) -> VaultHouse:
    """Vault, ledger and keyring: the personal side's one keeper."""
    from sqlalchemy import create_engine

    from remit.stores.directory import Directory
    from remit.stores.ledger import SqlLedger
    from remit.stores.vault import SqlVault

    keyring, clock, chance = _keyring(settings), SystemClock(), SystemChance()
    engines = {
        "ledger": create_engine(_ledger_address(settings)),
        "vault": create_engine(f"sqlite:///{settings.personal / 'vault.db'}"),
        "directory": create_engine(f"sqlite:///{settings.keys / 'directory.db'}"),
    }
    ledger = SqlLedger(engines["ledger"])
    _adopt_first(settings, ledger)
    directory = Directory(engines["directory"], keyring, clock=clock, chance=chance)
    vault = SqlVault(engines["vault"], directory, clock=clock, chance=chance)
    watchers = Watchers(lambda: _snapshot(ledger, keyring, now))
    world = people.PeopleWorld(
        ledger=ledger,
        vault=vault,
        clock=clock,
        tag_key=keyring.secret("choices"),
        token_key=keyring.secret("tokens"),
        announce=watchers.announce,
    )
    now = Keeping([_adopted(adoption) for adoption in ledger.adoptions()], world)
    adopting = adopt.AdoptingWorld(
        ledger=ledger,
        clock=clock,
        prepare=partial(_prepare_facts, settings),
        go_over=lambda policy: watchers.announce(partial(now.go_over, policy)),
    )

    def close() -> None:
        for engine in engines.values():
            engine.dispose()

    return VaultHouse(
        now=now,
        watchers=watchers,
        ledger={"report": reports, **_ledger_methods(ledger, watchers, adopt.Adopting(adopting))},
        vault=_vault_methods(now),
        expire=lambda: vault.expire(clock.now()),
        close=close,
    )


def _ledger_methods(ledger: Ledger, watchers: Watchers, adopting: adopt.Adopting) -> Methods:
    return {
        "ping": _pong,
        "latest": watchers.latest,
        "adopted": lambda after: [one.text for one in ledger.adoptions()[after:]],
        "adopt": adopting.adopt,
    }


def _prepare_facts(settings: Settings, text: str) -> None:
    try:
        link(settings, FACTS, PREPARE_SECONDS_MAX).call("prepare", text)
    except Unreachable as error:
        raise Declined(f"the {CALLED[FACTS]} cannot get ready ({error}): nothing was changed, ask again") from error


def _vault_methods(now: Keeping) -> Methods:
    from remit.stores.tables import TracesRemain

    def forget(who: str) -> int:
        try:
            return now.people.forget(who)
        except TracesRemain as error:
            raise Declined(f"{TRACES_LEFT}: {error}") from error

    return {
        "ping": _pong,
        "take": now.take,
        "choose": lambda receipt, who, purpose, choice, country, age: now.people.choose(
            who, purpose, Choice(choice), receipt=UUID(receipt), who=people.Who(country, age)
        ),
        "token": now.token,
        "person": now.person,
        "forget": forget,
        "standing": now.standing,
    }


def _snapshot(ledger: Ledger, keyring: Keyring, now: Keeping) -> object:
    """What every worker has to know: the policy, what subjects said, and what intake seals to."""
    people = now.people
    return {
        "text": next(one.text for one in ledger.adoptions() if one.version == people.policy.version),
        "tag_key": keyring.secret("choices"),
        "token_key": keyring.secret("tokens"),
        "covered": list(people.consents.covered(people.policy).items()),
        "journal": keyring.journal_public(),
        "choices": list(people.consents.covering(ledger.choices(), people.policy).items()),
    }


def _ledger_address(settings: Settings) -> str:
    return f"sqlite:///{settings.personal / 'ledger.db'}"


def _adopt_first(settings: Settings, ledger: Ledger) -> None:
    """On first start, the policy of the file comes into force. What the file says later is asked once, by settle."""
    if ledger.adoptions():
        return
    if settings.policy is None:
        raise NotReady("no policy is adopted here yet: start with --policy FILE")
    text = settings.policy.read_text(encoding="utf-8")
    ledger.adopt(Adoption(read_policy(text, str(settings.policy)).version, text, SystemClock().now()))


def settle(settings: Settings) -> None:
    """Before a house starts, which is the caller's alone: hold the file to what was adopted. Raises NotReady."""
    if settings.policy is None or not (settings.personal / "ledger.db").exists():
        return
    from sqlalchemy import create_engine

    from remit.stores.ledger import SqlLedger

    engine = create_engine(_ledger_address(settings))
    try:
        adopt.settle(SqlLedger(engine), settings, SystemClock())
    except ValueError as error:  # not adopted, or a ledger that is not as it was written
        raise NotReady(str(error)) from error
    finally:
        engine.dispose()


def _pong() -> str:
    return "pong"


def told_by(listener: Listener) -> Snapshot:
    """The first thing that the ledger tells. Raises NotReady when nothing comes in time."""
    told = listener.wait(30)
    if told is None:
        raise NotReady("the vault keeper told no policy: its own words say why")
    return told


def listening(settings: Settings, say: Say) -> Listener:
    """An ear at the ledger, which says what it cannot take in."""
    return Listener(sockets(settings) / f"{LEDGER}.sock", say)


class _Informed:
    """A journal that hands its entries over once every choice is heard that was announced before they were read.

    A divider that was frozen, and cut off meanwhile, would else judge what waits by what it knew before.
    """

    def __init__(self, journal: JournalReader, listener: Listener) -> None:
        self._journal, self._listener = journal, listener
        self.discard = journal.discard

    def read(self, after: Mapping[bytes, int], most: Portion) -> list[tuple[Position, bytes]]:
        """As the journal's own. Raises Undelivered while the ledger is away."""
        entries = self._journal.read(after, most)
        if entries:
            with _waiting_for(f"the {CALLED[VAULT]} does not tell of choices"):
                self._listener.catch_up()
        return entries


def open_intake(settings: Settings, worker: int, listener: Listener, counters: Counters) -> tuple[Intake, Writer]:
    """One intake worker: a public key, the choices, and its own journal, which it cannot read back."""
    told = told_by(listener)
    chance, pace = SystemChance(), Pace(settings.requests_per_second / settings.workers, SystemClock())
    journal = Writer(settings.journal / f"worker-{worker}", told.journal_public, chance=chance)
    world = partial(collect.CollectorWorld, journal=journal, clock=SystemClock(), chance=chance, pace=pace)

    def made(policy: Policy) -> collect.Collector:
        choices, verifier = partial(listener.choices, policy), partial(listener.verifier, policy)
        return collect.Collector(policy, world(choices=choices, verifier=verifier), counters)

    intake = Intake(made, told.policy)
    listener.follow(intake.go_over, told.policy)
    return intake, journal


def open_divider(
    settings: Settings, listener: Listener, counters: Counters
) -> tuple[divide.Divider, Callable[[], None]]:
    """The line between the stores, and how to let go of it: it opens the journal and neither store."""
    from remit.stores.desk import SqliteDesk
    from remit.stores.votes import VoteKeys

    keyring, chance = _keyring(settings), SystemChance()
    told_by(listener)
    desk = SqliteDesk(
        settings.desk / "desk.db",
        key=keyring.secret("desk"),
        vote_keys=VoteKeys(settings.keys / "votes.db", chance),
        chance=chance,
    )
    versions = _waiting_for(f"the {CALLED[VAULT]} does not tell of versions")(listener.versions)
    world = divide.DividerWorld(
        journal=_Informed(Reader(settings.journal, keyring.journal_private()), listener),
        desk=desk,
        to_vault=_delivery(settings, VAULT),
        to_facts=_delivery(settings, FACTS),
        judges=Judges(versions, listener.choices),
        clock=SystemClock(),
        repeat_key=keyring.secret("repeats"),
    )
    return divide.Divider(world, counters), desk.close


def _delivery(settings: Settings, name: str) -> divide.Deliver:
    """How one half of a load reaches its keeper. Raises Undelivered."""
    keeper = link(settings, name)

    def deliver(load: bytes, half: bytes) -> None:
        with _waiting_for(f"the {CALLED[name]} does not take what was divided"):
            keeper.call("take", load, half)

    return deliver


@contextmanager
def _waiting_for(words: str) -> Iterator[None]:
    try:
        yield
    except Unreachable as error:
        raise Undelivered(f"{words} ({error})") from error
    except Declined:
        # What it says of a value that it refuses may quote the value.
        raise Undelivered(f"{words} (it refuses)") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsHouse:
    """What the facts keeper serves, and how it lets go of the store."""

    methods: Methods
    close: Callable[[], None]


def open_facts_house(settings: Settings, listener: Listener) -> FactsHouse:
    """The non-personal side's one keeper."""
    from remit.flows.numbers import Numbers, NumbersWorld
    from remit.stores.facts import ChdbFacts

    told_by(listener)
    facts = ChdbFacts(settings.facts)
    flows = Numbers(NumbersWorld(facts=facts, versions=listener.versions, catch_up=listener.catch_up))
    listener.follow(flows.go_over, flows.policy)
    asked: Methods = {"ask": flows.ask, "tally": flows.tally, "sent": flows.sent, "schema": flows.schema}
    methods: Methods = {"ping": _pong, "prepare": flows.prepare, "take": flows.take, **asked}
    return FactsHouse(methods=methods, close=facts.close)
