"""An app that ends in the middle of anything: what it recorded before is on disk, and arrives once."""

import random
from pathlib import Path

from apps import ENDLESS, ENDS, FORKS, begun
from moody import KEY, moody

from remit.client import Client

KILLS = 12
LOSSY = ("takes", "takes and loses the reply", "takes and cuts the reply off", "busy", "hangs up")


def test_what_was_recorded_before_a_kill_arrives_once(tmp_path: Path) -> None:
    """Killed with signal 9 at any line, before a server that loses replies: none is lost, none has two ids."""
    chance = random.Random(7)
    said: set[int] = set()
    flushed: set[int] = set()
    with moody() as server:
        for life in range(KILLS):
            server.mood = LOSSY[life % len(LOSSY)]
            app = begun(ENDLESS, server.address, tmp_path, first=life * 100_000)
            assert app.stdout is not None
            for _ in range(chance.randrange(1, 120)):
                line = app.stdout.readline()
                if line == "flushed\n":
                    flushed |= said - flushed
                    assert flushed <= set(server.numbers())
                else:
                    said.add(int(line))
            app.kill()
            said |= {int(line) for line in app.communicate()[0].splitlines() if line != "flushed"}
        server.mood = "takes"
        with Client(server.address, KEY, tmp_path) as client:
            assert client.flush(60)

        numbers = server.numbers()
        assert len(numbers) == len(set(numbers))
        assert said <= set(numbers)
        assert len(numbers) <= len(said) + KILLS  # of each life, the last may have been on its way to be said
        assert [] == server.faults


def test_a_program_and_its_children_record_once_each(tmp_path: Path) -> None:
    """A child of a fork sends its own records and none of its parent's; what it leaves behind is sent by others."""
    with moody() as server:
        app = begun(FORKS, server.address, tmp_path, seconds=3600)
        said = [int(line) for line in app.communicate()[0].split()]

        assert app.returncode == 0
        with Client(server.address, KEY, tmp_path) as client:
            assert client.flush(60)
        assert sorted(said) == server.numbers()
        assert len(said) == len(set(said)) == 10


def test_a_program_that_just_ends_has_sent_what_it_recorded(tmp_path: Path) -> None:
    """Nobody has to call ``close``: the end of the interpreter does."""
    with moody() as server:
        app = begun(ENDS, server.address, tmp_path)
        app.communicate()

        assert [0] == server.numbers()
        assert [] == list(tmp_path.iterdir())


def test_two_programs_share_a_folder(tmp_path: Path) -> None:
    """Each has its own bundles while it lives, and the one that is left takes over those of the one that is gone."""
    with moody() as server:
        server.mood = "busy"
        app = begun(ENDLESS, server.address, tmp_path)
        assert app.stdout is not None
        said = {int(app.stdout.readline())}
        with Client(server.address, KEY, tmp_path) as client:
            client.record("event", {"number": -1})
            assert client.stats().found == 0
            app.kill()
            said |= {int(line) for line in app.communicate()[0].splitlines() if line != "flushed"}
            server.mood = "takes"

            assert client.flush(60)
            assert said | {-1} <= set(server.numbers())
            assert client.stats().found >= len(said)
