"""Ways to break the house on purpose, each with the test that must turn red: a law that cannot fail proves nothing.

A break is a few lines of a YAML file beside this one. ``make breaks`` tries them all in a copy of the tree;
``python tests/breaks/breaks.py WORD ...`` tries those whose law, file or words contain one of the words.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import yaml
from rich.console import Console
from rich.progress import track

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PARTS = ("src", "tests", "examples", "docs", "demo", "benchmarks", "scripts", "pyproject.toml", "Makefile")
PACKAGES = "tests/sdks/node_modules"
LEFT_OUT = shutil.ignore_patterns("__pycache__", "node_modules", "data", "keys")
PROFILE = "--hypothesis-profile=breaks"
SECONDS_MAX = 300
RED, HUNG = 1, -1
"""What pytest returns when tests failed, and what stands for waiting for ever; anything else broke the trial."""


@dataclass(frozen=True, slots=True)
class Break:
    """``old`` stands once in ``file`` and becomes ``new``; then ``red``, a test or a file of tests, must fail."""

    law: str
    says: str
    file: str
    old: str
    new: str
    red: str

    def source(self, root: Path) -> Path:
        """The file in a tree."""
        return root / "src" / "remit" / self.file


def breaks() -> list[Break]:
    """All that are written down."""
    return [
        Break(one["law"], one["says"], one["file"], one["old"].rstrip("\n"), one["new"].rstrip("\n"), one["red"])
        for path in sorted(HERE.glob("*.yaml"))
        for one in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def copied(folder: Path) -> Path:
    """A copy of the tree that may be broken."""
    folder.mkdir()
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=LEFT_OUT)
        else:
            shutil.copy(source, folder / part)
    (folder / PACKAGES).symlink_to(ROOT / PACKAGES)
    for document in ROOT.glob("*.md"):
        shutil.copy(document, folder / document.name)
    return folder


def tried(one: Break, root: Path) -> int:
    """What pytest returns while the break is in."""
    source = one.source(root)
    sound = source.read_text(encoding="utf-8")
    assert sound.count(one.old) == 1, f"{one.file}: the text to break must stand once: {one.old}"
    source.write_text(sound.replace(one.old, one.new), encoding="utf-8")
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", PROFILE, one.red],
            cwd=root,
            env=os.environ | {"PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            check=False,
            timeout=SECONDS_MAX,
        ).returncode
    except subprocess.TimeoutExpired:
        return HUNG
    finally:
        source.write_text(sound, encoding="utf-8")


def told(one: Break, code: int) -> str:
    """What is said of a break that nobody noticed."""
    return f"NOT NOTICED (pytest said {code}): {one.law} {one.file}: {one.says}\n    by {one.red}\n"


def main(words: Sequence[str]) -> int:
    """Try the breaks, on each core in a tree of its own; 0 when each turned its test red. Silence is told at once."""
    chosen = [one for one in breaks() if not words or any(word in f"{one.law} {one.file} {one.says}" for word in words)]
    workers = min(os.cpu_count() or 1, len(chosen)) or 1
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(workers):
            trees.put(copied(Path(folder) / str(number)))

        def trial(one: Break) -> tuple[Break, int]:
            tree = trees.get()
            try:
                return one, tried(one, tree)
            finally:
                trees.put(tree)

        trials = pool.map(trial, chosen)
        for one, code in track(trials, "Breaking", len(chosen), console=Console(stderr=True)):
            if code != RED:
                unnoticed += 1
                sys.stdout.write(told(one, code))
                sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - unnoticed} of {len(chosen)} breaks turned their test red.\n")
    return unnoticed


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
