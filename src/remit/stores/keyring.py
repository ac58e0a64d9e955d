"""Keys in a folder of their own, apart from everything that they open."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from remit.ports import Chance
from remit.stores.durable import sync_names, write

SECRET_BYTES = 32


def refuse_inside(data: Path, keys: Path) -> None:
    """Raises ValueError when one folder lies in the other: a copy of the data must open nothing."""
    data, keys = data.resolve(), keys.resolve()
    if keys == data or data in keys.parents or keys in data.parents:
        raise ValueError(f"keys ({keys}) and data ({data}) must lie apart: choose another --keys folder")


class Keyring:
    """Named secrets, each a file that only its user reads, made once and never half."""

    def __init__(self, folder: Path, chance: Chance) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        sync_names(folder.parent)
        self._folder, self._chance = folder, chance

    def secret(self, name: str) -> bytes:
        """32 random bytes, the same ever after. Raises ValueError when the file is damaged."""
        path = self._folder / f"{name}.key"
        if not path.exists():
            self._make(path)
        secret = path.read_bytes()
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"{path} is damaged: restore the keys folder from its backup")
        return secret

    def journal_private(self) -> bytes:
        """The divider's X25519 key, which opens journal segments."""
        return self.secret("journal")

    def journal_public(self) -> bytes:
        """What intake seals to."""
        private = X25519PrivateKey.from_private_bytes(self.journal_private())
        return private.public_key().public_bytes_raw()

    def _make(self, path: Path) -> None:
        temporary = path.with_suffix(f".{os.getpid()}.new")
        write(temporary, self._chance.token(SECRET_BYTES))
        try:
            # link, not rename: of two processes that make the same key at once, the first one wins.
            path.hardlink_to(temporary)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
        sync_names(self._folder)
