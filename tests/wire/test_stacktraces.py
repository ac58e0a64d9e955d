"""Where an error happened, out of a stack trace as each language writes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.wire.stacktraces import NOWHERE, Frame, innermost, named

JAVA = """java.lang.Error: ada
\tat com.example.Cart$Item.<init>(Cart.kt:12)
\tat com.example.Main.run(Main.kt:3)"""
MODULE = """java.lang.Error
\tat java.base/java.util.ArrayList.get(ArrayList.java:4)"""
NET = """System.Exception: ada
   at Shop.Cart.Total(Int32 n) in C:\\Users\\ada\\Cart.cs:line 3"""
JAVASCRIPT = """TypeError: ada
    at Cart.total (https://shop.example/app.js:10:5)
    at run (https://shop.example/app.js:1:5)"""
AWAITED = """Error
    at async Cart.total (file:///home/ada/app.js:1:2)"""
UNNAMED = """Error
    at https://shop.example/app.js:10:5"""
PYTHON = """Traceback (most recent call last):
  File "/home/ada/shop/main.py", line 3, in run
    pay()
  File "/home/ada/shop/cart.py", line 9, in pay
    raise KeyError
KeyError: ada"""
DART = """#0      Cart.total (package:shop/cart.dart:12:5)
#1      main (package:shop/main.dart:3)"""
APPLE = """0   Shop    0x0000000102 Cart.total() + 44
1   UIKit   0x0000000001 run() + 1"""
TRACES = {
    "Java": (JAVA, "com.example.Cart$Item", "<init>"),
    "a module of Java": (MODULE, "java.util.ArrayList", "get"),
    ".NET": (NET, "Shop.Cart", "Total"),
    "JavaScript": (JAVASCRIPT, None, "Cart.total"),
    "a method that is awaited": (AWAITED, None, "Cart.total"),
    "no name": (UNNAMED, None, None),
    "Python": (PYTHON, "cart", "pay"),
    "Dart": (DART, "shop/cart", "Cart.total"),
    "Apple's": (APPLE, "Shop", "Cart.total"),
    "nothing": ("", None, None),
    "a text": ("ada went at home (alone)", None, None),
}


@pytest.mark.parametrize("language", TRACES)
def test_the_innermost_frame_is_found(language: str) -> None:
    """Module and function, without message, line, or any path of a file that names who made the program."""
    trace, module, function = TRACES[language]

    assert Frame(module, function) == innermost(trace)
    assert "ada" not in str(innermost(trace))


def test_a_full_name_is_taken_apart() -> None:
    """As the convention writes the name of a function."""
    assert Frame("shop.cart", "total") == named("shop.cart.total")
    assert Frame(None, "total") == named("total")


@given(st.text(max_size=200), st.sampled_from(["", "Traceback \n", "\tat ", "#0 ", "0 x 0x1"]))
def test_no_text_is_an_error(text: str, head: str) -> None:
    """Whatever stands there, something or nothing is found in it."""
    assert isinstance(innermost(head + text), Frame)


@pytest.mark.parametrize("line", ["\tat " + "a." * 200_000, "at " * 200_000, "0 " * 200_000 + "0x"])
def test_a_line_of_nobody_tells_nothing(line: str) -> None:
    """A line longer than any program writes is passed over."""
    assert NOWHERE == innermost(line)
