"""`make run`: remit with the example policy, and a small fleet of simulated devices that use real SDKs.

Flags of `remit up` may stand in the environment, as always: REMIT_DATA, REMIT_PORT and so on.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = {
    "REMIT_POLICY": str(HERE.parent / "examples" / "device-maker" / "remit.yaml"),
    "REMIT_DATA": str(HERE / "data"),
    "REMIT_KEYS": str(HERE / "keys"),
    "REMIT_PORT": "8080",
}
"""Where the environment says nothing else."""
BANNER = "A demonstration: these people and devices are simulated."
FLEET_SECONDS_MAX = 10
TOLD = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    """Run both until Ctrl-C or SIGTERM; returns remit's exit status."""
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)  # whoever is started meanwhile hears of it once it listens
    demo = os.environ.get("DEMO", "1") != "0"
    environment = HOME | dict(os.environ) | ({"REMIT_BANNER": BANNER} if demo else {})
    if demo:
        print(BANNER, flush=True)
    up = [str(Path(sys.executable).with_name("remit")), "up"]
    remit = subprocess.Popen(up, env=environment, stdout=subprocess.PIPE, text=True)
    fleet: subprocess.Popen[bytes] | None = None

    def stop(*_: object) -> None:
        """The fleet first, so that it does not call after somebody who is gone."""
        if fleet is not None:
            dismiss(fleet)
        remit.terminate()

    for number in TOLD:
        signal.signal(number, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD)
    assert remit.stdout is not None
    for line in remit.stdout:
        print(line, end="", flush=True)
        if demo and fleet is None and "remit is ready" in line:
            fleet = sent_out(environment)
    if fleet is not None:
        dismiss(fleet)
    return remit.wait()


def sent_out(environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """The fleet; it hears of Ctrl-C once it listens."""
    host = f"http://127.0.0.1:{environment['REMIT_PORT']}"
    before = signal.pthread_sigmask(signal.SIG_BLOCK, TOLD)
    try:
        return subprocess.Popen([sys.executable, str(HERE / "fleet.py"), host])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def dismiss(fleet: "subprocess.Popen[bytes]") -> None:
    """Ask it to stop; insist after a while, so that the command ends in any case."""
    fleet.terminate()
    try:
        fleet.wait(FLEET_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        fleet.kill()
        fleet.wait()


if __name__ == "__main__":
    raise SystemExit(main())
