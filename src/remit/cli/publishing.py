"""``remit publish``: every document that the law and the stores ask for, from one policy."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from remit.cli import flags
from remit.cli.policies import loaded
from remit.cli.show import failed, warn
from remit.policy.model import Policy
from remit.policy.offers import through
from remit.policy.render.documents import DOCUMENTS, Document
from remit.policy.render.writing import NOT_STATED, named
from remit.policy.spoken import in_each_language

Kinds = Literal["notice", "record", "receipt", "dpv", "fideslang", "google-play", "apple", "gpc", "all"]
Formats = Literal["md", "html", "json", "csv", "jsonld", "yml", "xcprivacy"]

Kind = Annotated[Kinds, typer.Argument(help="Which document; or all of them, with --out.")]
Format = Annotated[
    Formats | None, typer.Option("--format", help="Of a document that has several; without it, the first.")
]
Out = Annotated[
    Path | None, typer.Option("--out", file_okay=False, help="Folder to write to, by the documents' own file names.")
]

App = Annotated[
    str | None,
    typer.Option("--app", help="Of what a store asks, tell what this app sends alone, by the services that it offers."),
]


def publish(kind: Kind, file: flags.PolicyFile, *, form: Format = None, out: Out = None, of_app: App = None) -> None:
    """Render the documents that the law and the stores ask for, from the policy.

    With --out, the notice is written in every language of the policy: notice.md in the first, then notice.de.md. Stores
    ask of each app by itself: with --app, google-play and apple tell of that one alone. What their readers ask and the
    policy has no answer to is said on standard error.
    """
    documents = _chosen(kind, form)
    if out is None and kind == "all":
        raise failed(ValueError("all documents need a folder: add  --out DIR"))
    policy = loaded(file)
    about = [(document, _about(policy, document, of_app)) for document in documents]
    if out is None:
        document, told = about[0]
        # Bytes, since a CSV has its own line ends.
        sys.stdout.buffer.write(document.render(told).encode())
        _warn(about[:1])
        return
    for document, told in about:
        for said in in_each_language(told) if document.spoken else [told]:
            place = out / named(document.file, said)
            _write(place, document.render(said).encode())
            sys.stdout.write(f"{place}\n")
    _warn(about)


def _about(policy: Policy, document: Document, of_app: str | None) -> Policy:
    """What of the policy a document tells."""
    if of_app is None:
        return policy
    if of_app not in policy.apps:
        raise failed(ValueError(f"the policy has no app '{of_app}'; it has: {', '.join(policy.apps)}"))
    return through(policy, policy.apps[of_app]) if document.of_apps else policy


def _chosen(kind: str, form: str | None) -> list[Document]:
    kinds = list(DOCUMENTS) if kind == "all" else [kind]
    found = [document for one in kinds for name, document in DOCUMENTS[one].items() if form in (None, name)]
    if not found:
        raise failed(ValueError(f"{kind} has no format {form}; it has {', '.join(DOCUMENTS[kind])}"))
    return found


def _warn(about: Iterable[tuple[Document, Policy]]) -> None:
    """What their readers ask and the policy has no answer to; what several documents leave open, once."""
    open_in = dict[str, list[str]]()
    for document, policy in about:
        for one in document.unstated(policy):
            open_in.setdefault(one, []).append(document.file)
    for one, files in open_in.items():
        warn(f"{', '.join(dict.fromkeys(files))}: {NOT_STATED}: {one}")


def _write(path: Path, content: bytes) -> None:
    """Aside, then into place: a document is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
