"""One question to a house: the one that runs, or one that runs for as long as the question takes."""

import time
from typing import Any

from remit.cli.show import failed
from remit.house import DIVIDER, NotReady, link
from remit.processes.supervisor import house
from remit.settings import Settings
from remit.stores.link import Refusal, Unreachable

RESTART_SECONDS_MAX, RETRY_SECONDS = 20.0, 0.2


def asked(settings: Settings, process: str, method: str, *args: object, drained: bool = True) -> Any:
    """A keeper's answer, once everything acknowledged before the question is divided.

    What is told rather than asked need not wait (``drained`` False): it holds for what is not yet divided, too.
    """
    try:
        with house(settings):
            if drained:
                _patiently(settings, DIVIDER, "drain")
            return _patiently(settings, process, method, *args)
    except (Refusal, Unreachable, NotReady) as error:
        raise failed(error) from error


def _patiently(settings: Settings, process: str, method: str, *args: object) -> Any:
    """Ask again for a while where a process is just being restarted."""
    deadline = time.monotonic() + RESTART_SECONDS_MAX
    while True:
        try:
            return link(settings, process).call(method, *args)
        except Unreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)
