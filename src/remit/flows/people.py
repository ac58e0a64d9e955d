"""What may be done about one subject: record a choice, read for a purpose, forget.

The identifier is whatever was sent; it is tried as every item of the policy that names a subject and
whose type it fits.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from remit.policy.choices import ChoiceTable, Said, tag
from remit.policy.model import Collect, Policy
from remit.policy.plan import bound, is_refusable, names_of
from remit.policy.regions import UNKNOWN, Law, laws, rulings
from remit.policy.services import asks
from remit.policy.split import Name
from remit.policy.words import Basis, Choice, Item, PurposeKey, Value
from remit.ports import Chance, Clock, Ledger, Receipt, Vault


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


@dataclass(frozen=True, slots=True)
class Chosen:
    """A recorded choice, and the items that are collected and read for its purpose all the same."""

    receipt: Receipt
    stays: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Who:
    """What is said of somebody who chooses: the country whose law holds ('' where it is not known), and their age."""

    country: str = UNKNOWN
    age: int | None = None


ANYBODY = Who()


@dataclass(frozen=True, slots=True)
class Ruling:
    """Under what something was kept: a version, its rule, and the law that held for the record."""

    policy: Policy
    rule: Collect
    law: Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
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
    text = identifier.strip()
    entries = (policy.catalogue[item] for item in names_of(policy))
    found = [Name(entry.key, entry.form(text)) for entry in entries if text and entry.fits(text)]
    if not found:
        raise NotAllowed("this text is not an identifier of any kind that the policy collects")
    return found


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

    def __init__(self, policy: Policy, world: Surroundings) -> None:
        self._policy, self._world = policy, world

    def choose(self, identifier: str, purpose: str, choice: Choice, *, who: Who = ANYBODY) -> Chosen:
        """Record a choice; returns its receipt when every intake worker has it."""
        key = self._purpose(purpose)
        if choice is Choice.GRANT:
            self._old_enough(key, who)
        stays = bound(self._policy, key)
        if choice is Choice.REFUSE and not self._may_refuse(key):
            basis = self._policy.purposes[key].basis
            why = " and a service needs all of it" if basis is Basis.CONTRACT else ", which does not hang on a choice"
            raise NotAllowed(f"'{key}' cannot be refused: its basis is {basis.value}{why}")
        tags = [tag(self._world.tag_key, name.item, name.form) for name in names(self._policy, identifier)]
        receipt = Receipt(
            id=str(UUID(bytes=self._world.chance.token(16), version=4)),
            at=self._world.clock.now(),
            version=self._policy.version,
            purpose=key,
            choice=choice,
        )
        self._world.ledger.choose(receipt, tags)
        self._world.announce()
        return Chosen(receipt, stays if choice is Choice.REFUSE else ())

    def person(self, identifier: str, purpose: str) -> list[Found]:
        """What the vault holds on this subject and this purpose may read. NotAllowed where a choice leaves nothing."""
        key = self._purpose(purpose)
        subject = names(self._policy, identifier)
        said = self._said(subject)
        rules = {
            (policy.version, number): (rule.line, open_items)
            for policy in self._world.versions
            for number, rule, law in rulings(policy)
            if law.keep(rule) is not None and (open_items := self._opens(Ruling(policy, rule, law), said, key=key))
        }
        kept = self._world.vault.read(subject, list(rules))
        found = [
            Found(block.received, item, value, block.version, line)
            for block in sorted(kept, key=lambda block: block.received)
            for line, open_items in [rules[block.version, block.rule]]
            for row in block.rows
            for item, value in row.items()
            if item in open_items
        ]
        if not found and (why := self._barred(said, key)) is not None:
            raise NotAllowed(why)
        return found

    def forget(self, identifier: str) -> int:
        """Destroy the subject's keys and rows; returns how many blocks went. Published counts stay."""
        return self._world.vault.forget(names(self._policy, identifier))

    def _old_enough(self, purpose: PurposeKey, who: Who) -> None:
        law = laws(self._policy).of(who.country)
        if not law.minimum_age or not asks(self._policy, law, purpose):
            return
        if who.age is None:
            raise NotAllowed(f"whoever consents to '{purpose}' must be {law.minimum_age} there: say how old they are")
        if who.age < law.minimum_age:
            raise NotAllowed(
                f"nobody under {law.minimum_age} consents to '{purpose}' for themselves there: whoever holds parental"
                " responsibility does (GDPR Art. 8)"
            )

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

    def _opens(self, kept: Ruling, said: Sequence[Said], *, key: PurposeKey) -> frozenset[Item]:
        """What a rule kept that may be read for the purpose: its own, or one it was assessed for."""
        rule = kept.rule
        assessed = any(one.purpose == key for one in kept.policy.purposes[rule.purpose].compatible)
        if rule.purpose != key and not assessed:
            return frozenset()
        # Whoever refused what it was collected for has refused what follows from it.
        stated = {rule.purpose, key}
        return frozenset(
            item for item in rule.items if all(self._reads(kept, item, purpose, said=said) for purpose in stated)
        )

    def _reads(self, kept: Ruling, item: Item, purpose: PurposeKey, *, said: Sequence[Said]) -> bool:
        """Whether a purpose may read an item of this subject: nobody barred it, or no version lets it be refused."""
        if purpose not in self._policy.purposes:
            return False
        if self._barred(said, purpose, asked=purpose in kept.law.consent) is None:
            return True
        return purpose in kept.policy.purposes and not any(
            is_refusable(policy, item, purpose) for policy in (kept.policy, self._policy)
        )

    def _said(self, subject: Sequence[Name]) -> list[Said]:
        table = choice_table(self._policy, self._world.tag_key, self._world.ledger.choices())
        return [table.said(name.item, name.form) for name in subject]

    def _barred(self, said: Sequence[Said], purpose: PurposeKey, *, asked: bool = False) -> str | None:
        bit = 1 << list(self._policy.purposes).index(purpose)
        if any(one.refused & bit for one in said):
            return f"this subject refused '{purpose}'"
        needs_yes = asked or self._policy.purposes[purpose].basis is Basis.CONSENT
        if needs_yes and not any(one.granted & bit for one in said):
            return f"'{purpose}' needs consent, and this subject gave none"
        return None
