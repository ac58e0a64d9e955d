"""`make run`: remit with the example policy, and a small fleet of simulated devices that use real SDKs."""

import os
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BANNER = "A demonstration: these people and devices are simulated."


def main() -> int:
    """Run both until Ctrl-C; returns remit's exit status."""
    port = os.environ.get("REMIT_PORT", "8080")
    remit = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("remit")), "up", "--data", str(HERE / "data"),
            "--keys", str(HERE / "keys"), "--policy", str(HERE.parent / "examples/device-maker/remit.yaml"),
        ],
        env=os.environ | {"REMIT_BANNER": BANNER if os.environ.get("DEMO", "1") != "0" else ""},
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    signal.signal(signal.SIGTERM, lambda *_: remit.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches remit too, which stops in order
    fleet = None
    assert remit.stdout is not None
    for line in remit.stdout:
        print(line, end="", flush=True)
        if "remit is ready" in line and os.environ.get("DEMO", "1") != "0":
            fleet = subprocess.Popen([sys.executable, str(HERE / "fleet.py"), f"http://127.0.0.1:{port}"])
    status = remit.wait()
    if fleet is not None:
        fleet.terminate()
        fleet.wait()
    return status


if __name__ == "__main__":
    raise SystemExit(main())
