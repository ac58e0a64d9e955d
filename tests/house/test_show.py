"""What commands print: values as they are."""

import json

import pytest

from remit.cli.show import show


def test_a_value_is_shown_and_never_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets in somebody's name neither break the table nor change how it looks."""
    show(["item", "value"], [["name", "[/b]"], ["name", "[red]Ada[/red]"]], as_json=False)

    said = capsys.readouterr().out
    assert "[/b]" in said
    assert "[red]Ada[/red]" in said


def test_json_is_a_list_of_objects(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts read rows by their columns' names."""
    show(["item", "n"], [["name", 3]], as_json=True)

    assert [{"item": "name", "n": 3}] == json.loads(capsys.readouterr().out)
