"""Commands that ask a house, or tell it what somebody said. Identifiers come from a prompt or standard input."""

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import uuid4

import typer

from remit.cli import flags
from remit.cli.show import failed, show, show_json, show_lines, warn
from remit.settings import Settings

if TYPE_CHECKING:
    from remit.flows.senders import SdkSender

NOTHING_EVER = "nothing is ever kept for '{}': what is collected for it is reduced or counted, and then gone"
NOTHING_UNDER_IT = "nothing that '{}' may read is kept under this identifier"
"""The same words whether nobody is known by it or what is known is for other purposes, which is not told here."""

TOGETHER = (
    "{}: only periods that are over; where a group of fewer than {} could be made out, (other) has it with others"
)


def facts(
    sql: Annotated[str, typer.Argument(help="A SELECT over the policy's facts and counts (ClickHouse dialect).")],
    *,
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    as_json: flags.Json = False,
) -> None:
    """Ask the non-personal store. Small counts are shown as less than k.

    Small groups of a count that has a total are counted together, as (other), once their period is over.
    """
    answer = _facts_keeper(Settings(data=data, keys=keys), "ask", sql, quiet=as_json)
    show(answer["columns"], readable(answer), as_json=as_json)
    if answer["finer"] and not as_json:
        warn(TOGETHER.format(" and ".join(answer["finer"]), answer["k"]))


def readable(answer: Mapping[str, Any]) -> list[list[object]]:
    """The rows of an answer, with a small count as what it is less than."""
    small, k = set(answer["small"]), answer["k"]
    return [
        [f"<{k}" if cell is None and name in small else cell for name, cell in zip(answer["columns"], row, strict=True)]
        for row in answer["rows"]
    ]


def tally(
    *,
    day: Annotated[str, typer.Option(help="Of this day alone, as 2026-11-24, in UTC.")] = "",
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    as_json: flags.Json = False,
) -> None:
    """See how every use of every value ended, by app, item and reason; and what SDKs send that nobody needs.

    What SDKs send is estimated from one body in 16, of fewer where many come. A field is named if the SDK's vendor
    published its name or 50 bodies bore it; other ones are (other).
    """
    from remit.flows.senders import senders
    from remit.ports import SENT_ROWS_MAX

    settings, since = Settings(data=data, keys=keys), _day(day)
    uses = _facts_keeper(settings, "tally", since, quiet=as_json)
    sent = _facts_keeper(settings, "sent", since, quiet=as_json, drained=False)
    if as_json:
        show_json({"uses": _objects(uses), "sent": _objects(sent)})
        return
    show(uses["columns"], uses["rows"], as_json=False, empty="no use of any value has ended")
    _show_senders(senders(sent["rows"]))
    if len(sent["rows"]) >= SENT_ROWS_MAX:
        warn(f"only the first {SENT_ROWS_MAX:,} fields are shown: ask for one --day")


def _show_senders(found: "Sequence[SdkSender]") -> None:
    for one in found:
        show_lines([("", ""), ("bold", f"{one.title} to {one.app}, by {one.protocol}: {one.says}")])
        if one.undeclared:
            rows: list[list[object]] = [[field.path, field.n, f"± {field.error}"] for field in one.undeclared]
            show(["nobody needs", "sent about", "give or take"], rows, as_json=False)


def _objects(answer: Mapping[str, Any]) -> list[dict[str, object]]:
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def _day(text: str) -> int | None:
    """In epoch seconds."""
    if not text:
        return None
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no day; write it as 2026-11-24", param_hint="--day") from None


def person(
    *,
    purpose: Annotated[str, typer.Option(help="What for: a purpose of the policy.")],
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    as_json: flags.Json = False,
) -> None:
    """See what the vault holds on one subject and this purpose may read.

    The identifier is asked for, or read from standard input; it is no argument, since arguments are seen by others.
    """
    told = _vault_keeper(Settings(data=data, keys=keys), "person", _identifier(), purpose, quiet=as_json)
    if as_json:
        columns = ["received", "item", "value", "policy"]
        show(columns, [[_when(one["received"]), *_said(one)] for one in told["found"]], as_json=True)
        return
    empty = NOTHING_UNDER_IT if told["keeps"] else NOTHING_EVER
    show(
        ["item", "value", "policy", "times", "first", "last"],
        _grouped(told["found"]),
        as_json=False,
        empty=empty.format(purpose),
    )


def choose(  # noqa: PLR0913 -- a flag each
    purpose: Annotated[str, typer.Argument(help="A purpose of the policy.")],
    choice: Annotated[Literal["grant", "refuse"], typer.Argument(help="What the subject said.")],
    *,
    country: flags.Country = "",
    age: flags.Age = None,
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    as_json: flags.Json = False,
) -> None:
    """Record what a subject said about a purpose; every worker has it before this returns.

    The identifier is asked for, or read from standard input; it is no argument, since arguments are seen by others.
    """
    # Made once: where an answer is lost the question is asked again, and what was said since must stand.
    question = ("choose", str(uuid4()), _identifier(), purpose, choice, country, age)
    chosen = _vault_keeper(Settings(data=data, keys=keys), *question, drained=False, quiet=as_json)
    receipt = chosen["receipt"]
    if as_json:
        show_json(chosen)
        return
    sys.stdout.write(
        f"receipt {receipt['id']}: {receipt['choice']} {receipt['purpose']}, version {receipt['version']}\n"
    )
    if chosen["stays"]:
        sys.stdout.write(
            f"still collected and used, since it cannot be refused: {', '.join(chosen['stays'])}\n"
            f"`remit explain {receipt['purpose']}` says which service needs it\n"
        )


def forget(*, data: flags.Data = flags.DATA, keys: flags.Keys = flags.KEYS, as_json: flags.Json = False) -> None:
    """Destroy a subject's keys and rows. Published counts stay.

    The identifier is asked for, or read from standard input; it is no argument, since arguments are seen by others.
    """
    gone = _vault_keeper(Settings(data=data, keys=keys), "forget", _identifier(), quiet=as_json)
    if as_json:
        show_json({"blocks": gone})
    else:
        sys.stdout.write(f"forgotten: {gone} blocks destroyed with their keys\n")


def _facts_keeper(settings: Settings, *question: object, quiet: bool, drained: bool = True) -> Any:
    from remit.cli.asking import asked
    from remit.house import FACTS

    return asked(settings, FACTS, *question, quiet=quiet, drained=drained)


def _vault_keeper(settings: Settings, *question: object, quiet: bool, drained: bool = True) -> Any:
    from remit.cli.asking import asked
    from remit.house import VAULT

    return asked(settings, VAULT, *question, quiet=quiet, drained=drained)


def _identifier() -> str:
    """From a prompt or standard input: arguments end up in process lists and shell histories."""
    if sys.stdin.isatty():
        return str(typer.prompt("identifier", hide_input=True))
    try:
        return sys.stdin.buffer.readline().decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise failed(ValueError("the identifier on standard input is not UTF-8: nothing was asked")) from None


def _said(one: dict[str, Any]) -> tuple[object, ...]:
    return one["item"], one["value"], f"v{one['version']}:{one['line']}"


def _grouped(found: list[dict[str, Any]]) -> list[list[object]]:
    """Equal values once, with how often each came, and when first and last; what came first stands first."""
    received: dict[tuple[object, ...], list[int]] = {}
    for one in found:
        received.setdefault(_said(one), []).append(one["received"])
    return [[*said, len(times), _when(min(times)), _when(max(times))] for said, times in received.items()]


def _when(ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))
