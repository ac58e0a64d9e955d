"""One question to a house: the one that runs, or one that runs for as long as the question takes."""

import time
from collections.abc import Sequence
from typing import Any

import typer

from remit.cli.show import failed
from remit.cli.waiting import waiting
from remit.house import CALLED, DIVIDER, NotReady, link
from remit.processes.supervisor import Left, Unstarted, house, left
from remit.settings import Settings
from remit.stores.link import Declined, Unreachable

RESTART_SECONDS_MAX, RETRY_SECONDS = 20.0, 0.2


def asked(settings: Settings, process: str, *question: object, drained: bool = True, quiet: bool = False) -> Any:
    """A keeper's answer to a method and its arguments, once everything acknowledged before is divided.

    What is told rather than asked need not wait (``drained`` False): it holds for what is not yet divided, too.
    """
    try:
        try:
            return _asked(settings, process, question, drained=drained, quiet=quiet)
        except Left:  # it can be asked once more: a house of its own does not leave
            return _asked(settings, process, question, drained=drained, quiet=quiet)
    except Unstarted as error:
        raise typer.Exit(1) from error
    except (Declined, NotReady) as error:
        raise failed(error) from error


def _asked(settings: Settings, process: str, question: Sequence[object], *, drained: bool, quiet: bool) -> Any:
    with waiting(quiet=quiet) as now, house(settings, now):
        if drained:
            now("waiting until everything acknowledged is divided")
            patiently(settings, DIVIDER, "drain")
        now(f"waiting for the {CALLED[process]}")
        return patiently(settings, process, *question)


def patiently(settings: Settings, process: str, method: Any, *args: object) -> Any:
    """Ask again for a while where a process is just being restarted. Raises NotReady when it stays away.

    Raises Left at once when nobody is there who would restart it.
    """
    deadline = time.monotonic() + RESTART_SECONDS_MAX
    while True:
        try:
            return link(settings, process).call(method, *args)
        except Unreachable as error:
            if left(settings):
                raise Left(f"remit stopped in {settings.data} while it was asked: ask again") from error
            if time.monotonic() > deadline:
                raise NotReady(
                    f"the {CALLED[process]} of {settings.data} does not answer ({error}): the terminal where remit runs"
                    " says why; stop remit there and start it again, nothing acknowledged is lost by that"
                ) from error
            time.sleep(RETRY_SECONDS)
