"""The tour of the README, typed as it stands there."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from running import ROOT, House
from terminal import Shell

README = (ROOT / "README.md").read_text(encoding="utf-8")
HOST = "127.0.0.1:8080"
CHANGED = 2
"""The exit status of `remit diff` where consents have to be asked for again."""


@dataclass(frozen=True)
class Promise:
    """What a reader sees after a line that begins so, and what nowhere."""

    line: str
    seen: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    status: int = 0


PROMISES = (
    Promise('remit facts "SELECT page,', ("/product/*",), ("coupon", "ada@example.org")),
    Promise('remit facts "SELECT period,', ("day", "month", "<5"), ("ada",)),
    Promise("remit person", ("email", "ada@example.org", "Ada"), ("green",)),
    Promise("remit tally", ("kept", "reduced", "counted", "account.id"), ("favourite_colour", "ada")),
    Promise("remit try", ("batch[0].traits.favourite_colour", "nothing in the policy needs it", "/product/*", "kept")),
    Promise("remit notice $REMIT_POLICY --field", ("to deliver what you buy", "notice.html#you-deliver-order")),
    Promise("remit notice examples", ("# Welche Informationen wir erheben", "Ihre Rechte")),
    Promise("remit notice", ("# What information we collect", "Your choices")),
    Promise("remit publish all", ("published/notice.md", "published/PrivacyInfo.xcprivacy")),
    Promise("remit explain email", ("What happens to it", "line 88")),
    Promise("remit explain --refuse email phone", ("Stops", "account: have an account with us")),
    Promise("remit diff", ("Is kept longer", "Consents that no longer cover it: ask again"), status=CHANGED),
    Promise("remit choose", ("refuse learn-usage",)),
    Promise("remit forget", ("destroyed with their keys",)),
)


TOUR = README.partition("## A tour")[2].partition("\n## ")[0]
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w+)\n(.*?)^```", TOUR, re.MULTILINE | re.DOTALL)
"""Language and text of everything in the tour that is to be typed."""


class FirstTerminal(House):
    """Where `make run DEMO=0` runs, in a copy of what the repository has, so that only the ports are others."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.program = [sys.executable, str(folder / "demo/run.py")]
        ports = {"REMIT_PORT": str(self.port), "REMIT_CONSOLE_PORT": str(self.console_port)}
        self.environment = {"DEMO": "0"} | ports

    def arguments(self) -> list[str]:
        return []


class SecondTerminal:
    """Where somebody types what the README says."""

    def __init__(self, first: FirstTerminal) -> None:
        self.first, self.shell, self.kept = first, Shell(first.folder), list[Promise]()

    def types(self, language: str, text: str) -> None:
        """One block."""
        if language == "python":
            (self.first.folder / "step1.py").write_text(text.replace(HOST, f"127.0.0.1:{self.first.port}"))
            self._sends()
        else:
            for line in text.splitlines():
                self._types(line)

    def _sends(self) -> None:
        assert (0, "") == self.shell.type("python step1.py")

    def _types(self, line: str) -> None:
        answer = re.search(r"#.*\btype  (\w+)", line)
        status, said = self.shell.type(line, answer[1] if answer else "")
        promise = next((one for one in PROMISES if line.startswith(one.line)), Promise(line))
        assert promise.status == status, said
        assert [] == [word for word in promise.seen if word not in said], said
        assert [] == [word for word in promise.unseen if word in said], said
        self.kept.append(promise)
        if "send step 1 again" in line:
            self._sends()


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[SecondTerminal]:
    """Somebody before two terminals."""
    for part in ("demo", "examples"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("data", "keys", "__pycache__"))
    (tmp_path / ".venv").symlink_to(sys.prefix)
    first = FirstTerminal(tmp_path)
    first.start()
    second = SecondTerminal(first)
    yield second
    second.shell.close()
    first.stop()


def test_the_tour_can_be_typed_as_it_stands(newcomer: SecondTerminal) -> None:
    """Every block, in order: each command ends as it should, and shows what the README says that it shows."""
    for language, text in BLOCKS:
        newcomer.types(language, text)

    assert {"python", "sh"} == {language for language, _ in BLOCKS}
    assert [] == [one.line for one in PROMISES if one not in newcomer.kept]
    # Refused, the second visit was not counted; forgotten, the first still is.
    assert '"n": 1\n' in newcomer.shell.type('remit facts "SELECT sum(n) AS n FROM page_visit" --json')[1].replace(
        "\r", ""
    )
    status, said = newcomer.shell.type("remit person --purpose run-account --json", "ada")
    assert [0, "[]"] == [status, said.split()[-1]]
    assert "Traceback" not in newcomer.first.output.read_text()


def test_every_line_of_the_tour_stands_in_a_block_of_its_own() -> None:
    """What is to be typed cannot hide in running text, where nothing tries it."""
    hidden = re.findall(r"`((?:remit|make) [^`]+)`", re.sub(r"```.*?```", "", TOUR, flags=re.DOTALL))

    of_your_own = {"remit check FILE", "remit schema", "remit adopt FILE", "remit up"}
    assert {"make run DEMO=0", "make run"} | of_your_own == set(hidden)


def test_make_run_starts_what_is_tried_here() -> None:
    """Both terminals begin as the README says: `make run` is the demonstration's own program."""
    # Make that runs the tests would tell this one, too, to say where it works.
    alone = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    command = ["make", "-n", "run", "DEMO=0"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=alone).stdout

    assert "DEMO=0 .venv/bin/python demo/run.py" == said.splitlines()[-1]
