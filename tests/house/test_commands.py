"""The command line as a test: every command teaches itself, and its example can be typed as it stands."""

import os
import shlex
from pathlib import Path
from shutil import copy

import click
import pytest
import typer
from house_rules import ROOT
from typer.testing import CliRunner

from remit.cli.main import COMMANDS, WRITE, app

_GROUP = typer.main.get_command(app)
assert isinstance(_GROUP, click.Group | typer.core.TyperGroup)
TYPED = _GROUP.commands


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_shows_how(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence, a word for every parameter, and an example that the command itself accepts."""
    for file in ("remit.yaml", "body.json"):
        (tmp_path / file).touch()
    monkeypatch.chdir(tmp_path)
    command = TYPED[name]
    remit, typed, *arguments = shlex.split(COMMANDS[name].example)

    assert ["remit", name] == [remit, typed]
    command.make_context(name, arguments)
    assert command.get_short_help_str(200).endswith(".")
    assert [] == [one.name for one in command.params if not getattr(one, "help", "")]


@pytest.mark.parametrize(
    "name", [name for name, command in COMMANDS.items() if command.panel == WRITE and name != "diff"]
)
def test_an_example_about_a_policy_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `--help` shows of a command that needs no house runs as it stands, with the policy of the examples.

    `remit diff` needs a repository besides.
    """
    copy(ROOT / "examples/device-maker/remit.yaml", tmp_path)
    (tmp_path / "body.json").write_text('{"batch":[{"type":"page","userId":"u"}],"writeKey":"demo-android"}')
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, shlex.split(COMMANDS[name].example)[1:])

    assert (0, None) == (done.exit_code, done.exception)
    assert done.stdout


def test_help_lists_every_command_under_a_heading() -> None:
    """`remit --help` shows each command once, in groups that follow the work."""
    said = _help()
    headings = list(dict.fromkeys(command.panel for command in COMMANDS.values()))

    assert sorted(headings, key=said.index) == headings
    assert [] == [name for name in COMMANDS if f"│ {name} " not in said]
    assert set(COMMANDS) == set(TYPED)


SAID = {
    "data": "elsewhere",
    "keys": "elsewhere",
    "policy": "remit.yaml",
    "adopt": "true",
    "banner": "A rehearsal.",
    "host": "192.0.2.7",
    "port": "8088",
    "workers": "3",
    "proxies": "10.0.0.0/8",
    "requests_per_second": "250.0",
    "console_host": "192.0.2.8",
    "console_port": "8089",
    "console_cert": "remit.yaml",
    "console_key": "remit.yaml",
    "behind_proxy": "true",
    "console_name": "remit.example.org",
}


def test_every_flag_of_a_house_is_tried() -> None:
    """The test below leaves no flag out."""
    assert set(SAID) == {one.name for one in TYPED["up"].params}


@pytest.mark.parametrize("name", SAID)
def test_a_flag_may_stand_in_the_environment(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As REMIT_ and its name it means the same, and a typed flag wins."""
    (tmp_path / "remit.yaml").touch()
    monkeypatch.chdir(tmp_path)
    flag, variable = f"--{name.replace('_', '-')}", f"REMIT_{name.upper()}"
    typed = [flag] if SAID[name] == "true" else [flag, SAID[name]]
    quiet, loud = (TYPED["up"].make_context("up", [*words]).params for words in ([], typed))
    assert quiet != loud

    monkeypatch.setenv(variable, SAID[name])
    assert loud == TYPED["up"].make_context("up", []).params
    monkeypatch.setenv(variable, "nothing that any flag could mean" if SAID[name] != "true" else "false")
    assert loud == TYPED["up"].make_context("up", [*typed]).params


def test_every_flag_of_a_house_is_documented() -> None:
    """Who runs a house finds each flag in the documents."""
    running = (ROOT / "docs/running.md").read_text()

    assert [] == [flag for one in TYPED["up"].params for flag in one.opts if f"`{flag}`" not in running]


def _help() -> str:
    return CliRunner().invoke(app, ["--help"], env={**os.environ, "COLUMNS": "100"}).output
