"""Flags. Those that say where a house is and how it runs may also stand in the environment, as REMIT_ and the name."""

from pathlib import Path
from typing import Annotated, Any

import typer

SDKS, CONSOLE = "For SDKs", "For people: the console"


def _flag(name: str, says: str, panel: str | None = None, **more: Any) -> Any:
    variable = "REMIT_" + name.removeprefix("--").replace("-", "_").upper()
    return typer.Option(name, envvar=variable, help=says, rich_help_panel=panel, **more)


PolicyFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The policy, a YAML file.")]
Json = Annotated[bool, typer.Option("--json", help="JSON for scripts.")]

Data = Annotated[Path, _flag("--data", "Folder of the stores.")]
Keys = Annotated[Path, _flag("--keys", "Folder of the keys, never inside --data.")]
Policy = Annotated[Path, _flag("--policy", "The policy, a YAML file.", exists=True, dir_okay=False)]
SomePolicy = Annotated[
    Path | None, _flag("--policy", "The policy, a YAML file; else that of the house.", exists=True, dir_okay=False)
]
PolicyInHistory = Annotated[
    Path | None, _flag("--policy", "The file of which OLD or NEW names a revision alone.", dir_okay=False)
]
SomeData = Annotated[Path | None, _flag("--data", "Folder of a house's stores; without a policy, data.")]
SomeKeys = Annotated[Path | None, _flag("--keys", "Folder of its keys; without a policy, keys.")]
FirstPolicy = Annotated[
    Path | None, _flag("--policy", "The policy to adopt on first start.", exists=True, dir_okay=False)
]
Adopt = Annotated[bool, _flag("--adopt", "Adopt a changed policy (development).")]
Banner = Annotated[str, _flag("--banner", "Words above every page of the console.", hidden=True)]

Host = Annotated[str, _flag("--host", "Address to listen on.", SDKS)]
Port = Annotated[int, _flag("--port", "Port to listen on.", SDKS, min=1, max=65_535)]
Proxies = Annotated[
    str, _flag("--proxies", "Who is believed about who sends: addresses and networks of proxies, by commas.", SDKS)
]
RequestsPerSecond = Annotated[
    float,
    _flag("--requests-per-second", "How many requests of each app are taken, on average; 0 for all.", SDKS, min=0),
]
Workers = Annotated[int, _flag("--workers", "How many intake processes.", SDKS, min=1, max=64)]

ConsoleHost = Annotated[
    str, _flag("--console-host", "Address to listen on; beyond this machine it takes TLS or a proxy.", CONSOLE)
]
ConsolePort = Annotated[int, _flag("--console-port", "Port to listen on.", CONSOLE, min=1, max=65_535)]
ConsoleCert = Annotated[
    Path | None,
    _flag("--console-cert", "For TLS: the certificate chain, PEM.", CONSOLE, exists=True, dir_okay=False),
]
ConsoleKey = Annotated[
    Path | None,
    _flag("--console-key", "For TLS: the key, PEM, without a password.", CONSOLE, exists=True, dir_okay=False),
]
BehindProxy = Annotated[
    bool, _flag("--behind-proxy", "People come by https, through a proxy that passes on their Host.", CONSOLE)
]
ConsoleName = Annotated[
    str, _flag("--console-name", "HOST[:PORT] of the address that people type, where it is another.", CONSOLE)
]


def _country(code: str) -> str:
    from remit.policy.places import COUNTRIES

    if code and code.upper() not in COUNTRIES:
        raise typer.BadParameter(f"'{code}' is no code of a country: two letters, such as NL")
    return code.upper()


Country = Annotated[
    str,
    typer.Option("--country", help="Under whose law: two letters; else the strictest.", callback=_country),
]
Age = Annotated[int | None, typer.Option("--age", help="How old the person is.", min=0, max=150)]

DATA, KEYS = Path("data"), Path("keys")
LOCAL = "127.0.0.1"
