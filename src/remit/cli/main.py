"""The command line: `remit COMMAND --help` teaches each command."""

import secrets
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from remit.flows.trial import trial
from remit.house import DIVIDER, FACTS, VAULT, NotReady, link
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.render.notice import html, markdown
from remit.processes.supervisor import Supervisor, house, lock, serve_until_told
from remit.settings import Settings
from remit.stores.link import Refusal, Unreachable

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="remit: a privacy policy you can run.",
)

Data = Annotated[Path, typer.Option("--data", envvar="REMIT_DATA", help="Folder of the stores.")]
Keys = Annotated[Path, typer.Option("--keys", envvar="REMIT_KEYS", help="Folder of the keys, never inside --data.")]
PolicyFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The policy, a YAML file.")]
Json = Annotated[bool, typer.Option("--json", help="JSON for scripts.")]
DATA, KEYS = Path("data"), Path("keys")
RESTART_SECONDS_MAX, RETRY_SECONDS = 20.0, 0.2


def _fail(error: Exception) -> typer.Exit:
    sys.stderr.write(f"remit: {error}\n")
    return typer.Exit(1)


def _warn(text: str) -> None:
    sys.stderr.write(f"remit: {text}\n")


def _load(file: Path) -> Policy:
    policy = compiled(file.read_text(encoding="utf-8"), str(file))
    if isinstance(policy, Policy):
        return policy
    for problem in policy:
        sys.stdout.write(f"{problem}\n")
    sys.stderr.write(f"{len(policy)} problem{'s' * (len(policy) != 1)}; nothing was changed.\n")
    raise typer.Exit(1)


def _identifier(prompt: str = "identifier") -> str:
    """From a prompt or standard input: arguments end up in process lists and shell histories."""
    if sys.stdin.isatty():
        return str(typer.prompt(prompt, hide_input=True))
    return sys.stdin.readline().rstrip("\n")


def _call(settings: Settings, process: str, method: str, *args: object) -> Any:
    """One question to a keeper, once everything acknowledged before it is divided."""
    try:
        with house(settings):
            _patiently(settings, DIVIDER, "drain")
            return _patiently(settings, process, method, *args)
    except (Refusal, Unreachable, NotReady) as error:
        raise _fail(error) from error


def _patiently(settings: Settings, process: str, method: str, *args: object) -> Any:
    """Ask again for a while where a process is just being restarted."""
    deadline = time.monotonic() + RESTART_SECONDS_MAX
    while True:
        try:
            return link(settings, process).call(method, *args)
        except Unreachable:
            if time.monotonic() > deadline:
                raise
            time.sleep(RETRY_SECONDS)


def _print_json(value: object) -> None:
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value)).decode() + "\n")


def _print_table(columns: list[str], rows: list[list[object]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


@app.command()
def check(file: PolicyFile) -> None:
    """Check a policy. Prints every problem at once, as FILE:LINE:COL CODE message, with the fix; exit 1 if any."""
    policy = _load(file)
    sys.stdout.write(
        f"{file}: version {policy.version} is in order: {len(policy.purposes)} purposes, "
        f"{len(policy.services)} services, {len(policy.apps)} apps, {len(policy.collect)} collection rules, "
        f"{len(policy.facts)} facts, {len(policy.counts)} counts.\n"
    )


@app.command()
def up(  # noqa: PLR0913, PLR0917 -- one parameter per flag, all by name
    data: Data = DATA,
    keys: Keys = KEYS,
    policy: Annotated[
        Path | None, typer.Option(envvar="REMIT_POLICY", help="The policy to adopt on first start.")
    ] = None,
    host: Annotated[str, typer.Option(envvar="REMIT_HOST")] = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="REMIT_PORT", help="For SDKs.")] = 8080,
    console_port: Annotated[int, typer.Option(envvar="REMIT_CONSOLE_PORT", help="For people.")] = 8081,
    workers: Annotated[int, typer.Option(envvar="REMIT_WORKERS", min=1, max=64)] = 1,
    adopt: Annotated[bool, typer.Option("--adopt", help="Adopt a changed policy (development).")] = False,
    banner: Annotated[str, typer.Option(envvar="REMIT_BANNER", hidden=True)] = "",
) -> None:
    """Run the gateway, the divider, the two keepers and the console until Ctrl-C."""
    if policy is not None:
        _load(policy)
    settings = Settings(
        data=data, keys=keys, policy=policy, host=host, port=port, console_port=console_port,
        workers=workers, adopt=adopt, banner=banner,
    )  # fmt: skip
    token = secrets.token_urlsafe(24)
    supervisor = Supervisor(settings, token=token, say=_warn)
    try:
        with lock(settings):
            _adopt_while_quiet(settings)
            supervisor.start()
            sys.stdout.write(
                f"remit is ready: sdk http://{host}:{port} console http://{host}:{console_port}/login?token={token}\n"
            )
            sys.stdout.flush()
            serve_until_told(supervisor)
    except NotReady as error:
        raise _fail(error) from error


