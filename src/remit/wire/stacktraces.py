"""Where an error happened, out of a stack trace as a text: module and function of the innermost frame, nothing else.

Read line by line at a cost of the text's length, without expressions that search. Paths of files are left out, since
they name the people on whose machines a program was made; of Python's the module's own name stays.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

LINES_MAX = 64
LINE_CHARACTERS_MAX = 400
_HEAD = LINES_MAX * LINE_CHARACTERS_MAX


class Frame(NamedTuple):
    """A place in a program."""

    module: str | None
    function: str | None


NOWHERE = Frame(None, None)


def innermost(trace: str) -> Frame:
    """The frame in which the error happened, as far as one of the ways to write it is known."""
    if trace.startswith("Traceback "):
        return next(_of_python(reversed(trace[-_HEAD:].splitlines()[-LINES_MAX:])), NOWHERE)
    return next(_of_others(trace[:_HEAD].splitlines()[:LINES_MAX]), NOWHERE)


def named(function: str) -> Frame:
    """The frame of a function's full name: ``shop.cart.total``."""
    module, _, last = function.rpartition(".")
    return Frame(module or None, last or None)


def _of_python(lines: Iterable[str]) -> Iterator[Frame]:
    """``File "/app/shop/cart.py", line 3, in total``; the last is the innermost."""
    for line in lines:
        head, said, function = line.strip().rpartition(", in ")
        if said and head.startswith('File "') and len(line) <= LINE_CHARACTERS_MAX:
            file = head.split('"')[1].replace("\\", "/").rpartition("/")[2]
            yield Frame(file.removesuffix(".py") or None, function or None)


def _of_others(lines: Iterable[str]) -> Iterator[Frame]:
    for line in lines:
        text = line.strip()
        if len(line) > LINE_CHARACTERS_MAX:
            continue
        if text.startswith("at "):
            yield _called(text.removeprefix("at ").removeprefix("async ").removeprefix("new "))
        elif text.startswith("#0 "):
            yield _of_dart(text.removeprefix("#0 ").strip())
        elif text.startswith("0 ") and " 0x" in text:
            yield _of_apple(text.split())


def _called(text: str) -> Frame:
    """``shop.Cart.total(Cart.kt:3)`` of Java and .NET, ``Cart.total (https://shop.example/app.js)`` of JavaScript."""
    called, opened, _ = text.partition("(")
    if not opened:
        return NOWHERE  # a function without a name: all that is left is a file
    if called.endswith(" "):
        return Frame(None, called.strip() or None)
    return named(called.rpartition("/")[2])


def _of_dart(text: str) -> Frame:
    """``Cart.total (package:shop/cart.dart:12:5)``."""
    function, _, file = text.partition(" (")
    module = file.partition(".dart")[0]
    return Frame(module.removeprefix("package:") if module.startswith("package:") else None, function or None)


def _of_apple(words: list[str]) -> Frame:
    """``0  Shop  0x0000000102 Cart.total() + 44``."""
    at = next(i for i, word in enumerate(words) if word.startswith("0x"))
    function = words[at + 1].partition("(")[0] if len(words) > at + 1 else ""
    return Frame(" ".join(words[1:at]) or None, function or None)
