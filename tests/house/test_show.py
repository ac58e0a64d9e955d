"""What commands print: values as they are."""

import json

import pytest

from remit.cli.show import show, show_lines


def test_a_value_is_shown_and_never_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in somebody's name neither break the table nor change how it looks."""
    show(["item", "value"], [["name", "[/b]"], ["name", "[red]Ada[/red]"]], as_json=False)

    said = capsys.readouterr().out
    assert "[/b]" in said
    assert "[red]Ada[/red]" in said


TRICKS = (
    "Eve\x1b[2J\x1b]0;pwned\x07",
    "two\nlines\r",
    "\u202egnp.exe",
    "\x9b31m",
    "a\u2028b",
    "\ud800",
    "\u2066x\u2069",
    "\0",
)
SCRIPTS = ("Zo\u00eb", "\u0646\u0645\u06cc\u200c\u062e", "\U0001f469\u200d\U0001f680", "a\\b")


@pytest.mark.parametrize("sent", TRICKS)
def test_a_value_does_not_command_the_terminal(sent: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What clears a screen, sets a title, turns text around or makes another row is written out instead."""
    show(["item", "value"], [["name", sent]], as_json=False)
    rows = capsys.readouterr().out
    show_lines([("bold", f"name: {sent}")])
    line = capsys.readouterr().out
    show(["item", "n"], [["name", 3]], as_json=False)

    assert capsys.readouterr().out.count("\n") == rows.count("\n")
    assert 1 == line.count("\n")
    assert [] == [mark for mark in sent if not mark.isprintable() and mark != "\n" and mark in rows + line]


@pytest.mark.parametrize(
    "name", ["Zo\u00eb", "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\U0001f469\u200d\U0001f680", "a\\b"]
)
def test_names_of_any_script_are_shown_as_they_are(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Joiners are letters' business, and a backslash is one."""
    show(["value"], [[name]], as_json=False)

    assert name in capsys.readouterr().out


def test_json_is_a_list_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts read rows by their columns' names."""
    show(["item", "n"], [["name", 3]], as_json=True)

    assert [{"item": "name", "n": 3}] == json.loads(capsys.readouterr().out)
