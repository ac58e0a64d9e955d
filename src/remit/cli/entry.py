"""Where every command begins: signals are held back until what was typed is read and can answer them."""

import signal
import sys

HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
INTERRUPTED = 130
"""The exit status by which shells know Ctrl-C."""


def main() -> None:
    """Run the command that was typed. `up` says itself when it listens; any other may be interrupted at any time."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    from remit.cli.main import app

    try:
        if sys.argv[1:2] != ["up"]:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)
        app()
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
