"""What may be done about one subject: record a choice, read for a purpose, forget.

The identifier is whatever was sent; it is tried as every item of the policy that names a subject and
whose type it fits. One that many may share, such as an IP address, names nobody: it leads to what was
kept with it, and nothing can be chosen or forgotten under it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from remit.policy.choices import SILENT, ChoiceTable, Said, tag
from remit.policy.model import Policy
from remit.policy.plan import clues_of, is_refusable, names_of
from remit.policy.split import Name
from remit.policy.words import Basis, Choice, Item, PurposeKey, Value
from remit.ports import Chance, Clock, Kept, Ledger, Receipt, Vault

UNKNOWN_KIND = "this text is not an identifier of any kind that the policy collects"
LED_MAX = 1_000
"""To how many blocks one clue may lead: behind an address with more there is a crowd, not a subject."""


class NotAllowed(ValueError):
    """A wish that the policy does not allow; the text says why and what would."""


@dataclass(frozen=True, slots=True)
class Found:
    """One value that the vault holds, with the sentence of the policy that allowed it."""

    received: int
    item: Item
    value: Value
    version: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleWorld:
    """What these flows work with. ``announce`` returns when every live worker has the new table."""

    ledger: Ledger
    vault: Vault
    clock: Clock
    chance: Chance
    tag_key: bytes
    announce: Callable[[], None]
    versions: Sequence[Policy]


def names(policy: Policy, identifier: str) -> list[Name]:
    """The names that this text can be, by the types of the policy's items."""
    return _fitting(policy, names_of(policy), identifier.strip())


def clues(policies: Sequence[Policy], identifier: str) -> list[Name]:
    """The clues that this text can be, by the types of the items that any of the policies keeps."""
    found = (one for policy in policies for one in _fitting(policy, clues_of(policy), identifier.strip()))
    return list(dict.fromkeys(found))


def _fitting(policy: Policy, items: Iterable[Item], text: str) -> list[Name]:
    entries = (policy.catalogue[item] for item in items)
    return [Name(entry.key, entry.form(text)) for entry in entries if text and entry.fits(text)]


def choice_table(policy: Policy, key: bytes, choices: Mapping[bytes, Mapping[PurposeKey, Choice]]) -> ChoiceTable:
    """The ledger's last words as masks of this version's purposes."""
    bits = {purpose: 1 << index for index, purpose in enumerate(policy.purposes)}

    def mask(said: Mapping[PurposeKey, Choice], choice: Choice) -> int:
        return sum(bits[purpose] for purpose, last in said.items() if last is choice and purpose in bits)

    return ChoiceTable(
        key, {one: Said(mask(said, Choice.GRANT), mask(said, Choice.REFUSE)) for one, said in choices.items()}
    )


