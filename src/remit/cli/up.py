"""The command that runs a house."""

import secrets
import sys

from remit.cli import flags
from remit.cli.policies import loaded
from remit.cli.show import failed, warn
from remit.cli.waiting import Now, waiting
from remit.settings import ConsoleAddress, Settings, authority


def up(  # noqa: PLR0913 -- one parameter per flag, all by name
    *,
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    policy: flags.FirstPolicy = None,
    adopt: flags.Adopt = False,
    banner: flags.Banner = "",
    host: flags.Host = flags.LOCAL,
    port: flags.Port = 8080,
    workers: flags.Workers = 1,
    console_host: flags.ConsoleHost = flags.LOCAL,
    console_port: flags.ConsolePort = 8081,
    console_cert: flags.ConsoleCert = None,
    console_key: flags.ConsoleKey = None,
    behind_proxy: flags.BehindProxy = False,
    console_name: flags.ConsoleName = "",
) -> None:
    """Run the gateway, the divider, the two keepers and the console until Ctrl-C."""
    console = ConsoleAddress(
        host=console_host,
        port=console_port,
        cert=console_cert,
        key=console_key,
        behind_proxy=behind_proxy,
        name=console_name,
    )
    if policy is not None:
        loaded(policy)
    _run(
        Settings(
            data=data, keys=keys, policy=policy, adopt=adopt, banner=banner,
            host=host, port=port, workers=workers, console=console,
        )
    )  # fmt: skip


def _run(settings: Settings) -> None:
    from remit.house import NotReady
    from remit.processes.supervisor import Supervisor, lock, serve_until_told

    token = secrets.token_urlsafe(24)
    try:
        with lock(settings):
            with waiting(moment=0) as now:
                _adopt_while_quiet(settings, now)
                supervisor = Supervisor(settings, token=token, say=warn, starting=now)
                supervisor.start()
            sys.stdout.write(
                f"remit is ready: sdk http://{authority(settings.host, settings.port)}"
                f" console {settings.console.origin}/login?token={token}\n"
            )
            sys.stdout.flush()
            serve_until_told(supervisor)
    except NotReady as error:
        raise failed(error) from error


def _adopt_while_quiet(settings: Settings, now: Now) -> None:
    """Before a version changes, the journal is divided under the one that it was collected by."""
    from remit.house import DIVIDER, link
    from remit.processes.supervisor import Supervisor

    if not (settings.adopt and (settings.personal / "ledger.db").exists()):
        return
    old = Supervisor(Settings(data=settings.data, keys=settings.keys), listen=False, starting=now)
    old.start()
    try:
        now("dividing what came under the version that was adopted")
        link(settings, DIVIDER).call("drain")
    finally:
        old.stop()
