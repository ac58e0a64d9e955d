"""A real house: `remit up` as a newcomer starts it, on free ports, in folders of its own."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "examples/device-maker/remit.yaml"
NARROW = ROOT / "tests/server/narrow.yaml"
"""A policy of few items, under which most of what an SDK sends is undeclared."""
REMIT = Path(sys.executable).with_name("remit")
SECONDS_MAX = 60.0


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def remit(*args: str, typed: str = "", ok: bool = True, cwd: Path | None = None) -> str:
    """What one command says, once it ended well, or not well."""
    done = subprocess.run(
        [REMIT, *args], input=typed, capture_output=True, text=True, cwd=cwd, check=False, timeout=SECONDS_MAX
    )
    assert ok == (done.returncode == 0), done.stdout + done.stderr
    return done.stdout + done.stderr


class House:
    """`remit up` in a folder; stop() is SIGTERM."""

    def __init__(self, folder: Path, *, policy: Path = POLICY, workers: int = 1, flags: Sequence[str] = ()) -> None:
        self.folder, self.policy, self.workers, self.flags = folder, policy, workers, flags
        self.data, self.keys = folder / "data", folder / "keys"
        self.port, self.console_port = free_port(), free_port()
        self.output = folder / "output.txt"
        self.process: subprocess.Popen[bytes] | subprocess.Popen[str] | None = None
        self.environment: dict[str, str] = {}
        self.program = [str(REMIT)]
        self._operator = httpx.Client(base_url=self.console, timeout=30)

    def start(self) -> "House":
        seen = self.launch()
        until(lambda: b"remit is ready" in self.output.read_bytes()[seen:] or self.process_ended())
        assert not self.process_ended(), self.output.read_text()
        return self

    def launch(self) -> int:
        """Start it without waiting; returns where its output begins."""
        with self.output.open("ab") as output:
            seen = output.tell()
            # A group of its own, so that a signal to the group is what Ctrl-C is on a terminal.
            self.process = subprocess.Popen(
                [*self.program, "up", *self.arguments()],
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env=os.environ | self.environment,
                process_group=0,
            )
        return seen

    def arguments(self) -> list[str]:
        ports = ["--port", str(self.port), "--console-port", str(self.console_port)]
        return [*self.folders(), "--policy", str(self.policy), *ports, "--workers", str(self.workers), *self.flags]

    def folders(self) -> list[str]:
        return ["--data", str(self.data), "--keys", str(self.keys)]

    def process_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    @property
    def sdk(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def console(self) -> str:
        return f"http://127.0.0.1:{self.console_port}"

    @property
    def dsn(self) -> str:
        return f"http://demo-android@127.0.0.1:{self.port}/1"

    def console_link(self) -> str:
        return str(re.findall(r"console (\S+)", self.output.read_text())[-1])

    def family(self) -> list[psutil.Process]:
        """Itself and all that it started, also what it left behind."""
        assert self.process is not None
        return [process for process in psutil.process_iter() if _group(process) == self.process.pid]

    def operator(self) -> httpx.Client:
        """Who opened the printed link, which works once per start of the vault keeper."""
        if self._operator.get("/live").status_code == 401:
            assert 303 == self._operator.get(self.console_link()).status_code
        return self._operator

    def children(self) -> dict[str, psutil.Process]:
        """Processes by the last part of their module's name."""
        assert self.process is not None
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                line = child.cmdline()
            except psutil.Error:
                continue  # it is just dying
            if line:
                found[_module(line)] = child
        return found

    def command(self, *args: str, typed: str = "", ok: bool = True) -> str:
        return remit(*args, *self.folders(), typed=typed, ok=ok, cwd=self.folder)

    def facts(self, sql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.command("facts", sql, "--json"))
        return found

    def tally(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.command("tally", "--json"))["uses"]
        return found

    def sdk_fields(self) -> list[dict[str, Any]]:
        """What SDKs sent, as far as it was sampled."""
        found: list[dict[str, Any]] = json.loads(self.command("tally", "--json"))["sent"]
        return found

    def person(self, who: str, purpose: str) -> dict[str, list[Any]]:
        rows = json.loads(self.command("person", "--purpose", purpose, "--json", typed=who))
        found: dict[str, list[Any]] = {}
        for row in rows:
            found.setdefault(row["item"], []).append(row["value"])
        return found

    def post(self, path: str, body: bytes | str | dict[str, Any], **headers: str) -> httpx.Response:
        content = json.dumps(body) if isinstance(body, dict) else body
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.post(self.sdk + path, content=content, headers=given, timeout=30)

    def segment(self, messages: list[dict[str, Any]]) -> httpx.Response:
        return self.post("/v1/batch", {"batch": messages, "writeKey": "demo-android"})

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(SECONDS_MAX)

    def intakes(self) -> list[psutil.Process]:
        """All workers, of which ``children`` names one."""
        return list(self.by_worker().values())

    def by_worker(self) -> dict[str, psutil.Process]:
        """All workers, as their journals are called; fewer while one is just dying."""
        assert self.process is not None
        found = {}
        with suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children():
                with suppress(psutil.Error):
                    line = child.cmdline()
                    if line and _module(line) == "intake":
                        found[line[-1]] = child
        return found

    def kill_all(self) -> None:
        """Kill -9 of the supervisor and of every child."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            child.kill()
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_supervisor(self) -> None:
        """Kill -9 of the supervisor alone; returns when no child is left."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))


