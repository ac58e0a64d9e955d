"""What a process says, whoever reads it."""

import os
import subprocess
import sys

PROGRAM = "from remit.processes.terminal import say; say('one'); say('two'); print('goes on', flush=True)"


def test_nobody_who_reads_is_no_reason_to_end() -> None:
    """The terminal may be gone: who says something then goes on with what it does."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=writer, check=False)
    os.close(writer)

    assert b"goes on\n" == done.stdout
