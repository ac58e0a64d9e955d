"""What commands say: answers on standard output, words about them on standard error."""

import sys
from collections.abc import Iterable

import msgspec
import typer

COLUMNS_MAX = 100_000


def failed(error: Exception) -> typer.Exit:
    """The end of a command that could not do what was asked, said in the error's own words."""
    warn(str(error))
    return typer.Exit(1)


def warn(text: str) -> None:
    """One line for people."""
    sys.stderr.write(f"remit: {text}\n")


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
        console.print(Text(line, style))


def _show_table(columns: list[str], rows: list[list[object]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # a value is shown, never read as markup
    # Beyond a terminal nothing is folded, so that a line is a row to whatever reads it.
    Console(width=None if sys.stdout.isatty() else COLUMNS_MAX).print(table)
