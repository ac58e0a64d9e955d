"""Flags that several commands share. Each can also be said in the environment, as REMIT_ and its name."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option("--data", envvar="REMIT_DATA", help="Folder of the stores.")]
Keys = Annotated[Path, typer.Option("--keys", envvar="REMIT_KEYS", help="Folder of the keys, never inside --data.")]
Json = Annotated[bool, typer.Option("--json", help="JSON for scripts.")]
PolicyFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The policy, a YAML file.")]

DATA, KEYS = Path("data"), Path("keys")