def hears(process: psutil.Process, number: signal.Signals) -> bool:
    """Whether a signal no longer ends a process without its doing: it is caught, or held back."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    masks = re.findall(r"^Sig(?:Cgt|Blk):\t(\w+)$", status, re.MULTILINE)
    return any(int(mask, 16) & 1 << (number - 1) for mask in masks)


def _module(line: list[str]) -> str:
    """The last part of its name, of the command line of a child; before it has begun, its parent's last word."""
    module = line[line.index("-m") + 1] if "-m" in line[:-1] else line[-1]
    return module.rpartition(".")[2]


def _group(process: psutil.Process) -> int:
    try:
        return 0 if process.status() == psutil.STATUS_ZOMBIE else os.getpgid(process.pid)
    except (psutil.Error, ProcessLookupError):
        return 0  # it is just dying


WAYS_TO_TELL = {
    "SIGTERM": (signal.SIGTERM, os.kill),
    "SIGINT": (signal.SIGINT, os.kill),
    "Ctrl-C, which every process of the group hears": (signal.SIGINT, os.killpg),
}


def figures(overview: str) -> dict[str, int]:
    """The numbers of the console's first page."""
    return {name: int(n.replace(",", "")) for name, n in re.findall(r'data-figure="(\w+)">([\d,]+)<', overview)}


class ToldByEnvironment(House):
    """Not a single flag is typed."""

    def arguments(self) -> list[str]:
        typed = super().arguments()
        flags = dict(zip(typed[::2], typed[1::2], strict=True))
        self.environment |= {"REMIT_" + flag[2:].replace("-", "_").upper(): value for flag, value in flags.items()}
        return []


@contextmanager
def stopped(process: psutil.Process) -> Iterator[None]:
    """Frozen, as a process is that hangs."""
    process.suspend()
    until(lambda: process.status() == psutil.STATUS_STOPPED)
    try:
        yield
    finally:
        process.resume()


@contextmanager
def sick_vault(house: House) -> Iterator[None]:
    """The vault is there, and takes nothing: somebody else holds it."""
    with closing(sqlite3.connect(house.data / "personal/vault.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        yield


def until(fact: Any) -> None:
    """Wait for a fact, not for the clock; give up after a minute."""
    deadline = time.monotonic() + SECONDS_MAX
    while not fact():
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(0.02)
