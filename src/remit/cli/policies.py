"""Commands about a policy alone: they need no house, open no store and send nothing."""

import sys
import time
from collections.abc import Sized
from pathlib import Path
from typing import Annotated

import typer

from remit.cli import flags
from remit.cli.show import failed, show, show_json
from remit.policy.brought import unbrought
from remit.policy.compile import compiled
from remit.policy.model import Policy

WIDTH = 100
"""Of the lines that explain: they are the same in a terminal, a file and the documents."""


def loaded(file: Path) -> Policy:
    """The compiled policy; where it has problems, all of them are shown and the command ends."""
    policy = compiled_or_told(text_of(file), str(file))
    if policy is None:
        raise typer.Exit(1)
    return policy


def compiled_or_told(text: str, place: str, *, instead: str = "") -> Policy | None:
    """The compiled policy; None where it has problems, which have all been shown, with what happened ``instead``."""
    policy = compiled(text, place)
    if isinstance(policy, Policy):
        return policy
    for problem in policy:
        sys.stdout.write(f"{problem}\n")
    sys.stderr.write(f"{_counted(policy, 'problem')}{instead}.\n")
    return None


def _counted(part: Sized, noun: str) -> str:
    return f"{len(part)} {noun}{'s' * (len(part) != 1)}"


def text_of(file: Path) -> str:
    """The text of a policy's file, as it is adopted."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise failed(ValueError(f"{file} is not UTF-8 from byte {error.start} on: save it as UTF-8")) from error


def check(
    file: flags.PolicyFile,
    *,
    as_json: flags.Json = False,
    as_sarif: Annotated[bool, typer.Option("--sarif", help="SARIF 2.1.0, for editors and code hosts.")] = False,
) -> None:
    """Check a policy: every problem at once, each with its place, its code and the fix.

    Problems are printed as FILE:LINE:COL CODE message; with any, the exit status is 1.
    """
    if as_json or as_sarif:
        _report(file, as_json=as_json, as_sarif=as_sarif)
        return
    policy = loaded(file)
    parts: dict[str, Sized] = {
        "purpose": policy.purposes,
        "service": policy.services,
        "app": policy.apps,
        "collection rule": policy.collect,
        "fact": policy.facts,
        "count": policy.counts,
    }
    there = ", ".join(_counted(part, noun) for noun, part in parts.items())
    sys.stdout.write(f"{file}: version {policy.version} is in order: {there}.\n")
    for one in unbrought(policy):
        sys.stdout.write(f"  not yet: {one}\n")


def _report(file: Path, *, as_json: bool, as_sarif: bool) -> None:
    """The problems for a program: none of them is an empty list, never silence."""
    if as_json and as_sarif:
        raise failed(ValueError("choose one of --json and --sarif"))
    found = compiled(text_of(file), str(file))
    problems = [] if isinstance(found, Policy) else found
    if as_json:
        show_json(problems)
    else:
        from remit.policy.checks import RULES
        from remit.policy.render.sarif import log

        show_json(log(problems, RULES))
    if problems:
        raise typer.Exit(1)


def schema(
    *,
    openapi: Annotated[
        bool, typer.Option("--openapi", help="OpenAPI 3.1 of remit's own protocol instead, as the gateway serves it.")
    ] = False,
) -> None:
    """Print the JSON Schema of policies, by which editors complete and underline while you write.

    Most know this first line of a policy: # yaml-language-server: $schema=remit.schema.json
    """
    if openapi:
        from remit.wire.openapi import document

        show_json(document())
        return
    from remit.policy.schema import schema as made

    show_json(made())


def try_(
    *,
    app_name: Annotated[str, typer.Option("--app", help="An app of the policy.")],
    body: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="A body as an SDK sends it; else standard input."),
    ] = None,
    policy: flags.Policy = Path("remit.yaml"),
    as_json: flags.Json = False,
) -> None:
    """See, field by field, what would happen to a body. Nothing is stored and nothing is sent."""
    from remit.flows.trial import trial

    data = body.read_bytes() if body else sys.stdin.buffer.read()
    try:
        lines = trial(loaded(policy), app_name, data, received=int(time.time() * 1000))
    except ValueError as error:
        raise failed(error) from error
    columns = ["path", "item", "fate", "detail", "policy line", "reason"]
    rows: list[list[object]] = [
        [line.path, line.item or "", line.fate, line.detail, line.line or "", line.reason or ""] for line in lines
    ]
    show(columns, rows, as_json=as_json)
