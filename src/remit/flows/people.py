"""What may be done about one subject: record a choice, or prove it to whoever bears it, read for a purpose, forget.

The identifier is whatever was sent; it is tried as every item of the policy that names a subject and
whose type it fits. One that many may share, such as an IP address, names nobody: it leads to what was
kept with it, and nothing can be chosen or forgotten under it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from remit.flows.consents import Consents
from remit.policy.between import same_purpose
from remit.policy.choice_tokens import ChoiceToken, day_of, minted
from remit.policy.choices import SILENT, Said, choice_table, tag
from remit.policy.model import Collect, Policy
from remit.policy.plan import bound, clues_of, is_refusable, names_of, reading_with_a_yes
from remit.policy.regions import UNKNOWN, Law, laws, rulings
from remit.policy.services import age_to_agree
from remit.policy.split import Name
from remit.policy.words import Basis, Choice, Item, PurposeKey, Value
from remit.ports import Clock, Kept, Ledger, Receipt, Vault, Words

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


@dataclass(frozen=True, slots=True)
class Chosen:
    """A recorded choice, and the items that are collected and read for its purpose all the same."""

    receipt: Receipt
    stays: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Minted:
    """A choice token as it travels, its version and day, and the last day on which its yes is heard."""

    text: str
    version: int
    day: date
    heard_until: date


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
class PeopleWorld:
    """What these flows work with. ``announce`` returns when every live worker has the new table.

    ``token_key`` is what choice tokens are proven by.
    """

    ledger: Ledger
    vault: Vault
    clock: Clock
    tag_key: bytes
    token_key: bytes
    announce: Callable[[], None]


def names(versions: Sequence[Policy], identifier: str) -> list[Name]:
    """The names that this text can be, by the types of the items of any version: what it collected is there still."""
    return _fitting(versions, names_of, identifier)


def clues(versions: Sequence[Policy], identifier: str) -> list[Name]:
    """The clues that this text can be, by the types of the items that any of the versions keeps."""
    return _fitting(versions, clues_of, identifier)


def _fitting(versions: Sequence[Policy], items: Callable[[Policy], Iterable[Item]], identifier: str) -> list[Name]:
    text = identifier.strip()
    entries = (policy.catalogue[item] for policy in reversed(versions) for item in items(policy))
    return list(dict.fromkeys(Name(entry.key, entry.form(text)) for entry in entries if text and entry.fits(text)))


class People:
    """The flows about one subject, for the last of the versions, which is in force."""

    def __init__(self, versions: Sequence[Policy], world: PeopleWorld) -> None:
        self._versions, self._policy, self._world = versions, versions[-1], world
        self.consents = Consents(versions)
        self._rulings = {
            (one.version, number): Ruling(one, rule, law)
            for one in versions
            for number, rule, law in rulings(one)
            if law.keep(rule) is not None
        }

    @property
    def policy(self) -> Policy:
        """The version in force."""
        return self._policy

    def choose(self, identifier: str, purpose: str, choice: Choice, *, receipt: UUID, who: Who = ANYBODY) -> Chosen:
        """Record a choice; returns its receipt when every intake worker has it.

        Said again under the same id of a receipt it changes nothing, whatever was said or adopted since: the answer is
        the receipt that stands.
        """
        known = self._world.ledger.receipt(str(receipt)) is not None
        key = PurposeKey(purpose) if known else self._allowed(purpose, choice, who)
        subject = names(self._versions, identifier) if known else self._named(identifier, "recorded")
        stands = self._world.ledger.choose(
            Receipt(str(receipt), self._world.clock.now(), self._policy.version, key, choice), self._tags(subject)
        )
        self._world.announce()
        return Chosen(stands, bound(self._policy, key) if choice is Choice.REFUSE else ())

    def token(self, app: str, granted: Sequence[str], refused: Sequence[str], *, who: Who = ANYBODY) -> Minted:
        """What somebody says today in an app, as a token; nothing is recorded. Raises NotAllowed."""
        if app not in self._policy.apps:
            raise NotAllowed(f"the policy has no app '{app}'; it has: {', '.join(self._policy.apps)}")
        if not granted and not refused:
            raise NotAllowed("a token says yes or no to something: add  --yes PURPOSE  or  --no PURPOSE")
        both = [purpose for purpose in granted if purpose in refused]
        if both:
            raise NotAllowed(f"'{both[0]}' is either granted or refused")
        token = ChoiceToken(
            version=self._policy.version,
            day=day_of(self._world.clock.now()),
            app=app,
            granted=tuple(dict.fromkeys(self._allowed(purpose, Choice.GRANT, who) for purpose in granted)),
            refused=tuple(dict.fromkeys(self._allowed(purpose, Choice.REFUSE, who) for purpose in refused)),
        )
        return Minted(minted(token, self._world.token_key), token.version, token.day, token.heard_until)

    def _allowed(self, purpose: str, choice: Choice, who: Who) -> PurposeKey:
        """The purpose, where the choice may be made. Raises NotAllowed."""
        key = self._purpose(purpose)
        if choice is Choice.GRANT:
            self._old_enough(key, who)
        elif not self._may_refuse(key):
            basis = self._policy.purposes[key].basis
            why = " and a service needs all of it" if basis is Basis.CONTRACT else ", which does not hang on a choice"
            raise NotAllowed(f"'{key}' cannot be refused: its basis is {basis.value}{why}")
        return key

    def person(self, identifier: str, purpose: str) -> list[Found]:
        """What the vault holds on this subject and this purpose may read. NotAllowed where a choice leaves nothing.

        What is of nobody's name may be a clue: then it is what came with it, of each subject who allows it.
        """
        key = self._purpose(purpose)
        if not self.keeps(purpose):
            return []  # whoever it is: that somebody refused it would tell that they are known
        return self._led(self._leads(identifier), key) or self._own(identifier, key)

    def keeps(self, purpose: str) -> bool:
        """Whether anything is ever kept that this purpose may read: of policies, and not of anybody."""
        key = self._purpose(purpose)
        return any(self._reaches(kept, key) for kept in self._rulings.values())

    def forget(self, identifier: str) -> int:
        """Destroy the subject's keys and rows; returns how many blocks went. Published counts stay."""
        return self._world.vault.forget(self._named(identifier, "forgotten"))

    def _named(self, identifier: str, done: str) -> list[Name]:
        """The names that this text can be. Raises NotAllowed where it is a clue, and so not one subject's alone."""
        leads = self._leads(identifier)
        if leads and self._world.vault.led(leads, list(self._rulings), 1):
            raise NotAllowed(
                f"many may share this identifier, so nothing is {done} under it: say the account or the device;"
                " by itself it goes when its retention ends"
            )
        found = names(self._versions, identifier)
        if not found:
            raise NotAllowed(UNKNOWN_KIND)
        return found

    def _leads(self, identifier: str) -> list[Name]:
        """The clues that this text can be; none where it names somebody whom the vault knows."""
        known = self._world.vault.knows(names(self._versions, identifier))
        return [] if known else clues(self._versions, identifier)

    def _own(self, identifier: str, key: PurposeKey) -> list[Found]:
        """What came with the names that this text can be."""
        subject = names(self._versions, identifier)
        if not subject and not clues(self._versions, identifier):
            raise NotAllowed(UNKNOWN_KIND)
        tags, words = self._tags(subject), self._world.ledger.choices()
        said = {policy.version: self._said(tags, words, policy) for policy in self._versions}
        opened = {
            place: items
            for place, kept in self._rulings.items()
            if (items := self._opens(kept, said[kept.policy.version], key=key))
        }
        blocks = self._world.vault.read(subject, list(opened))
        found = self._found([(block, opened[block.version, block.rule]) for block in blocks])
        if subject and not found and (why := self._barred(said[self._policy.version], key)) is not None:
            raise NotAllowed(why)
        return found

    def _led(self, leads: Sequence[Name], key: PurposeKey) -> list[Found]:
        """What came with clues, as far as those whose it is allow that it, and the clue itself, is read."""
        reached = [place for place, kept in self._rulings.items() if self._reaches(kept, key)]
        words, found = self._world.ledger.choices(), list[tuple[Kept, frozenset[Item]]]()
        for lead in leads:
            blocks = self._world.vault.led([lead], reached, LED_MAX + 1)
            if len(blocks) > LED_MAX:
                raise NotAllowed(f"this identifier leads to more than {LED_MAX:,} blocks: a crowd shares it")
            for block in blocks:
                kept = self._rulings[block.version, block.rule]
                said = self._said(block.tags, words, kept.policy)
                if self._may_read(kept, lead.item, said, key=key):
                    found.append((block, self._opens(kept, said, key=key)))
        return self._found(found)

    def _found(self, opened: Iterable[tuple[Kept, frozenset[Item]]]) -> list[Found]:
        return [
            Found(block.received, item, value, block.version, self._rulings[block.version, block.rule].rule.line)
            for block, items in sorted(opened, key=lambda pair: pair[0].received)
            for row in block.rows
            for item, value in row.items()
            if item in items
        ]

    def _old_enough(self, purpose: PurposeKey, who: Who) -> None:
        law = laws(self._policy).of(who.country)
        reading = law.minimum_age if purpose in reading_with_a_yes(self._policy) else 0
        least = max(age_to_agree(self._policy, law, purpose), reading)
        if least and who.age is None:
            raise NotAllowed(f"whoever consents to '{purpose}' must be {least} there: say how old they are")
        if who.age is not None and who.age < least:
            raise NotAllowed(
                f"nobody under {least} consents to '{purpose}' for themselves there: whoever holds parental"
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

    def _reaches(self, kept: Ruling, key: PurposeKey) -> bool:
        """Whether anything that a rule kept can be read for the purpose: its own, or one it was assessed for."""
        assessed = any(one.purpose == key for one in kept.policy.purposes[kept.rule.purpose].compatible)
        return assessed or kept.rule.purpose == key

    def _opens(self, kept: Ruling, said: Sequence[Said], *, key: PurposeKey) -> frozenset[Item]:
        """What a rule kept that may be read for the purpose."""
        if not self._reaches(kept, key):
            return frozenset()
        return frozenset(item for item in kept.rule.items if self._may_read(kept, item, said, key=key))

    def _may_read(self, kept: Ruling, item: Item, said: Sequence[Said], *, key: PurposeKey) -> bool:
        """Whether an item that was kept so may be read for a purpose that reaches it."""
        # Whoever refused what it was collected for has refused what follows from it.
        return all(self._reads(kept, item, purpose, said=said) for purpose in {kept.rule.purpose, key})

    def _reads(self, kept: Ruling, item: Item, purpose: PurposeKey, *, said: Sequence[Said]) -> bool:
        """Whether a purpose may read an item of this subject: nobody barred it, or no version lets it be refused."""
        if not same_purpose(kept.policy, self._policy, purpose):
            return False
        asked = purpose in kept.law.consent or kept.policy.purposes[purpose].basis is Basis.CONSENT
        if self._barred(said, purpose, asked=asked) is None:
            return True
        return not any(is_refusable(policy, item, purpose) for policy in (kept.policy, self._policy))

    def _tags(self, subject: Sequence[Name]) -> list[bytes]:
        return [tag(self._world.tag_key, name.item, name.form) for name in subject]

    def _said(self, tags: Sequence[bytes], words: Mapping[bytes, Words], policy: Policy) -> list[Said]:
        """What was said under these tags, as far as it covers what was collected under a version."""
        covering = self.consents.covering({one: words[one] for one in tags if one in words}, policy)
        table = choice_table(self._policy, self._world.tag_key, covering)
        return [table.tags.get(one, SILENT) for one in tags]

    def _barred(self, said: Sequence[Said], purpose: PurposeKey, *, asked: bool = False) -> str | None:
        bit = 1 << list(self._policy.purposes).index(purpose)
        if any(one.refused & bit for one in said):
            return f"this subject refused '{purpose}'"
        needs_yes = asked or self._policy.purposes[purpose].basis is Basis.CONSENT
        if needs_yes and not any(one.granted & bit for one in said):
            return f"'{purpose}' needs consent, and this subject gave none"
        return None
