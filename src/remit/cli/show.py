"""What commands say: answers on standard output, words about them on standard error."""

import re
import sys
from collections.abc import Iterable

import msgspec
import typer

COLUMNS_MAX = 100_000
_COMMANDS = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""What a terminal obeys, or is turned around by, and does not show: control and direction characters, tags, halves."""


def failed(error: Exception) -> typer.Exit:
    """The end of a command that could not do what was asked, said in the error's own words."""
    warn(str(error))
    return typer.Exit(1)


def warn(text: str) -> None:
    """One line for people."""
    sys.stderr.write(f"remit: {text}\n")


def visible(text: str) -> str:
    """The text with what would command a terminal written out: whoever sent a value is nobody's operator."""
    return _COMMANDS.sub(lambda found: repr(found[0])[1:-1], text)


def show(columns: list[str], rows: list[list[object]], *, as_json: bool, empty: str = "no rows") -> None:
    """Rows as a table, or as a list of objects; where there are none, a person is told so in words."""
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif not rows:
        warn(empty)
    else:
        _show_table(columns, rows)


def show_json(value: object) -> None:
    """One value, indented."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def show_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Lines, each in a style that a terminal shows and a file does not."""
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)
    for style, line in lines:
        console.print(Text(visible(line), style))


def _show_table(columns: list[str], rows: list[list[object]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(visible(str(cell))) for cell in row))  # a value is shown, never read as markup
    # Beyond a terminal nothing is folded, so that a line is a row to whatever reads it.
    Console(width=None if sys.stdout.isatty() else COLUMNS_MAX).print(table)
