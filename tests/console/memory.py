"""A house of numbers in memory, and the console served for it on a free port."""

import threading
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from remit.console.app import console
from remit.console.backend import Daily, Moment, Totals
from remit.console.guard import Login
from remit.flows.senders import SdkSender, SentField
from remit.flows.trial import Line
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.render.notice_html import article
from remit.policy.spoken import spoken
from remit.stores.used_link import UsedLinkFile

TOKEN, SESSION = "once-and-never-again", "until-the-house-stops"  # the tests' own
TODAY = Daily("Active users", {"shop-web": None, "shop-android": 12}, "How many, without knowing who.")
START = 1_700_000_000
SENT = [
    SdkSender(
        "shop-web",
        "segment",
        "@segment/analytics-node",
        "3.1",
        (SentField("userId", 4_096, 501), SentField("type", 4_096, 501)),
        (SentField("context.library.name", 4_096, 501), SentField("(other)", 32, 62)),
    ),
    SdkSender("shop-web", "plausible", "", "", (SentField("n", 16, 31),), ()),
]
EXAMPLE = Path(__file__).parents[2] / "examples" / "bicycle-rental" / "remit.yaml"


def _rental() -> Policy:
    policy = compiled(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name)
    assert isinstance(policy, Policy)
    return policy


RENTAL = _rental()
"""A policy that speaks two languages."""


class MemoryBackend:
    """Every look at the totals finds one record more; after ``years`` everything is so many times as much."""

    banner, version, k = "A demonstration: these people and devices are simulated.", 3, 5
    apps: tuple[str, ...] = ("shop-android", "shop-web")
    languages = RENTAL.languages

    def __init__(self) -> None:
        self.records, self.wrong, self.today, self.years = 12_041, "", TODAY, 1
        self.sent: Sequence[SdkSender] | None = SENT

    def totals(self) -> Totals:
        self.records += 1
        dropped = {"no_consent": 5_310 * self.years, "not_needed": 23_802 * self.years}
        records, kept, reduced, counted = (n * self.years for n in (self.records, 61_907, 9_648, 12_011))
        return Totals(
            records=records,
            kept=kept,
            reduced=reduced,
            counted=counted,
            dropped=dropped,
            refused={"malformed": 1},
            skipped={"unread": 310 * self.years},
            unsent={"ratelimit_backoff:transaction": 120 * self.years},
            tokens={"heard": 412 * self.years, "expired": 3 * self.years},
        )

    def history(self) -> Sequence[Moment]:
        return [Moment(START + 5 * i, 200 + i * 7 % 60, 60 + i * 5 % 30, 40, 80 + i * 3 % 50) for i in range(180)]

    def daily(self) -> Daily:
        return self.today

    def trouble(self) -> str | None:
        return self.wrong or None

    def notice(self, language: str) -> str:
        return article(spoken(RENTAL, language))

    def gpc(self) -> str:
        return '{"gpc": true}'

    def senders(self) -> Sequence[SdkSender] | None:
        return self.sent

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
    """The console on a free port, until it is stopped; that its link was used stands in ``used``."""

    def __init__(self, used: Path) -> None:
        self.backend = MemoryBackend()
        socket = uvicorn.Config("x:y", port=0, log_level="critical").bind_socket()
        socket.listen()  # so that a first request waits instead of being refused
        self.host = f"127.0.0.1:{socket.getsockname()[1]}"
        login = Login(TOKEN, SESSION, UsedLinkFile(used))
        app = console(self.backend, login, hosts=frozenset({self.host}))
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [socket]}, daemon=True)
        self._thread.start()

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
