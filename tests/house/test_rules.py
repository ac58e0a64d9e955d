"""Each rule of the house, broken on purpose: a rule that cannot fail proves nothing."""

import ast

import house_rules as rules
import pytest

NAMES = [
    ("flows", "from remit.stores.vault import SqlVault", ["1: remit.stores"]),
    ("stores", "import remit.flows.divide", ["1: remit.flows"]),
    ("stores", "from remit.partners import numbers", ["1: remit.partners"]),
    ("policy", "from remit import house", ["1: remit.house"]),
    ("policy", "from remit.settings import Settings", ["1: remit.settings"]),
    ("gateway", "from remit.console.app import app", ["1: remit.console"]),
    ("house", "def f():\n    from remit.processes import intake", ["2: remit.processes"]),
    ("flows", "from . import collect", ["1: . is relative"]),
    ("flows", "from remit.attic.old import everything", ["1: remit.attic"]),
    ("flows", "from remit.policy.words import Item\nfrom remit.flows import load", []),
    ("cli", "from remit.house import link\nimport typer", []),
]


@pytest.mark.parametrize(("here", "source", "expected"), NAMES, ids=[source for _, source, _ in NAMES])
def test_imports_that_do_not_go_down_are_seen(here: str, source: str, expected: list[str]) -> None:
    """Up, sideways, late, relative or into a room without a floor: each is found; down and within is not."""
    assert expected == rules.upward(here, source)


def test_late_imports_are_seen() -> None:
    """An import in a function is one, also in a method and under a condition."""
    assert ["f", "g"] == rules.late(
        "import os\ndef f():\n    import re\nclass A:\n    def g(self):\n        if self:\n            from a import b"
    )


IMPURE = [
    ("import random", ["random"]),
    ("import time", ["time"]),
    ("from pathlib import Path", ["pathlib"]),
    ("import logging.handlers", ["logging.handlers"]),
    ("import urllib.request", ["urllib.request"]),
    ("from sqlglot.executor import execute", ["sqlglot.executor"]),
    ("from sqlglot import exp, executor", ["sqlglot.executor"]),
    ("from opentelemetry.sdk import trace", ["opentelemetry.sdk"]),
    ("from opentelemetry.proto.trace.v1 import trace_pb2\nfrom google.protobuf import message_factory", []),
    ("open('x')", ["open"]),
    ("print('x')", ["print"]),
    ("__import__('os')", ["__import__"]),
    ("eval('1')", ["eval"]),
    ("hash('x')", ["hash"]),
    ("from datetime import datetime\ndatetime.now()", ["now"]),
    ("from datetime import date\nf = date.today", ["today"]),
    ("import re\nfrom urllib.parse import urlsplit\nfrom remit.policy.words import Item\nre.compile('x')", []),
]


@pytest.mark.parametrize(("source", "expected"), IMPURE, ids=[source for source, _ in IMPURE])
def test_impurities_are_seen(source: str, expected: list[str]) -> None:
    """Clock, chance, disk, network, logs and evaluated text are found, whatever they are called through."""
    assert expected == rules.impure(source)


BUILT = [
    ("Block(1)", ["Block"]),
    ("split.Cell()", ["Cell"]),
    ("from remit.policy.split import Vote as V\nV(1)", ["Vote"]),
    ("msgspec.msgpack.decode(data, type=list[Block])", ["Block"]),
    ("msgspec.convert(data, Cell)", ["Cell"]),
    ("make = partial(Vote, 'count')", ["Vote"]),
    ("def f(blocks: list[Block]) -> Block:\n    return blocks[0]", []),
    ("isinstance(x, Block)\nVoter(1)", []),
]


@pytest.mark.parametrize(("source", "expected"), BUILT, ids=[source for source, _ in BUILT])
def test_a_second_place_that_says_yes_is_seen(source: str, expected: list[str]) -> None:
    """By name, under another name, through a module, or out of bytes: building is found; passing on is not building."""
    assert expected == rules.built(source)


FOREIGN = [
    ("from remit.policy.words import Kind", ["remit.policy.words", "remit.policy.words.Kind"]),
    ("import msgspec", ["msgspec"]),
    ("import remit.client_of_another", ["remit.client_of_another"]),
    ("from . import buffer", ["."]),
    ("import http.client\nfrom remit.client import records\nfrom remit.client.buffer import Buffer", []),
]


