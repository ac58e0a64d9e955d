"""A house of numbers in memory, and the console served for it on a free port."""

import threading
from collections.abc import Sequence

import uvicorn

from remit.console.app import console
from remit.console.backend import ActiveUsers, Moment, Totals
from remit.flows.trial import Line

TOKEN = "once-and-never-again"  # the tests' own
START = 1_700_000_000


class MemoryBackend:
    """Every look at the totals finds one record more."""

    banner, version, k = "A demonstration: these people and devices are simulated.", 3, 5
    apps: tuple[str, ...] = ("shop-android", "shop-web")

    def __init__(self) -> None:
        self.records, self.wrong = 12_041, ""

    def totals(self) -> Totals:
        self.records += 1
        return Totals(
            self.records, 61_907, 9_648, 12_011, {"no_consent": 5_310, "not_needed": 23_802}, {"malformed": 1}
        )

    def history(self) -> Sequence[Moment]:
        return [Moment(START + 5 * i, 200 + i * 7 % 60, 60 + i * 5 % 30, 40, 80 + i * 3 % 50) for i in range(180)]

    def active(self) -> Sequence[ActiveUsers]:
        return [ActiveUsers("shop-web", None), ActiveUsers("shop-android", 12)]

    def trouble(self) -> str | None:
        return self.wrong or None

    def notice(self) -> str:
        return "<h1>What information we collect</h1><h2>In short</h2><p>Only what this page says.</p>"

    def trial(self, app: str, body: bytes) -> Sequence[Line]:
        if not body.strip():
            raise ValueError("nothing to read")
        text = body.decode()
        return [
            Line(text, None, text, "dropped", "nothing in the policy needs it", None, "undeclared"),
            Line("batch[0].userId", "account.id", "u-1", "kept", f"kept in the vault for {app}", 4),
            Line("batch[0].userId", "account.id", "u-1", "counted", "one vote in active_users, then gone", 30),
            Line("batch[0].context.page.url", "page.url", "/product/7", "reduced", "reduced to '/product/*'", 21),
            Line("(connection) address", "net.ip", "192.0.2.7", "dropped", "it takes a yes", 12, "no_consent"),
        ]


class Server:
    """The console on a free port, until it is stopped."""

    def __init__(self) -> None:
        self.backend = MemoryBackend()
        socket = uvicorn.Config("x:y", port=0, log_level="critical").bind_socket()
        socket.listen()  # so that a first request waits instead of being refused
        self.host = f"127.0.0.1:{socket.getsockname()[1]}"
        app = console(self.backend, token=TOKEN, hosts=frozenset({self.host}))
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [socket]}, daemon=True)
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
