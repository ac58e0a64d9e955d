"""The command line: `remit COMMAND --help` teaches each command."""

from collections.abc import Callable
from typing import NamedTuple

import typer

from remit.cli import policies, questions
from remit.cli.adopting import adopt
from remit.cli.diff import diff
from remit.cli.explain import explain
from remit.cli.notice import notice
from remit.cli.publishing import publish
from remit.cli.token import token
from remit.cli.up import up
from remit.cli.verify import verify


class Command(NamedTuple):
    """One command, where `remit --help` lists it, and how it is typed."""

    panel: str
    example: str
    run: Callable[..., None]


WRITE, RUN, ASK, OBEY = "Write a policy", "Run it", "Ask", "Do as people say"
COMMANDS = {
    "check": Command(WRITE, "remit check remit.yaml", policies.check),
    "explain": Command(WRITE, "remit explain email --policy remit.yaml", explain),
    "diff": Command(WRITE, "remit diff HEAD:remit.yaml remit.yaml", diff),
    "try": Command(WRITE, "remit try --app shop-android --policy remit.yaml body.json", policies.try_),
    "schema": Command(WRITE, "remit schema", policies.schema),
    "notice": Command(WRITE, "remit notice --html remit.yaml", notice),
    "publish": Command(WRITE, "remit publish record remit.yaml --format json", publish),
    "up": Command(RUN, "remit up --policy remit.yaml", up),
    "adopt": Command(RUN, "remit adopt remit.yaml", adopt),
    "facts": Command(ASK, 'remit facts "SELECT page, n FROM page_visit"', questions.facts),
    "tally": Command(ASK, "remit tally --json", questions.tally),
    "person": Command(ASK, "remit person --purpose run-account", questions.person),
    "verify": Command(ASK, "remit verify --policy remit.yaml", verify),
    "choose": Command(OBEY, "remit choose learn-usage refuse", questions.choose),
    "token": Command(OBEY, "remit token --app shop-web --yes measure-ads", token),
    "forget": Command(OBEY, "remit forget", questions.forget),
}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="remit: a privacy policy you can run.",
    epilog="Begin with an example: remit up --policy examples/device-maker/remit.yaml",
)
for name, command in COMMANDS.items():
    app.command(name, rich_help_panel=command.panel, epilog=f"Example: {command.example}")(command.run)
