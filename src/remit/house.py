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

from remit.flows import collect, divide, people
from remit.flows.counters import Counters
from remit.flows.load import unpack_factual, unpack_personal
from remit.flows.standing import standing
from remit.policy.choices import Choices, ChoiceTable, RefusalsOnly
from remit.policy.compile import adopted, compiled
from remit.policy.model import Policy
from remit.policy.words import Choice, PurposeKey
from remit.ports import Adoption, Answer, JournalReader, Ledger, Portion, Position, Vault
from remit.settings import Settings
from remit.stores.journal import Reader, Writer
from remit.stores.keyring import Keyring, refuse_inside
from remit.stores.link import SOCKET_PATH_BYTES_MAX, Declined, Link, Methods, Unreachable, Watch, Watchers
from remit.stores.used_link import UsedLinkFile
from remit.stores.world import SystemChance, SystemClock

LEDGER, VAULT, DIVIDER, FACTS = "ledger", "vault", "divider", "facts"
TRACES_LEFT = "forgotten: the keys are destroyed and the rows deleted; but sealed traces remain until you ask again"


CALLED = {VAULT: "vault keeper", FACTS: "facts keeper", DIVIDER: "divider"}
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

    policy: Policy
    watchers: Watchers
    ledger: Methods
    vault: Methods
    expire: Callable[[], int]
    close: Callable[[], None]


def open_vault_house(settings: Settings, reports: Callable[[str, Mapping[str, int]], None]) -> VaultHouse:
    """Vault, ledger and keyring: the personal side's one keeper."""
    from sqlalchemy import create_engine

    from remit.stores.directory import Directory
    from remit.stores.ledger import SqlLedger
    from remit.stores.vault import SqlVault

    keyring, clock, chance = _keyring(settings), SystemClock(), SystemChance()
    engines = {
        "ledger": create_engine(f"sqlite:///{settings.personal / 'ledger.db'}"),
        "vault": create_engine(f"sqlite:///{settings.personal / 'vault.db'}"),
        "directory": create_engine(f"sqlite:///{settings.keys / 'directory.db'}"),
    }
    ledger = SqlLedger(engines["ledger"])
    policy = _in_force(settings, ledger)
    versions = [_adopted(adoption) for adoption in ledger.adoptions()]
    directory = Directory(engines["directory"], keyring, clock=clock, chance=chance)
    vault = SqlVault(engines["vault"], directory, clock=clock, chance=chance)
    watchers = Watchers(lambda: _snapshot(ledger, keyring))
    world = people.PeopleWorld(
        ledger=ledger,
        vault=vault,
        clock=clock,
        chance=chance,
        tag_key=keyring.secret("choices"),
        announce=watchers.announce,
        versions=versions,
    )

    def close() -> None:
        for engine in engines.values():
            engine.dispose()

    return VaultHouse(
        policy=policy,
        watchers=watchers,
        ledger={"ping": _pong, "report": reports, "latest": watchers.latest},
        vault={
            **_vault_methods(vault, people.People(policy, world), divide.expiries(versions)),
            "standing": partial(standing, world),
        },
        expire=lambda: vault.expire(clock.now()),
        close=close,
    )


def _vault_methods(vault: Vault, flows: people.People, expires: Mapping[tuple[int, int], int]) -> Methods:
    from remit.stores.tables import TracesRemain

    def take(load: bytes, personal: bytes) -> None:
        vault.take(load, unpack_personal(personal), expires)

    def forget(who: str) -> int:
        try:
            return flows.forget(who)
        except TracesRemain as error:
            raise Declined(f"{TRACES_LEFT}: {error}") from error

    return {
        "ping": _pong,
        "take": take,
        "choose": lambda who, purpose, choice, country, age: flows.choose(
            who, purpose, Choice(choice), who=people.Who(country, age)
        ),
        "person": lambda who, purpose: {"found": flows.person(who, purpose), "keeps": flows.keeps(purpose)},
        "forget": forget,
    }


def _snapshot(ledger: Ledger, keyring: Keyring) -> object:
    """What every worker has to know: the policy, what subjects said, and what intake seals to."""
    return {
        "text": ledger.adoptions()[-1].text,
        "tag_key": keyring.secret("choices"),
        "journal": keyring.journal_public(),
        "choices": [(tag, dict(said)) for tag, said in ledger.choices().items()],
    }


def _in_force(settings: Settings, ledger: Ledger) -> Policy:
    """The adopted policy; on first start, or with ``--adopt``, that of the file."""
    adoptions = ledger.adoptions()
    text = settings.policy.read_text(encoding="utf-8") if settings.policy else None
    if text is None and not adoptions:
        raise NotReady("no policy is adopted here yet: start with --policy FILE")
    if text is None or (adoptions and adoptions[-1].text == text):
        return _adopted(adoptions[-1])
    policy = read_policy(text, str(settings.policy))
    if adoptions and not settings.adopt:
        raise NotReady(
            f"{settings.policy} has changed since version {adoptions[-1].version} was adopted here:"
            " raise its version and start with --adopt, or start with the adopted text"
        )
    if adoptions and policy.version <= adoptions[-1].version:
        raise NotReady(f"{settings.policy}: version must be higher than the adopted {adoptions[-1].version}")
    ledger.adopt(Adoption(policy.version, text, SystemClock().now()))
    return policy