def _adopt_while_quiet(settings: Settings) -> None:
    """Before a version changes, the journal is divided under the one that it was collected by."""
    if not (settings.adopt and (settings.personal / "ledger.db").exists()):
        return
    old = Supervisor(Settings(data=settings.data, keys=settings.keys), listen=False)
    old.start()
    try:
        link(settings, DIVIDER).call("drain")
    finally:
        old.stop()


@app.command()
def facts(
    sql: Annotated[str, typer.Argument(help="A SELECT over the policy's facts and counts (ClickHouse dialect).")],
    data: Data = DATA,
    keys: Keys = KEYS,
    as_json: Json = False,
) -> None:
    """Ask the non-personal store. Small counts are shown as <k."""
    answer = _call(Settings(data=data, keys=keys), FACTS, "ask", sql)
    small, k = set(answer["small"]), answer["k"]
    rows = [
        [f"<{k}" if cell is None and name in small else cell for name, cell in zip(answer["columns"], row, strict=True)]
        for row in answer["rows"]
    ]
    _show(answer["columns"], rows, as_json=as_json)


def _show(columns: list[str], rows: list[list[object]], *, as_json: bool) -> None:
    if as_json:
        _print_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        _print_table(columns, rows)


@app.command()
def tally(data: Data = DATA, keys: Keys = KEYS, as_json: Json = False) -> None:
    """How many uses of values ended in which fate, by app, item and reason; and what nobody needs."""
    answer = _call(Settings(data=data, keys=keys), FACTS, "tally")
    _show(answer["columns"], answer["rows"], as_json=as_json)


@app.command()
def person(
    purpose: Annotated[str, typer.Option(help="What for: a purpose of the policy.")],
    data: Data = DATA,
    keys: Keys = KEYS,
    as_json: Json = False,
) -> None:
    """What the vault holds on one subject and this purpose may read. The identifier comes from a prompt or stdin."""
    found = _call(Settings(data=data, keys=keys), VAULT, "person", _identifier(), purpose)
    rows = [[_when(one["received"]), one["item"], one["value"], f"v{one['version']}:{one['line']}"] for one in found]
    _show(["received", "item", "value", "policy"], rows, as_json=as_json)


def _when(ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))


@app.command()
def choose(
    purpose: Annotated[str, typer.Argument(help="A purpose of the policy.")],
    choice: Annotated[str, typer.Argument(help="grant or refuse")],
    data: Data = DATA,
    keys: Keys = KEYS,
    as_json: Json = False,
) -> None:
    """Record what a subject said about a purpose; every worker has it before this returns."""
    if choice not in ("grant", "refuse"):
        raise _fail(ValueError("say 'grant' or 'refuse'"))
    receipt = _call(Settings(data=data, keys=keys), VAULT, "choose", _identifier(), purpose, choice)
    if as_json:
        _print_json(receipt)
    else:
        sys.stdout.write(
            f"receipt {receipt['id']}: {receipt['choice']} {receipt['purpose']}, version {receipt['version']}\n"
        )


@app.command()
def forget(data: Data = DATA, keys: Keys = KEYS, as_json: Json = False) -> None:
    """Destroy a subject's keys and rows. Published counts stay. The identifier comes from a prompt or stdin."""
    gone = _call(Settings(data=data, keys=keys), VAULT, "forget", _identifier())
    if as_json:
        _print_json({"blocks": gone})
    else:
        sys.stdout.write(f"forgotten: {gone} blocks destroyed with their keys\n")


@app.command()
def notice(
    file: PolicyFile,
    as_html: Annotated[bool, typer.Option("--html", help="HTML instead of Markdown.")] = False,
) -> None:
    """The notice that people read, rendered from the policy."""
    policy = _load(file)
    sys.stdout.write((html(policy) if as_html else markdown(policy)).rstrip() + "\n")


@app.command("try")
def try_(
    app_name: Annotated[str, typer.Option("--app", help="An app of the policy.")],
    body: Annotated[Path | None, typer.Argument(help="A body as an SDK sends it; else standard input.")] = None,
    policy: Annotated[Path, typer.Option(envvar="REMIT_POLICY", help="The policy.")] = Path("remit.yaml"),
    as_json: Json = False,
) -> None:
    """See, field by field, what would happen to a body. Nothing is stored and nothing is sent."""
    data = body.read_bytes() if body else sys.stdin.buffer.read()
    try:
        lines = trial(_load(policy), app_name, data, received=int(time.time() * 1000))
    except ValueError as error:
        raise _fail(error) from error
    columns = ["path", "item", "fate", "detail", "policy line", "reason"]
    rows: list[list[object]] = [
        [line.path, line.item or "", line.fate, line.detail, line.line or "", line.reason or ""] for line in lines
    ]
    _show(columns, rows, as_json=as_json)
