"""The command that runs a house."""

import secrets
import signal
import sys
from ipaddress import ip_network
from typing import TYPE_CHECKING

import typer

from remit.cli import flags
from remit.cli.policies import loaded
from remit.cli.show import failed, warn
from remit.cli.waiting import waiting
from remit.processes.stopping import StopSignal, hear
from remit.settings import ConsoleAddress, Settings, authority

if TYPE_CHECKING:
    from remit.processes.supervisor import Supervisor

POLL_SECONDS = 0.1


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
    proxies: flags.Proxies = "",
    requests_per_second: flags.RequestsPerSecond = 0,
    console_host: flags.ConsoleHost = flags.LOCAL,
    console_port: flags.ConsolePort = 8081,
    console_cert: flags.ConsoleCert = None,
    console_key: flags.ConsoleKey = None,
    behind_proxy: flags.BehindProxy = False,
    console_name: flags.ConsoleName = "",
) -> None:
    """Run the gateway, the divider, the two keepers and the console until Ctrl-C."""
    told = StopSignal(signal.SIGTERM, signal.SIGINT)
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
            host=host, port=port, workers=workers, proxies=_networks(proxies), console=console,
            requests_per_second=requests_per_second,
        ),
        told,
    )  # fmt: skip


def _networks(told: str) -> tuple[str, ...]:
    """The addresses and networks of a list. Raises BadParameter for what is none."""
    found = tuple(one.strip() for one in told.split(",") if one.strip())
    for one in found:
        try:
            ip_network(one)
        except ValueError as error:
            says = f"'{one}' is no address or network of a proxy: write it like  10.0.0.7  or  10.0.0.0/8"
            raise typer.BadParameter(says, param_hint="--proxies") from error
    return found


def _run(settings: Settings, told: StopSignal) -> None:
    from remit.house import NotReady, settle
    from remit.processes.supervisor import Stopped, Supervisor, Unstarted, lock

    if told.wait(0):
        return  # nothing is made yet
    supervisor = Supervisor(settings, token=secrets.token_urlsafe(24), told=told, say=warn)
    hear(signal.SIGUSR1, supervisor.replace_workers)
    try:
        supervisor.bind()
        with lock(settings, told, warn):
            with waiting(moment=0) as now:
                settle(settings)
                supervisor.starting = now
                supervisor.start()
            _serve(supervisor)
    except Stopped:
        return
    except Unstarted as error:
        raise typer.Exit(1) from error
    except NotReady as error:
        raise failed(error) from error


def _serve(supervisor: "Supervisor") -> None:
    """Say where, until told to stop; then stop everything."""
    settings = supervisor.settings
    try:
        sys.stdout.write(
            f"remit is ready: sdk http://{authority(settings.host, settings.port)}"
            f" console {settings.console.origin}/login?token={supervisor.token}\n"
        )
        sys.stdout.flush()
        supervisor.told.wait()
    finally:
        supervisor.stop()
