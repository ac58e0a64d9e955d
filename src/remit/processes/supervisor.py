"""The supervisor: starts the processes of a house, restarts one that died, stops them in order.

It holds the listening sockets, so that a worker that restarts refuses nobody: connections wait. While one is replaced
nobody waits: its successor serves before.
"""

import contextlib
import fcntl
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import msgspec

from remit.house import DIVIDER, FACTS, LEDGER, VAULT, NotReady, answers, keep_apart, link, prepare
from remit.processes.child import Orders
from remit.processes.duty import Duty
from remit.processes.started import Started
from remit.processes.stopping import StopSignal
from remit.processes.succession import SERVE_SECONDS_MAX, Succession
from remit.settings import ConsoleAddress, Settings, authority
from remit.stores.link import Say

WATCH_SECONDS = 0.1
VISIT_SECONDS_MAX = 120.0
POLL_SECONDS, PING_SECONDS_MAX = 0.02, 1.0
BACKLOG = 1024


class Occupied(NotReady):
    """Another process holds the house."""


class Left(NotReady):
    """The house that was asked is not there any more, and nobody holds it."""


class Unstarted(NotReady):
    """A process could not start, and has said why itself."""


class Stopped(Exception):
    """The house was told to stop before it was ready, and did."""


class NoHouse(NotReady):
    """No house was ever started in these folders."""


@contextmanager
def lock(settings: Settings, told: StopSignal, say: Say) -> Iterator[None]:
    """The house to oneself, once no command is at work in it.

    Raises Occupied when somebody runs it, and Stopped when told so while it waits.
    """
    prepare(settings)

    def pause() -> None:
        if told.wait(POLL_SECONDS):
            raise Stopped

    with _lock_file(settings).open("a") as file:
        with _visit(settings, say, pause):
            if not _taken(file):
                raise _occupied(settings)
        yield


def left(settings: Settings) -> bool:
    """Whether nobody holds the house: whoever ran it has stopped."""
    with _visit_file(settings).open("a") as visit, _lock_file(settings).open("a") as file:
        return _taken(visit) and _taken(file)


def _lock_file(settings: Settings) -> Path:
    return settings.data / "house.lock"


def _visit_file(settings: Settings) -> Path:
    return settings.data / "visit.lock"


@contextmanager
def _visit(settings: Settings, say: Say, pause: Callable[[], None]) -> Iterator[IO[str]]:
    """The lock under which one tries that of the house; a command keeps it as long as its visit lasts.

    Without it, who finds the house locked could not tell a server from a command that is about to end.
    """
    deadline = time.monotonic() + VISIT_SECONDS_MAX
    with _visit_file(settings).open("a") as visit:
        if not _taken(visit):
            say(f"waiting for another command that is at work in {settings.data}")
            while not _taken(visit):
                if time.monotonic() > deadline:
                    raise Occupied(
                        f"another command has been at work in {settings.data} for more than {VISIT_SECONDS_MAX:.0f}"
                        " seconds: end it, or try again when it has ended"
                    )
                pause()
        yield visit


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_run(settings: Settings) -> bool:
    """Whether remit runs there, and no command alone."""
    if _lock_file(settings).exists():
        with _visit_file(settings).open("a") as visit, _lock_file(settings).open("a") as file:
            return _taken(visit) and not _taken(file)
    return False


def _occupied(settings: Settings) -> Occupied:
    return Occupied(
        f"{settings.data} is in use, remit is running there already: stop it, or choose other folders with --data"
        " and --keys"
    )


