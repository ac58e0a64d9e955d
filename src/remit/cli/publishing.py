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
from remit.policy.render.writing import NOT_STATED

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

    What their readers ask and the policy has no answer to is said on standard error.
    """
    documents = _chosen(kind, form)
    if out is None and kind == "all":
        raise failed(ValueError("all documents need a folder: add  --out DIR"))
    policy = loaded(file)
    for document in documents if out is not None else documents[:1]:
        _publish(policy, document, out)


def _chosen(kind: str, form: str | None) -> list[Document]:
    kinds = list(DOCUMENTS) if kind == "all" else [kind]
    found = [document for one in kinds for name, document in DOCUMENTS[one].items() if form in (None, name)]
    if not found:
        raise failed(ValueError(f"{kind} has no format {form}; it has {', '.join(DOCUMENTS[kind])}"))
    return found


def _publish(policy: Policy, document: Document, out: Path | None) -> None:
    # Bytes, since a CSV has its own line ends.
    content = document.render(policy).encode()
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        _write(out / document.file, content)
        sys.stdout.write(f"{out / document.file}\n")
    for one in document.unstated(policy):
        warn(f"{document.file}: {NOT_STATED}: {one}")


def _write(path: Path, content: bytes) -> None:
    """Aside, then into place: a document is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.new")
    aside.write_bytes(content)
    aside.replace(path)
