"""The servers that are measured, each with all of its processes on one core."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
CORE = 0
BIN = Path(sys.executable).parent
SECONDS_MAX = 60

_NGINX = """
worker_processes 1; daemon off; master_process off; pid {folder}/nginx.pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
  access_log off; client_body_temp_path {folder}/body; client_max_body_size 32m; client_body_buffer_size 32m;
  proxy_temp_path {folder}/a; fastcgi_temp_path {folder}/b; uwsgi_temp_path {folder}/c; scgi_temp_path {folder}/d;
  keepalive_requests 100000000;
  server {{ listen 127.0.0.1:{port} reuseport; location / {{ return 200 ok; }} }}
}}
"""


class Server:
    """Processes whose time is counted: ``measured`` are those of them that answer."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], *, measured: str = "") -> None:
        self.port, self._process, self._measured = port, process, measured

    def family(self) -> list[psutil.Process]:
        """All of its processes."""
        top = psutil.Process(self._process.pid)
        return [top, *top.children(recursive=True)]

    def answering(self) -> list[psutil.Process]:
        """Those that clients talk to."""
        return [one for one in self.family() if self._measured in " ".join(one.cmdline())]

    def answers(self) -> bool:
        """Whether it does already: remit's supervisor listens before there is anybody to answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1):
                return bool(self.answering())
        except urllib.error.HTTPError as error:
            return error.code != HTTPStatus.SERVICE_UNAVAILABLE
        except OSError:
            return False

    def pin(self) -> None:
        """Give all of them, and each of their threads, the one core."""
        for process in self.family():
            for thread in process.threads():
                with suppress(ProcessLookupError):
                    os.sched_setaffinity(thread.id, {CORE})

    def seconds(self) -> float:
        """The time of a processor that those had which answer."""
        return sum(sum(one.cpu_times()[:2]) for one in self.answering())

    def seconds_of_all(self) -> float:
        """That of all."""
        return sum(sum(one.cpu_times()[:2]) for one in self.family())


def _port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, *, measured: str = "", folder: Path | None = None) -> Iterator[Server]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    server = Server(port, process, measured=measured)
    try:
        deadline = time.monotonic() + SECONDS_MAX
        while not server.answers():
            assert time.monotonic() < deadline, f"{command[0]} does not answer"
            time.sleep(0.1)
        server.pin()
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(SECONDS_MAX)


@contextmanager
def nginx(folder: Path) -> Iterator[Server]:
    """Reads bodies and throws them away."""
    port, config = _port(), folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, port=port), encoding="utf-8")
    with _running(["nginx", "-c", str(config)], port) as server:
        yield server


@contextmanager
def validating(folder: Path) -> Iterator[Server]:
    """Validates bodies, and throws them away."""
    port = _port()
    where = ["--app-dir", str(Path(__file__).parent), "--host", "127.0.0.1", "--port", str(port)]
    command = [str(BIN / "uvicorn"), "validating:app", *where, "--no-access-log", "--log-level", "error"]
    with _running(command, port, folder=folder) as server:
        yield server


@contextmanager
def remit(folder: Path) -> Iterator[Server]:
    """A whole house with the example policy."""
    port, console = _port(), _port()
    policy = ROOT / "examples/device-maker/remit.yaml"
    where = ["--data", str(folder / "data"), "--keys", str(folder / "keys"), "--policy", str(policy)]
    command = [str(BIN / "remit"), "up", *where, "--port", str(port), "--console-port", str(console)]
    with _running(command, port, measured="remit.processes.intake", folder=folder) as server:
        yield server


@contextmanager
def alone(server: Server) -> Iterator[None]:
    """Only those that answer go on: what they acknowledge waits in the journal."""
    others = [one for one in server.family()[1:] if one not in server.answering()]
    for one in others:
        one.suspend()
    try:
        yield
    finally:
        for one in others:
            one.resume()
