"""The vault keeper: owns vault, ledger and keyring, and serves the console."""

import socket
import time
from collections.abc import Sequence

import uvicorn

from remit.console.app import console
from remit.console.backend import ActiveUsers, Moment, Totals
from remit.flows.reports import INTERVAL_SECONDS, Reports
from remit.flows.trial import Line, trial
from remit.house import CALLED, DIVIDER, FACTS, LEDGER, VAULT, VaultHouse, answers, link, open_vault_house, sockets
from remit.policy.render.notice import html
from remit.processes.child import Orders, opening, orders, until_term
from remit.processes.lately import Lately
from remit.processes.recurring import Recurring
from remit.settings import Settings
from remit.stores.link import Listener as Door
from remit.stores.link import Refusal, Unreachable

EXPIRE_SECONDS = 60.0
ACTIVE_SECONDS, PULSE_SECONDS = 2.0, 1.0
ANSWER_SECONDS_MAX = 2.0
"""Pages and the health check go without an answer rather than wait for a process that hangs."""
ACTIVE_SQL = (
    "SELECT app, identifiers FROM active_users WHERE period = 'day' AND start = toStartOfDay(now()) ORDER BY app"
)


class HouseBackend:
    """The console's view of the house. It asks the facts keeper; it never opens the facts."""

    def __init__(self, house: VaultHouse, settings: Settings, reports: Reports) -> None:
        self.banner, self.version, self.k = settings.banner, house.policy.version, house.policy.k
        self.apps = tuple(house.policy.apps)
        self._policy, self._reports = house.policy, reports
        self._facts, self._divider = (link(settings, name, ANSWER_SECONDS_MAX) for name in (FACTS, DIVIDER))
        self._notice = html(house.policy)
        self.active = Lately(self._active, ACTIVE_SECONDS)
        self.trouble = Lately(self._trouble, PULSE_SECONDS)

    def totals(self) -> Totals:
        """Sums of all processes."""
        sums = self._reports.sums()

        def under(prefix: str) -> dict[str, int]:
            return {name.removeprefix(prefix): n for name, n in sums.items() if name.startswith(prefix)}

        return Totals(
            records=sums["records"],
            kept=sums["kept"],
            reduced=sums["reduced"],
            counted=sums["counted"],
            dropped=under("dropped:"),
            refused=under("refused:"),
        )

    def history(self) -> Sequence[Moment]:
        """The last quarter of an hour."""
        return [
            Moment(at, fates["kept"], fates["reduced"], fates["counted"], fates["dropped"])
            for at, fates in self._reports.history()
        ]

    def _active(self) -> Sequence[ActiveUsers]:
        """Today's active users, as far as the facts keeper tells."""
        if "active_users" not in self._policy.counts:
            return []
        try:
            return [ActiveUsers(app, identifiers) for app, identifiers in self._facts.call("ask", ACTIVE_SQL)["rows"]]
        except (Refusal, Unreachable):
            return []

    def _trouble(self) -> str | None:
        """What keeps the house from its work. Being there is not enough: the divider says whether it delivers."""
        if not answers(self._facts):
            return f"the {CALLED[FACTS]} does not answer"
        try:
            trouble: str | None = self._divider.call("trouble")
        except (Refusal, Unreachable):
            return f"the {CALLED[DIVIDER]} does not answer"
        return trouble

    def notice(self) -> str:
        """The notice of the adopted policy."""
        return self._notice

    def trial(self, app: str, body: bytes) -> Sequence[Line]:
        """The pure core; nothing is stored."""
        return trial(self._policy, app, body, received=time.time_ns() // 1_000_000)


def main() -> None:
    """Serve until SIGTERM."""
    given = orders()
    settings, reports = given.settings, Reports()
    with opening():
        house = open_vault_house(settings, reports.report)
    folder = sockets(settings)
    doors = [
        Door(folder / f"{LEDGER}.sock", house.ledger, house.watchers),
        Door(folder / f"{VAULT}.sock", house.vault),
    ]
    Recurring("expiry", EXPIRE_SECONDS, house.expire)
    Recurring("the console's history", INTERVAL_SECONDS, lambda: reports.tick(int(time.time())))
    if given.listener is None:
        until_term().wait()
    else:
        address = settings.console
        backend = HouseBackend(house, settings, reports)
        pages = console(backend, token=given.token, hosts=address.hosts, secure=address.secure)
        _serve(given, pages)
    for door in doors:
        door.close()
    house.close()


def _serve(given: Orders, app: object) -> None:
    address = given.settings.console
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]  # Starlette is an ASGI application
        lifespan="off",
        access_log=False,
        log_level="critical",
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=False,
        ssl_certfile=address.cert,
        ssl_keyfile=address.key,
    )
    assert given.listener is not None, "checked by the caller"
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=given.listener)])


if __name__ == "__main__":
    main()
