"""What commands say, as files that people review: golden texts, and the console blocks of the documents.

``python tests/commands/said.py`` writes them anew; what changed is then read in the commit.
"""

import os
import re
import shlex
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from typer.testing import CliRunner

from remit.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
EXAMPLE = ROOT / "examples/device-maker/remit.yaml"
CASES = ROOT / "tests/policy/cases"
DOCUMENT = ROOT / "docs/explain.md"
DOCUMENTS = (DOCUMENT, ROOT / "docs/verify.md")
PLAIN = {"NO_COLOR": "1"}
_BLOCK = re.compile(r"```console\n\$ (remit .*)\n((?:.*\n)*?)```\n")

SAID = {
    "explain-item.txt": "explain email",
    "explain-item-uncollected.txt": "explain device.imei",
    "explain-purpose.txt": "explain learn-usage",
    "explain-service.txt": "explain shop reading",
    "explain-app.txt": "explain shop-web",
    "explain-fact.txt": "explain page_visit",
    "explain-count.txt": "explain active_users",
    "explain-kind.txt": "explain page_leave",
    "explain-check.txt": "explain P057",
    "explain-item.json": "explain net.ip --json",
    "refuse-stops.txt": "explain --refuse email phone:answer-you",
    "refuse-purpose.txt": "explain --refuse learn-usage",
    "refuse-stops.json": "explain --refuse email phone:answer-you --json",
}
"""Commands about the example policy, each with the file that holds what it says."""


def run(line: str, typed: str = "") -> tuple[int, str, str]:
    """A command's exit status, and what it said and complained."""
    done = CliRunner().invoke(app, shlex.split(line), input=typed, env=os.environ | PLAIN, catch_exceptions=False)
    return done.exit_code, done.stdout, done.stderr


def said_of_the_example(line: str) -> str:
    """What a command says about the example policy."""
    return run(f"{line} --policy {EXAMPLE}")[1]


def written(document: str) -> dict[str, str]:
    """The files that a document tells its reader to write: the blocks that begin with a name."""
    return dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```\n", document, re.DOTALL))


def blocks(document: str) -> Iterator[tuple[str, str]]:
    """Each command that a document shows, and what it says that the command says."""
    yield from _BLOCK.findall(document)


def executed(document: str) -> str:
    """The document, with what its commands say now, in a folder with the files that it shows."""
    with TemporaryDirectory() as folder, chdir(folder):
        for name, text in written(document).items():
            Path(name).write_text(f"# {name}\n{text}", encoding="utf-8")
        return _BLOCK.sub(_answered, document)


def _answered(block: re.Match[str]) -> str:
    _, out, err = run(block[1].removeprefix("remit "))
    return f"```console\n$ {block[1]}\n{out}{err}```\n"


def main() -> None:
    """Write all of it anew."""
    for name, line in SAID.items():
        (GOLDEN / name).write_text(said_of_the_example(line), encoding="utf-8")
    for document in DOCUMENTS:
        document.write_text(executed(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
