"""``remit publish``: every document that the law and the stores ask for, from one policy."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from remit.cli import flags
from remit.cli.policies import loaded
from remit.cli.show import failed, warn
from remit.policy.model import Policy
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


def publish(kind: Kind, file: flags.PolicyFile, *, form: Format = None, out: Out = None) -> None:
    """Render the documents that the law and the stores ask for, from the policy.

    With --out, the notice is written in every language of the policy: notice.md in the first, then notice.de.md. What
    their readers ask and the policy has no answer to is said on standard error.
    """
    documents = _chosen(kind, form)
    if out is None and kind == "all":
        raise failed(ValueError("all documents need a folder: add  --out DIR"))
    policy = loaded(file)
    if out is None:
        # Bytes, since a CSV has its own line ends.
        sys.stdout.buffer.write(documents[0].render(policy).encode())
        _warn(policy, documents[:1])
        return
    for document in documents:
        for said in in_each_language(policy) if document.spoken else [policy]:
            place = out / named(document.file, said)
            _write(place, document.render(said).encode())
            sys.stdout.write(f"{place}\n")
    _warn(policy, documents)


def _chosen(kind: str, form: str | None) -> list[Document]:
    kinds = list(DOCUMENTS) if kind == "all" else [kind]
    found = [document for one in kinds for name, document in DOCUMENTS[one].items() if form in (None, name)]
    if not found:
        raise failed(ValueError(f"{kind} has no format {form}; it has {', '.join(DOCUMENTS[kind])}"))
    return found


def _warn(policy: Policy, documents: list[Document]) -> None:
    """What their readers ask and the policy has no answer to."""
    for document in documents:
        for one in document.unstated(policy):
            warn(f"{document.file}: {NOT_STATED}: {one}")


def _write(path: Path, content: bytes) -> None:
    """Aside, then into place: a document is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
