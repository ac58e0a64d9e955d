"""`make run`: remit with the example policy, and a small fleet of simulated devices that use real SDKs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
POLICY = HERE.parent / "examples" / "device-maker" / "remit.yaml"
BANNER = "A demonstration: these people and devices are simulated."
FLEET_SECONDS_MAX = 10


def main() -> int:
    """Run both until Ctrl-C or SIGTERM; returns remit's exit status."""
    demo = os.environ.get("DEMO", "1") != "0"
    port = os.environ.get("REMIT_PORT", "8080")
    command = [str(Path(sys.executable).with_name("remit")), "up", "--policy", str(POLICY)]
    folders = ["--data", str(HERE / "data"), "--keys", str(HERE / "keys")]
    environment = os.environ | ({"REMIT_BANNER": BANNER} if demo else {})
    if demo:
        print(BANNER, flush=True)
    remit = subprocess.Popen([*command, *folders], env=environment, stdout=subprocess.PIPE, text=True)
    fleet: subprocess.Popen[bytes] | None = None

    def stop(*_: object) -> None:
        """The fleet first, so that it does not call after somebody who is gone."""
        if fleet is not None:
            dismiss(fleet)
        remit.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches remit and the fleet too, which stop in order
    assert remit.stdout is not None
    for line in remit.stdout:
        print(line, end="", flush=True)
        if demo and fleet is None and "remit is ready" in line:
            fleet = subprocess.Popen([sys.executable, str(HERE / "fleet.py"), f"http://127.0.0.1:{port}"])
    if fleet is not None:
        dismiss(fleet)
    return remit.wait()


def dismiss(fleet: subprocess.Popen[bytes]) -> None:
    """Ask it to stop; insist after a while, so that the command ends in any case."""
    fleet.terminate()
    try:
        fleet.wait(FLEET_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        fleet.kill()
        fleet.wait()


if __name__ == "__main__":
    raise SystemExit(main())