@dataclass(slots=True)
class Supervisor:
    """All processes of one house; ``listen`` False runs them without HTTP, for one command.

    It makes the secret of the console's session, so that a keeper that it starts again goes on with it.
    ``told`` is heard while it starts; afterwards it is for the owner to call ``stop``.
    """

    settings: Settings
    listen: bool = True
    token: str = ""
    told: StopSignal = field(default_factory=StopSignal)
    say: Say = field(default=lambda _text: None)
    starting: Say = field(default=lambda _text: None)
    _listeners: list[socket.socket] = field(default_factory=list)
    _duties: list[Duty] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)
    _session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _watcher: threading.Thread | None = None
    _succession: Succession = field(init=False)

    def __post_init__(self) -> None:
        self._succession = Succession(self.say)

    def bind(self) -> None:
        """Take the addresses, before anything is made: whoever comes early waits. Raises NotReady where it cannot.

        In a house that runs already the addresses are taken for that reason, which is then the one to be told.
        """
        keep_apart(self.settings)
        try:
            self._listeners.append(_console(self.settings.console))
            self._listeners.append(_bound(self.settings.host, self.settings.port, flags="--host and --port"))
        except NotReady:
            if _is_run(self.settings):
                raise _occupied(self.settings) from None
            raise

    def start(self) -> None:
        """Start everything, personal side first; who listens was bound.

        Raises NotReady if one cannot, and Stopped if it was told to stop: in both cases everything is stopped.
        """
        try:
            for duty, ready in self._plan():
                self._begin(duty, ready)
        except BaseException:
            self.stop()
            raise
        self._watcher = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop intake first, then the divider, then the keepers: nothing acknowledged is left behind."""
        self._done.set()
        if self._watcher is not None:
            self._watcher.join()  # else it could start again what is stopped here
        for duty in reversed(self._duties):
            duty.stop()
        for listener in self._listeners:
            listener.close()
        self._duties.clear()

    def replace_workers(self) -> None:
        """Have every intake worker replaced, once all are started; a handler of signals may call it."""
        self._succession.ask()

    def _plan(self) -> Iterator[tuple[Duty, Callable[[Started], bool]]]:
        given = self._orders()
        yield self._vault_keeper(given), self._pings(LEDGER, VAULT)
        yield _duty("facts-keeper", given), self._pings(FACTS)
        yield _duty("divider", given), self._pings(DIVIDER)
        if not self.listen:
            return
        _, sdk = self._listeners
        for worker in range(1, self.settings.workers + 1):
            orders = msgspec.structs.replace(given, worker=worker, listener=sdk.fileno())
            yield _duty(f"intake-{worker}", orders, sdk), Started.serves

    def _orders(self) -> Orders:
        data, keys = self.settings.data.resolve(), self.settings.keys.resolve()
        return Orders(settings=replace(self.settings, data=data, keys=keys))

    def _vault_keeper(self, given: Orders) -> Duty:
        if not self.listen:
            return _duty("vault-keeper", given)
        console, _ = self._listeners
        orders = msgspec.structs.replace(given, listener=console.fileno(), token=self.token, session=self._session)
        return _duty("vault-keeper", orders, console)

    def _pings(self, *names: str) -> Callable[[Started], bool]:
        links = [link(self.settings, name, PING_SECONDS_MAX) for name in names]

        return lambda _: all(answers(one) for one in links)

    def _begin(self, duty: Duty, ready: Callable[[Started], bool]) -> None:
        if self.told.wait(0):
            raise Stopped
        self.starting(f"starting the {duty.name}")
        self._duties.append(duty)
        started, deadline = duty.start(), time.monotonic() + SERVE_SECONDS_MAX
        while not ready(started):
            if self.told.wait(POLL_SECONDS):
                raise Stopped
            if started.dead():
                raise _unstarted(duty.name, started)
            if time.monotonic() > deadline:
                raise NotReady(f"the {duty.name} was not ready within {SERVE_SECONDS_MAX:.0f} seconds: try again")

    def _watch(self) -> None:
        workers = [duty for duty in self._duties if duty.orders.worker]
        while not self._done.wait(WATCH_SECONDS):
            now = time.monotonic()
            for duty in self._duties:
                if duty.restart(now):
                    self.say(f"the {duty.name} died; starting it again")
            self._succession.step(workers)


_MODULES = {
    "vault-keeper": "remit.processes.vault_keeper",
    "facts-keeper": "remit.processes.facts_keeper",
    "divider": "remit.processes.divider",
    "intake": "remit.processes.intake",
}


def _unstarted(name: str, started: Started) -> NotReady:
    words = f"the {name} could not start: {started.why()}"
    return Unstarted(words) if started.said_why() else NotReady(words)


def _duty(name: str, orders: Orders, listener: socket.socket | None = None) -> Duty:
    kind = "intake" if orders.worker else name
    # What a list of processes shows: which worker it is, as its journal is called, and nothing else.
    shown = (f"worker-{orders.worker}",) if orders.worker else ()
    return Duty(name, (_MODULES[kind], *shown), orders, listener)


def _console(address: ConsoleAddress) -> socket.socket:
    """The console's listening socket. Raises NotReady where serving it there would show it to others."""
    refusal = address.refusal()
    if refusal is not None:
        raise NotReady(refusal)
    if address.cert is not None:
        try:
            # The empty password: a key that needs one would ask for it on the terminal of whoever started this.
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(address.cert, address.key, password="")
        except OSError as error:
            raise NotReady(
                f"{address.cert} and {address.key} cannot be used ({error.strerror or error}):"
                " give a certificate chain and its key without a password, both as PEM"
            ) from error
    return _bound(address.host, address.port, flags="--console-host and --console-port")


def _bound(host: str, port: int, *, flags: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise NotReady(
            f"cannot listen on {authority(host, port)} ({error.strerror}): choose another address with {flags}"
        ) from error
    sock.listen(BACKLOG)
    sock.set_inheritable(True)
    return sock


@contextmanager
def house(settings: Settings, starting: Say) -> Iterator[None]:
    """A running house to ask: the one that runs, or one without listeners for as long as it is needed."""
    keep_apart(settings)
    if not _lock_file(settings).exists():
        raise NoHouse(
            f"there is no house in {settings.data}: say where it is with --data and --keys, or REMIT_DATA and"
            " REMIT_KEYS, or start one with remit up --policy FILE"
        )
    with contextlib.ExitStack() as stack:
        visit = stack.enter_context(_visit(settings, starting, lambda: time.sleep(POLL_SECONDS)))
        if _taken(stack.enter_context(_lock_file(settings).open("a"))):
            supervisor = Supervisor(settings, listen=False, starting=starting)
            stack.callback(supervisor.stop)
            supervisor.start()
        else:
            visit.close()  # it runs: several may ask it at a time
        yield