class People:
    """The flows about one subject, for the policy in force."""

    def __init__(self, policy: Policy, world: PeopleWorld) -> None:
        self._policy, self._world = policy, world
        self._rules = {
            (one.version, rule.index): (one, rule)
            for one in world.versions
            for rule in one.collect
            if rule.keep is not None
        }

    def choose(self, identifier: str, purpose: str, choice: Choice) -> Receipt:
        """Record a choice; returns its receipt when every intake worker has it."""
        key = self._purpose(purpose)
        if choice is Choice.REFUSE and not self._may_refuse(key):
            basis = self._policy.purposes[key].basis.value
            raise NotAllowed(f"'{key}' cannot be refused: its basis is {basis} and a service needs all of it")
        tags = [tag(self._world.tag_key, name.item, name.form) for name in self._named(identifier, "recorded")]
        receipt = Receipt(
            id=str(UUID(bytes=self._world.chance.token(16), version=4)),
            at=self._world.clock.now(),
            version=self._policy.version,
            purpose=key,
            choice=choice,
        )
        self._world.ledger.choose(receipt, tags)
        self._world.announce()
        return receipt

    def person(self, identifier: str, purpose: str) -> list[Found]:
        """What the vault holds on this subject and this purpose may read. Raises NotAllowed otherwise.

        What is of nobody's name may be a clue: then it is what came with it, of each subject who allows it.
        """
        key = self._purpose(purpose)
        kept = self._led(identifier, key) or self._own(identifier, key)
        return [
            Found(block.received, item, value, block.version, self._rules[block.version, block.rule][1].line)
            for block in sorted(kept, key=lambda block: block.received)
            for row in block.rows
            for item, value in row.items()
        ]

    def forget(self, identifier: str) -> int:
        """Destroy the subject's keys and rows; returns how many blocks went. Published counts stay."""
        return self._world.vault.forget(self._named(identifier, "forgotten"))

    def _named(self, identifier: str, done: str) -> list[Name]:
        """The names that this text can be. Raises NotAllowed where it is a clue, and so not one subject's alone."""
        leads = self._leads(identifier)
        if leads and self._world.vault.led(leads, list(self._rules), 1):
            raise NotAllowed(
                f"many may share this identifier, so nothing is {done} under it: say the account or the device;"
                " by itself it goes when its retention ends"
            )
        found = names(self._policy, identifier)
        if not found:
            raise NotAllowed(UNKNOWN_KIND)
        return found

    def _leads(self, identifier: str) -> list[Name]:
        """The clues that this text can be; none where it names somebody whom the vault knows."""
        known = self._world.vault.knows(names(self._policy, identifier))
        return [] if known else clues(self._world.versions, identifier)

    def _own(self, identifier: str, key: PurposeKey) -> list[Kept]:
        """What came with the names that this text can be."""
        table, subject = self._table(), names(self._policy, identifier)
        said = [table.said(name.item, name.form) for name in subject]
        if subject and (why := self._barred(said, key)) is not None:
            raise NotAllowed(why)
        if not subject and not clues(self._world.versions, identifier):
            raise NotAllowed(UNKNOWN_KIND)
        return self._world.vault.read(subject, [rule for rule in self._rules if self._opens(rule, said, key=key)])

    def _led(self, identifier: str, key: PurposeKey) -> list[Kept]:
        """What came with the clues that this text can be, as far as those whose it is allow it."""
        leads = self._leads(identifier)
        if not leads:
            return []
        rules = [rule for rule in self._rules if self._reaches(rule, key)]
        found = self._world.vault.led(leads, rules, LED_MAX + 1)
        if len(found) > LED_MAX:
            raise NotAllowed(f"this identifier leads to more than {LED_MAX:,} blocks: a crowd shares it")
        table, kept = self._table(), list[Kept]()
        for one in found:
            said = [table.tags.get(one_tag, SILENT) for one_tag in one.tags]
            if self._barred(said, key) is None and self._opens((one.version, one.rule), said, key=key):
                kept.append(one)
        return kept

    def _purpose(self, purpose: str) -> PurposeKey:
        key = PurposeKey(purpose)
        if key not in self._policy.purposes:
            known = ", ".join(self._policy.purposes)
            raise NotAllowed(f"the policy has no purpose '{purpose}'; it has: {known}")
        return key

    def _may_refuse(self, purpose: PurposeKey) -> bool:
        return any(
            is_refusable(self._policy, item, purpose)
            for rule in self._policy.collect
            if rule.purpose == purpose
            for item in rule.items
        )

    def _reaches(self, rule: tuple[int, int], key: PurposeKey) -> bool:
        """Whether anything that this version's rule kept can be read for the purpose: its own, or one assessed."""
        policy, kept = self._rules[rule]
        assessed = any(one.purpose == key for one in policy.purposes[kept.purpose].compatible)
        return assessed or kept.purpose == key

    def _opens(self, rule: tuple[int, int], said: Sequence[Said], *, key: PurposeKey) -> bool:
        """Whether what the rule kept of a subject who said so may be read for the purpose."""
        collected = self._rules[rule][1].purpose
        if collected == key:
            return True
        # Whoever refused what it was collected for has refused what follows from it.
        willing = collected in self._policy.purposes and self._barred(said, collected) is None
        return willing and self._reaches(rule, key)

    def _table(self) -> ChoiceTable:
        return choice_table(self._policy, self._world.tag_key, self._world.ledger.choices())

    def _barred(self, said: Sequence[Said], purpose: PurposeKey) -> str | None:
        bit = 1 << list(self._policy.purposes).index(purpose)
        if any(one.refused & bit for one in said):
            return f"this subject refused '{purpose}'"
        needs_yes = self._policy.purposes[purpose].basis is Basis.CONSENT
        if needs_yes and not any(one.granted & bit for one in said):
            return f"'{purpose}' needs consent, and this subject gave none"
        return None
