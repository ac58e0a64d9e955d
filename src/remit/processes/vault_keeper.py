"""The vault keeper: owns vault, ledger and keyring, and serves the console."""

import socket
import time

import uvicorn

from remit.console.app import console
from remit.console.guard import Login
from remit.flows.reports import INTERVAL_SECONDS, Reports
from remit.house import LEDGER, VAULT, open_vault_house, sockets, used_link
from remit.processes.child import Orders, opening, orders, until_term
from remit.processes.console_backend import HouseBackend
from remit.processes.recurring import Recurring
from remit.stores.link import Server

EXPIRE_SECONDS = 60.0


def main() -> None:
    """Serve until SIGTERM."""
    given = orders()
    settings, reports = given.settings, Reports()
    with opening():
        house = open_vault_house(settings, reports.report)
    folder = sockets(settings)
    doors = [
        Server(folder / f"{LEDGER}.sock", house.ledger, house.watchers),
        Server(folder / f"{VAULT}.sock", house.vault),
    ]
    Recurring("expiry", EXPIRE_SECONDS, house.expire)
    Recurring("the console's history", INTERVAL_SECONDS, lambda: reports.tick(int(time.time())))
    if given.listener is None:
        until_term().wait()
    else:
        address = settings.console
        backend = HouseBackend(house, settings, reports)
        login = Login(given.token, given.session, used_link(settings))
        pages = console(backend, login, hosts=address.hosts, secure=address.secure)
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
