"""The command line as a test: every command teaches itself, and its example can be typed as it stands."""

import os
import shlex
from pathlib import Path

import click
import pytest
import typer
from house_rules import ROOT
from typer.testing import CliRunner

from remit.cli.main import COMMANDS, app

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


def test_help_lists_every_command_under_a_heading() -> None:
    """`remit --help` shows each command once, in groups that follow the work."""
    said = _help()
    headings = list(dict.fromkeys(command.panel for command in COMMANDS.values()))

    assert sorted(headings, key=said.index) == headings
    assert [] == [name for name in COMMANDS if f"│ {name} " not in said]
    assert set(COMMANDS) == set(TYPED)


def test_every_flag_of_a_house_is_documented() -> None:
    """Who runs a house finds each flag in the documents."""
    running = (ROOT / "docs/running.md").read_text()

    assert [] == [flag for one in TYPED["up"].params for flag in one.opts if f"`{flag}`" not in running]


def _help() -> str:
    return CliRunner().invoke(app, ["--help"], env={**os.environ, "COLUMNS": "100"}).output
