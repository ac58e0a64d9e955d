"""What subjects said, in the form in which judging needs it: one look-up per identifier."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple, Protocol

from remit.policy.model import Policy
from remit.policy.words import Choice, Item, PurposeKey

TAG_BYTES = 16


class Said(NamedTuple):
    """Masks of purposes, in policy order, that receipts under one identifier granted and refused."""

    granted: int
    refused: int


SILENT = Said(0, 0)


class Choices(Protocol):
    """What judging asks of the ledger."""

    def said(self, item: Item, form: str) -> Said:
        """What was said under this identifier; nothing, if nobody said anything."""
        ...


def tag(key: bytes, item: Item, form: str) -> bytes:
    """A keyed 16-byte stand-in for one identifier. Lengths are prefixed, so no two pairs share a text."""
    text = f"{len(item)}:{item}{len(form)}:{form}".encode("utf-8", "surrogatepass")
    return blake2b(text, key=key, digest_size=TAG_BYTES).digest()


@dataclass(frozen=True, slots=True)
class ChoiceTable:
    """Deviations from the default of the basis, by tag. Holds no identifier."""

    key: bytes
    tags: Mapping[bytes, Said]

    def said(self, item: Item, form: str) -> Said:
        """One look-up; without any receipts not even a hash is made."""
        return self.tags.get(tag(self.key, item, form), SILENT) if self.tags else SILENT


def choice_table(policy: Policy, key: bytes, choices: Mapping[bytes, Mapping[PurposeKey, Choice]]) -> ChoiceTable:
    """The ledger's last words as masks of this version's purposes."""
    bits = {purpose: 1 << index for index, purpose in enumerate(policy.purposes)}

    def mask(said: Mapping[PurposeKey, Choice], choice: Choice) -> int:
        return sum(bits[purpose] for purpose, last in said.items() if last is choice and purpose in bits)

    return ChoiceTable(
        key, {one: Said(mask(said, Choice.GRANT), mask(said, Choice.REFUSE)) for one, said in choices.items()}
    )


@dataclass(frozen=True, slots=True)
class RefusalsOnly:
    """The table of a worker that has not heard from the ledger for a while: consent counts as no."""

    table: ChoiceTable

    def said(self, item: Item, form: str) -> Said:
        """Refusals stay, grants do not."""
        said = self.table.said(item, form)
        return Said(0, said.refused) if said.granted else said if said.refused else SILENT


NO_CHOICES = ChoiceTable(b"", {})
"""Nobody has said anything."""
