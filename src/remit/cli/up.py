"""The command that runs a house."""

import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from remit.cli.flags import DATA, KEYS, Data, Keys
from remit.cli.policies import loaded
from remit.cli.show import failed, warn
from remit.settings import Settings


def up(  # noqa: PLR0913 -- one parameter per flag, all by name
    *,
    data: Data = DATA,
    keys: Keys = KEYS,
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", envvar="REMIT_POLICY", exists=True, dir_okay=False, help="The policy to adopt on first start."
        ),
    ] = None,
    host: Annotated[str, typer.Option(envvar="REMIT_HOST", help="Where SDKs and people connect.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="REMIT_PORT", help="For SDKs.")] = 8080,
    console_port: Annotated[int, typer.Option(envvar="REMIT_CONSOLE_PORT", help="For people.")] = 8081,
    workers: Annotated[int, typer.Option(envvar="REMIT_WORKERS", min=1, max=64, help="Intake workers.")] = 1,
    adopt: Annotated[bool, typer.Option("--adopt", help="Adopt a changed policy (development).")] = False,
    banner: Annotated[str, typer.Option(envvar="REMIT_BANNER", hidden=True, help="Words above every page.")] = "",
) -> None:
    """Run the gateway, the divider, the two keepers and the console until Ctrl-C."""
    if policy is not None:
        loaded(policy)
    settings = Settings(
        data=data, keys=keys, policy=policy, host=host, port=port, console_port=console_port,
        workers=workers, adopt=adopt, banner=banner,
    )  # fmt: skip
    _run(settings)


def _run(settings: Settings) -> None:
    from remit.house import NotReady
    from remit.processes.supervisor import Supervisor, lock, serve_until_told

    token = secrets.token_urlsafe(24)
    supervisor = Supervisor(settings, token=token, say=warn)
    try:
        with lock(settings):
            _adopt_while_quiet(settings)
            supervisor.start()
            sys.stdout.write(
                f"remit is ready: sdk http://{settings.host}:{settings.port}"
                f" console http://{settings.host}:{settings.console_port}/login?token={token}\n"
            )
            sys.stdout.flush()
            serve_until_told(supervisor)
    except NotReady as error:
        raise failed(error) from error


def _adopt_while_quiet(settings: Settings) -> None:
    """Before a version changes, the journal is divided under the one that it was collected by."""
    from remit.house import DIVIDER, link
    from remit.processes.supervisor import Supervisor

    if not (settings.adopt and (settings.personal / "ledger.db").exists()):
        return
    old = Supervisor(Settings(data=settings.data, keys=settings.keys), listen=False)
    old.start()
    try:
        link(settings, DIVIDER).call("drain")
    finally:
        old.stop()
