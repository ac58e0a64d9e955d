"""What a person sees while a command takes longer than a moment, and what a script does not."""

from pathlib import Path

from running import POLICY, House, free_port, stopped, until
from terminal import Terminal

TABLE, JSON = ["facts", "SELECT page, n FROM page_visit"], ["facts", "SELECT page, n FROM page_visit", "--json"]
DIVIDING = "waiting until everything acknowledged is divided"


def test_a_person_is_told_what_is_waited_for(house: House) -> None:
    """On a terminal a slow command says what it waits for; with --json, or where nobody looks, it says nothing."""
    assert 200 == house.segment([{"type": "page", "userId": "u", "properties": {"url": "/cart"}}]).status_code
    with stopped(house.children()["divider"]):
        quiet = [
            Terminal([*JSON, *house.folders()], folder=house.folder),
            Terminal([*TABLE, *house.folders()], folder=house.folder, piped=True),
        ]
        watched = Terminal([*TABLE, *house.folders()], folder=house.folder)
        until(lambda: DIVIDING in watched.seen)

    assert [0, 0, 0] == [one.end() for one in (*quiet, watched)]
    assert "/cart" in watched.seen
    assert ['[\n  {\n    "page": "/cart",\n    "n": 1\n  }\n]\n', ""] == [
        quiet[0].seen.replace("\r", ""),
        quiet[1].errors(),
    ]
    assert DIVIDING not in quiet[1].seen


def test_starting_shows_what_is_being_started(tmp_path: Path) -> None:
    """`remit up` names each process while it starts, and the line is gone when remit is ready."""
    ports = ["--port", str(free_port()), "--console-port", str(free_port())]
    up = Terminal(["up", "--policy", str(POLICY), *ports], folder=tmp_path)
    try:
        until(lambda: "remit is ready" in up.seen)
        names = ("vault-keeper", "facts-keeper", "divider", "intake-1")
        assert [] == [name for name in names if f"starting the {name}" not in up.seen]
        assert up.seen.rindex("remit is ready") > up.seen.rindex("starting the")
    finally:
        up.process.terminate()
    assert 0 == up.end()


def test_a_person_sees_how_far_a_proof_is(tmp_path: Path) -> None:
    """On a terminal a bar counts the pairs, and is not taken for what a trace printed; elsewhere there is none."""
    verify = ["verify", "--policy", str(POLICY), "--seed", "1", "--pairs", "60"]
    watched = Terminal(verify, folder=tmp_path)
    quiet = [Terminal([*verify, "--json"], folder=tmp_path), Terminal(verify, folder=tmp_path, piped=True)]

    assert [0, 0, 0] == [one.end() for one in (watched, *quiet)]
    assert "trying alike traces" in watched.seen
    assert "All that was compared holds." in watched.seen
    assert [False, False, ""] == [*("trying alike traces" in one.seen for one in quiet), quiet[1].errors()]
