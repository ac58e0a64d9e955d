"""``remit notice``: what people read, in any language of the policy, whole or beside one field."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from remit.cli import flags
from remit.cli.policies import loaded
from remit.cli.show import failed

if TYPE_CHECKING:
    from remit.policy.model import Policy
    from remit.policy.render.fields import FieldPlace

Way = Literal["text", "html", "json"]
Language = Annotated[str | None, typer.Option("--language", help="A language of the policy; without it, the first.")]
Html = Annotated[bool, typer.Option("--html", help="HTML instead of Markdown.")]
Field = Annotated[str | None, typer.Option("--field", help="An item: the short notice beside its field.")]
Fields = Annotated[bool, typer.Option("--fields", help="The short notices of all fields that there may be.")]
App = Annotated[str | None, typer.Option("--app", help="The app in which the field stands, with --field.")]
Purpose = Annotated[str | None, typer.Option("--purpose", help="What the field is for, with --field.")]
Link = Annotated[
    str | None, typer.Option("--link", help="Where the whole notice is, for --field and --fields; else notice.html.")
]


def notice(  # noqa: PLR0913 -- one flag each
    file: flags.PolicyFile,
    *,
    language: Language = None,
    as_html: Html = False,
    as_json: flags.Json = False,
    field: Field = None,
    fields: Fields = False,
    app: App = None,
    purpose: Purpose = None,
    link: Link = None,
) -> None:
    """Render the notice that people read, from the policy.

    --field and --fields: what to say beside a field, when it is filled in: what for, on which ground, how long,
    and what happens without it.
    """
    from remit.policy.render.fields import FieldPlace
    from remit.policy.spoken import spoken

    if as_html and as_json:
        raise failed(ValueError("choose one of --html and --json"))
    if field is not None and fields:
        raise failed(ValueError("choose one of --field and --fields"))
    if field is None and (app is not None or purpose is not None):
        raise failed(ValueError("--app and --purpose say where a field stands: add  --field ITEM"))
    policy = loaded(file)
    way: Way = "html" if as_html else "json" if as_json else "text"
    try:
        policy = spoken(policy, language or policy.language)
        if field is not None or fields:
            said = _beside(policy, field, FieldPlace(app=app, purpose=purpose), way=way, link=link)
        else:
            said = _whole(policy, way)
    except ValueError as error:
        raise failed(error) from error
    sys.stdout.write(said.rstrip("\n") + "\n")


def _whole(policy: "Policy", way: Way) -> str:
    from remit.policy.render.notice_html import page
    from remit.policy.render.notice_json import as_json
    from remit.policy.render.notice_markdown import markdown

    return {"html": page, "json": as_json, "text": markdown}[way](policy)


def _beside(policy: "Policy", item: str | None, place: "FieldPlace", *, way: Way, link: str | None) -> str:
    """What stands beside the field of one item; beside all fields, if none is named."""
    from remit.policy.render.fields import field_notice, field_notices, plain, snippet, structured
    from remit.policy.render.writing import json

    found = field_notices(policy) if item is None else [field_notice(policy, item, place)]
    if way == "json":
        objects = [structured(policy, one, link) for one in found]
        return json(objects if item is None else objects[0])
    return "\n".join((snippet if way == "html" else plain)(policy, one, link) for one in found)
