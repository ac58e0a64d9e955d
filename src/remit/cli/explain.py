"""The command that explains a policy."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from remit.cli import flags
from remit.cli.policies import WIDTH, compiled_or_told, loaded, text_of
from remit.cli.show import failed, show_json, show_lines

if TYPE_CHECKING:
    from remit.policy.explanation import Explanation
    from remit.policy.model import Need, Policy


def explain(  # noqa: PLR0913 -- a flag each
    names: Annotated[
        list[str],
        typer.Argument(
            help="Items, purposes, services, kinds of record (page_visit), apps, facts, counts, providers and"
            " recipients; or codes of checks (P057).",
            metavar="NAME",
        ),
    ],
    *,
    policy: flags.Policy = Path("remit.yaml"),
    refuse: Annotated[
        bool,
        typer.Option("--refuse", help="Say what refusing them does. A NAME is an ITEM, a PURPOSE or ITEM:PURPOSE."),
    ] = False,
    country: flags.Country = "",
    age: flags.Age = None,
    as_json: flags.Json = False,
) -> None:
    """Say what a policy does with something, why, and by which line; or what a refusal costs.

    With --refuse: which services stop, get worse or work when all of the NAMEs are refused and all else is granted,
    and one smallest set of grants that brings each back; where a policy has jurisdictions, in a country and at an age.
    """
    told, structured = _costs(loaded(policy), names, (country, age)) if refuse else _explained(policy, names)
    if as_json:
        show_json(structured)
    else:
        show_lines(line for number, one in enumerate(told) for line in ([("", "")] * (number > 0) + [*_lines(one)]))


def _explained(file: Path, names: list[str]) -> "tuple[list[Explanation], Any]":
    from remit.policy.explain import check_explained, explained, unknown

    found = {name: check_explained(name) for name in dict.fromkeys(names)}
    if not all(found.values()):
        # Who asks about checks alone may have a policy that fails them, or none.
        policy = compiled_or_told(text_of(file), str(file), instead=_catalogued(found))
        if policy is None:
            raise typer.Exit(1)
        found = {name: told or explained(policy, name) for name, told in found.items()}
        _refuse([unknown(policy, name) for name, told in found.items() if not told])
    told = [one for explanations in found.values() for one in explanations]
    return told, [asdict(one) for one in told]


def _catalogued(names: Iterable[str]) -> str:
    """What the catalogue tells of some names, where no policy can."""
    from remit.policy.catalogue import CATALOGUE
    from remit.policy.words import Item

    items = [CATALOGUE[Item(name)] for name in names if name in CATALOGUE]
    return "".join(f"; the catalogue has {one.key}: {one.title}" for one in items)


def _costs(policy: "Policy", names: list[str], where: tuple[str, int | None]) -> "tuple[list[Explanation], Any]":
    from remit.policy.explain import told, unrefusable
    from remit.policy.regions import laws
    from remit.policy.services import meant, refusal, withheld

    country, age = where
    lost = withheld(policy, laws(policy).of(country), age)

    found = {name: meant(policy, name) for name in dict.fromkeys(names)}
    _refuse([unrefusable(policy, name) for name, grants in found.items() if not grants])
    cost = refusal(policy, frozenset[Any]().union(*found.values()), lost)
    return [told(policy, cost, country)], {
        "refused": [grant._asdict() for grant in cost.refused],
        "futile": [grant._asdict() for grant in cost.futile],
        "services": [
            {
                "service": one.service,
                "state": one.state,
                "missing": [_structured(need) for need in one.missing],
                "restores": one.restores and [grant._asdict() for grant in one.restores],
            }
            for one in cost.standings.values()
        ],
    }


def _structured(need: "Need") -> dict[str, Any]:
    any_of = [[grant._asdict() for grant in one] for one in need.any_of]
    return {"any_of": any_of, "line": need.line, "degrades": need.degrades}


def _refuse(problems: list[str]) -> None:
    if problems:
        raise failed(ValueError("\n".join(problems)))


def _lines(told: "Explanation") -> Iterator[tuple[str, str]]:
    name = f"{told.name} ({told.kind}): " if told.name else ""
    yield from (("", line) for line in wrap(name + told.says, WIDTH, break_on_hyphens=False))
    for part in told.parts:
        yield from (("", ""), ("bold", part.heading))
        places = ["" if one.line is None else f"line {one.line}  " for one in part.sentences]
        margin = " " * (2 + max(map(len, places)))
        for place, one in zip(places, part.sentences, strict=True):
            first = f"  {place}".ljust(len(margin))
            lines = wrap(
                one.says,
                WIDTH,
                initial_indent=first,
                subsequent_indent=margin,
                break_long_words=False,
                break_on_hyphens=False,
            )
            yield from (("", line) for line in lines)
