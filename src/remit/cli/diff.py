"""The command that tells what changes between two policies."""

import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remit.cli import flags
from remit.cli.policies import WIDTH, compiled_or_told
from remit.cli.show import failed, show_json, show_lines
from remit.settings import Settings

if TYPE_CHECKING:
    from remit.policy.change import Change, Difference
    from remit.policy.model import Policy

PROBLEMS, RENEWAL, CHANGES = 1, 2, 3
ADOPTED = "adopted"
STYLES = {"wider": "yellow", "other": "cyan", "narrower": "green", "none": "dim"}


def diff(  # noqa: PLR0913 -- a flag each
    old: Annotated[
        str,
        typer.Argument(
            help=(
                "A file, REV:FILE for a file as git has it at a revision, REV alone for --policy at a revision,"
                " or `adopted` for what is in force in --data."
            )
        ),
    ],
    new: Annotated[str, typer.Argument(help="The same, for what takes its place.")],
    *,
    policy: flags.PolicyInHistory = None,
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    as_json: flags.Json = False,
) -> None:
    """Tell what changes for people from one policy to another, and which consents no longer cover it.

    Exit status: 0 when nothing changes for people; 1 when a policy cannot be read or has problems; 2 when people have
    to be asked for their consent again; 3 when something changes for people, and no consent is needed again.
    """
    from remit.policy.compare import difference

    found = difference(*_policies([old, new], Settings(data=data, keys=keys, policy=policy)))
    if as_json:
        show_json(structured(found))
    else:
        show_lines(told(found))
    if found.renewals:
        raise typer.Exit(RENEWAL)
    if found.concerns_people():
        raise typer.Exit(CHANGES)


def _policies(places: list[str], settings: Settings) -> "list[Policy]":
    """Both, or all problems of both."""
    found = [_policy(place, settings) for place in places]
    sound = [one for one in found if one is not None]
    if len(sound) < len(places):
        raise typer.Exit(PROBLEMS)
    return sound


def _policy(place: str, settings: Settings) -> "Policy | None":
    """The policy of a place; None where it has problems, which have all been shown."""
    if place != ADOPTED or Path(place).exists():
        return compiled_or_told(_read(place, settings.policy), place)
    from remit.cli.asking import asked
    from remit.house import LEDGER
    from remit.policy.compile import adopted

    return adopted(asked(settings, LEDGER, "adopted", 0, drained=False)[-1])


def _read(place: str, policy: Path | None) -> str:
    """A file's text, from the disk or from git's history."""
    try:
        if Path(place).is_file():
            return Path(place).read_bytes().decode()
        if ":" in place:
            return _git(Path(), "show", place).decode()
        folder = Path() if policy is None else policy.parent
        if not _is_revision(place, folder):
            return Path(place).read_bytes().decode()
        if policy is None:
            says = f"{place} is a revision of git: write {place}:FILE, or say of which file by --policy or REMIT_POLICY"
            raise failed(ValueError(says))
        return _git(folder, "show", f"{place}:./{policy.name}").decode()
    except UnicodeDecodeError as error:
        raise failed(ValueError(f"{place} is not UTF-8 from byte {error.start} on: save it as UTF-8")) from error
    except subprocess.CalledProcessError as error:
        raise failed(ValueError(error.stderr.decode(errors="replace").strip())) from error
    except OSError as error:
        raise failed(ValueError(f"{place}: {error.strerror}")) from error


def _is_revision(place: str, folder: Path) -> bool:
    try:
        return bool(_git(folder, "rev-parse", "--verify", f"{place}^{{commit}}"))
    except (subprocess.CalledProcessError, OSError):
        return False


def _git(folder: Path, *words: str) -> bytes:
    *command, place = words
    # A place that begins with a dash is a place, and no option of git.
    line = ["git", "-C", str(folder), *command, "--end-of-options", place]
    return subprocess.run(line, capture_output=True, check=True).stdout  # noqa: S603 -- git of this person, who names the revision


def structured(found: "Difference") -> dict[str, Any]:
    """All of it for programs."""
    changes = [asdict(one) | {"reach": one.reach} for one in found.changes]
    return {"concerns_people": found.concerns_people()} | asdict(found) | {"changes": changes}


def told(found: "Difference") -> Iterator[tuple[str, str]]:
    """Each line of it in its style."""
    from remit.policy.change import EFFECTS

    if not found.changes:
        yield "", "Nothing changes."
    for effect, meaning in EFFECTS.items():
        style = STYLES[meaning.reach.value]
        changes = [one for one in found.changes if one.effect is effect]
        yield from _part(meaning.says, [f"{one.says}{_place(one)}" for one in changes], style)
    again = [f"{one.purpose}: {says}" for one in found.renewals for says in one.because]
    yield from _part("Consents that no longer cover it: ask again", again, "red")
    if found.rewordings:
        yield "bold", "Sentences of the notice"
    for rewording in found.rewordings:
        for mark, sentences in (("  - ", rewording.gone), ("  + ", rewording.come)):
            for says in sentences:
                yield from _wrapped(says, "", mark)


def _part(heading: str, sentences: list[str], style: str) -> Iterator[tuple[str, str]]:
    if sentences:
        yield f"bold {style}", heading
    for says in sentences:
        yield from _wrapped(says, style)


def _wrapped(text: str, style: str, mark: str = "  ") -> Iterator[tuple[str, str]]:
    margin = " " * len(mark)
    yield from (
        (style, one)
        for one in wrap(
            text, WIDTH, initial_indent=mark, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
        )
    )


def _place(change: "Change") -> str:
    places = [
        f"{word} {line}" for word, line in (("line", change.new), ("before, line", change.old)) if line is not None
    ]
    return f" ({'; '.join(places)})" if places else ""