def _pong() -> str:
    return "pong"


@dataclass(slots=True)
class Snapshot:
    """What a worker last heard from the ledger."""

    policy: Policy
    table: ChoiceTable
    journal_public: bytes


class Listener:
    """A worker's ear at the ledger: the newest policy and choices."""

    def __init__(self, settings: Settings, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.told: Snapshot | None = None
        self._ledger = link(settings, LEDGER)
        self._watch = Watch(sockets(settings) / f"{LEDGER}.sock", self._hear)

    def wait(self, seconds: float) -> Snapshot:
        """The first thing told. Raises NotReady when nothing comes in time."""
        if not self._watch.first.wait(seconds) or self.told is None:
            raise NotReady("the vault keeper told no policy: its own words say why")
        return self.told

    @property
    def stale(self) -> bool:
        """Whether the ledger may have had news that did not come."""
        return self._watch.stale

    def catch_up(self) -> None:
        """Returns when all is heard that was announced before the call. Raises Unreachable."""
        self._watch.catch_up(self._ledger.call("latest"))

    def choices(self) -> Choices:
        """The table to judge by now."""
        assert self.told is not None, "wait() came first"
        return RefusalsOnly(self.told.table) if self.stale else self.told.table

    def _hear(self, update: Mapping[str, object]) -> None:
        policy = adopted(str(update["text"]))
        if self.told is not None and self.told.policy.version != policy.version:
            self._changed()
        choices = {
            bytes(tag): {PurposeKey(key): Choice(last) for key, last in said.items()}
            for tag, said in update["choices"]  # type: ignore[attr-defined]  # our own snapshot, one process away
        }
        table = people.choice_table(policy, bytes(update["tag_key"]), choices)  # type: ignore[call-overload]  # as above
        self.told = Snapshot(policy, table, bytes(update["journal"]))  # type: ignore[call-overload]  # as above


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


def open_intake(
    settings: Settings, worker: int, listener: Listener, counters: Counters
) -> tuple[collect.Collector, Writer]:
    """One intake worker: a public key, the choices, and its own journal, which it cannot read back."""
    told = listener.wait(30)
    chance = SystemChance()
    journal = Writer(settings.journal / f"worker-{worker}", told.journal_public, chance=chance)
    world = collect.CollectorWorld(journal=journal, choices=listener.choices, clock=SystemClock(), chance=chance)
    return collect.Collector(told.policy, world, counters), journal


def open_divider(
    settings: Settings, listener: Listener, counters: Counters
) -> tuple[divide.Divider, Callable[[], None]]:
    """The line between the stores, and how to let go of it: it opens the journal and neither store."""
    from remit.stores.desk import SqliteDesk
    from remit.stores.votes import VoteKeys

    keyring, chance = _keyring(settings), SystemChance()
    told = listener.wait(30)
    desk = SqliteDesk(
        settings.desk / "desk.db",
        key=keyring.secret("desk"),
        vote_keys=VoteKeys(settings.keys / "votes.db", chance),
        chance=chance,
    )
    world = divide.DividerWorld(
        journal=_Informed(Reader(settings.journal, keyring.journal_private()), listener),
        desk=desk,
        to_vault=_delivery(settings, VAULT),
        to_facts=_delivery(settings, FACTS),
        choices=listener.choices,
        clock=SystemClock(),
        repeat_key=keyring.secret("repeats"),
    )
    return divide.Divider(told.policy, world, counters), desk.close


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


def open_facts_house(settings: Settings, listener: Listener) -> Methods:
    """The non-personal side's one keeper."""
    from remit.policy.flow import checked
    from remit.stores.facts import ChdbFacts

    policy = listener.wait(30).policy
    facts = ChdbFacts(settings.facts)
    facts.prepare(policy)

    def take(load: bytes, factual: bytes) -> None:
        half = unpack_factual(factual)
        facts.take(load, half.as_cells(), half.figures, half.tally)

    def ask(sql: str) -> dict[str, object]:
        question = checked(sql, policy)
        rows = facts.ask(question.sql).rows
        return {"columns": question.columns, "rows": rows, "small": sorted(question.small), "k": policy.k}

    def told(tell: Callable[[], Answer]) -> Callable[[], object]:
        return lambda: _plain(tell())

    return {"ping": _pong, "take": take, "ask": ask, "tally": told(facts.tally), "schema": told(facts.schema)}


def _plain(answer: Answer) -> dict[str, object]:
    return {"columns": answer.columns, "rows": answer.rows}
