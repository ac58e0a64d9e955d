"""`remit token`: a choice that travels with what it is about."""

import sys
from typing import Annotated

import typer

from remit.cli import flags
from remit.cli.show import show_json
from remit.settings import Settings


def token(  # noqa: PLR0913 -- a flag each
    *,
    app: Annotated[str, typer.Option(help="In which app of the policy it was said.")],
    yes: Annotated[list[str] | None, typer.Option(help="A purpose that was granted; once for each.")] = None,
    no: Annotated[list[str] | None, typer.Option(help="A purpose that was refused; once for each.")] = None,
    country: flags.Country = "",
    age: flags.Age = None,
    data: flags.Data = flags.DATA,
    keys: flags.Keys = flags.KEYS,
    as_json: flags.Json = False,
) -> None:
    """Make a token of what somebody said in a consent dialog, for them to bear in the header Remit-Choice.

    It names nobody and records nothing. Its yes is heard for 180 days, as long as it covers the version in force; its
    no is heard for good. Whoever says the same in the same app on the same day may be given the same token.
    """
    from remit.cli.asking import asked
    from remit.house import VAULT

    granted, refused = yes or [], no or []
    question = ("token", app, (granted, refused), (country, age))
    made = asked(Settings(data=data, keys=keys), VAULT, *question, drained=False, quiet=as_json)
    if not as_json:
        sys.stdout.write(f"{made['text']}\n")
        return
    told = {"token": made["text"], "version": made["version"], "day": made["day"], "app": app}
    show_json({**told, "yes": granted, "no": refused, "heard_until": made["heard_until"]})