@pytest.mark.parametrize(("source", "expected"), FOREIGN, ids=[source for source, _ in FOREIGN])
def test_what_an_app_would_have_to_install_is_seen(source: str, expected: list[str]) -> None:
    """A package, another room, or a relative name: the client may import none of them."""
    assert expected == rules.foreign(source)


def test_cycles_are_seen() -> None:
    """A way back is printed with every step; a diamond is none."""
    assert ["a -> b -> c -> a"] == rules.cycles({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert ["b -> c -> b"] == rules.cycles({"a": ["b"], "b": ["c"], "c": ["b"]})
    assert [] == rules.cycles({"a": ["b", "c"], "b": ["d"], "c": ["d"]})


def test_a_module_imported_from_its_package_is_an_edge() -> None:
    """`from remit.policy import words` names the module words, so that a cycle through it is seen."""
    assert "remit.policy.words" in {found for found, _ in rules.imports(ast.parse("from remit.policy import words"))}


def test_sizes_are_measured() -> None:
    """Lines of modules and functions and positional parameters are counted; self and what is named are not."""
    assert {"m.py": 401} == rules.sizes("m.py", "x = 1\n" * 401)
    assert {} == rules.sizes("m.py", "x = 1\n" * 400)
    assert {"m.py:f": 51} == rules.sizes("m.py", "def f():\n" + "    x = 1\n" * 50)
    assert {} == rules.sizes("m.py", "def f():\n" + "    x = 1\n" * 49)
    assert {"m.py:f()": 4} == rules.sizes("m.py", "def f(a, b, /, c, d): ...")
    assert {} == rules.sizes("m.py", "class A:\n    def f(self, a, b, c, *, d, e): ...")


def test_a_list_of_exceptions_only_shrinks() -> None:
    """What is new, what grew, and what is cured and still listed all fail."""
    assert [] == rules.unruly({"a": 60}, {"a": 60})
    assert ["b: 52"] == rules.unruly({"a": 60, "b": 52}, {"a": 60})
    assert ["a: 61"] == rules.unruly({"a": 61}, {"a": 60})
    assert ["a is better now: take it off the list"] == rules.unruly({"a": 59}, {"a": 60})
    assert ["a is better now: take it off the list"] == rules.unruly({}, {"a": 60})


def test_missing_types_are_seen() -> None:
    """A parameter of any kind and a result count; self does not."""
    assert ["f(a)", "f(k)", "f(rest)", "f() ->"] == rules.unannotated("def f(a, *rest, k): ...")
    assert [] == rules.unannotated("class A:\n    def f(self, a: int, **k: str) -> None: ...")


def test_silent_parts_are_seen() -> None:
    """Public parts, modules and tests that say nothing are found; private parts may be silent."""
    assert ["module", "f", "A"] == rules.undescribed("def f(): ...\ndef _g(): ...\nclass A: ...")
    assert ["test_x"] == rules.lawless("def test_x(): ...\ndef helper(): ...\ndef test_y():\n    'A law.'")


def test_two_classes_of_one_name_are_seen() -> None:
    """Wherever they stand; what is private to a module, or a method's own, may be called as it likes."""
    sources = {"a.py": "class Door: ...\nclass _Key: ...", "b/c.py": "class Door(str): ...", "d.py": "class _Key: ..."}

    assert ["Door: a.py, b/c.py"] == rules.ambiguous(sources)
    assert [] == rules.ambiguous({"a.py": "class Door: ...", "b.py": "class Gate:\n    class Door: ..."})


def test_a_class_with_a_second_name_is_seen() -> None:
    """A class is called what its module calls it; modules, constants and the classes of others may be renamed."""
    assert ["Listener as Door"] == rules.renamed("from remit.stores.link import Listener as Door, Link")
    assert [] == rules.renamed(
        "from remit.policy import flow as f\nfrom typing import Any as X\nfrom remit.house import VAULT as V"
    )


SILENCED = [
    ("x = 1  # " + "noqa: S608", True),
    ("x = 1  # " + "type: ignore[misc]", True),
    ("x = 1  # " + "noqa: S608 -- names that checks admitted", False),
    ("x = 1  # " + "type: ignore[misc]  # a Protocol has no constructor", False),
    ("# Only names that we made ourselves.\nx = 1  # " + "noqa: S307", False),
]


@pytest.mark.parametrize(("source", "seen"), SILENCED, ids=[source for source, _ in SILENCED])
def test_silence_without_a_reason_is_seen(source: str, seen: bool) -> None:
    """The reason stands on the line, or on a line of its own above it."""
    assert seen == bool(rules.silenced(source))
