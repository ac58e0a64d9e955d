"""Client packages as vendors publish them, set up by the lines that `docs/sdks.md` tells and by nothing else."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from running import ROOT, House

PAGE = ROOT / "docs/sdks.md"
PACKAGES = ROOT / "tests/sdks"
"""Where Node finds the packages that the lock file names."""
SAID = "http://127.0.0.1:8080"
"""Where the page says that remit is."""
SECONDS_MAX = 60

_SECTION = re.compile(
    r"^### `(?P<package>[^`]+)`.*?\n```(?P<language>\w+)\n(?P<lines>.*?)^```$", re.MULTILINE | re.DOTALL
)
_PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "python": (sys.executable, "-"),
    "js": (str(Path(sys.executable).with_name("node")), "--input-type=module", "-"),
    "bash": ("bash", "-eu"),
}


def told() -> dict[str, tuple[str, str]]:
    """Of each package that the page names, the language and the lines that point it at remit."""
    found = _SECTION.finditer(PAGE.read_text(encoding="utf-8"))
    return {one["package"]: (one["language"], one["lines"]) for one in found}


def in_page(house: House, package: str) -> str:
    """The scripts of a page that point the package at a house as the page tells it."""
    language, lines = told()[package]
    assert "html" == language
    assert SAID in lines, f"{package} is not pointed at remit"
    return lines.replace(SAID, house.sdk)


def run(house: House, package: str, *, then: str) -> str:
    """What a program says that points the package at a house as the page tells it, and goes on with ``then``."""
    language, lines = told()[package]
    assert SAID.partition("//")[2] in lines, f"{package} is not pointed at remit"
    return ran(house, language, lines + then)


def ran(house: House, language: str, program: str) -> str:
    """What a program of the pages says, run against a house."""
    done = subprocess.run(
        _PROGRAMS[language],
        input=program.replace(SAID.partition("//")[2], house.sdk.partition("//")[2]),
        capture_output=True,
        text=True,
        cwd=PACKAGES if language == "js" else house.folder,
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        check=False,
        timeout=SECONDS_MAX,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
