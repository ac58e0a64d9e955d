"""A house compared with its policy: what its keepers answered, and what they could not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from remit.policy.compile import adopted
from remit.policy.model import Policy
from remit.ports import Held
from remit.proof import answers
from remit.proof.answers import Found
from remit.proof.verdict import Comparison

GROUP = "The house"


@dataclass(slots=True)
class Accounts:
    """Answers by question, and of those that are missing, why."""

    answers: dict[str, Any] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def rows(self, question: str) -> Sequence[Sequence[object]]:
        """The rows of an answer that has some; none where it is missing."""
        rows: Sequence[Sequence[object]] = self.answers.get(question, {}).get("rows", [])
        return rows

    def stored(self, versions: Sequence[Policy]) -> Sequence[Policy]:
        """The versions by which the tables that were told of are stored: another may have come in force since."""
        last = self.answers.get("schema", {}).get("version")
        return [one for one in versions if last is None or one.version <= last]

    def found(self) -> Found:
        """The tables that were told of."""
        return answers.found_tables(self.rows("schema"))

    def held(self) -> list[Held]:
        """How many blocks there are under which rules."""
        return [Held(*one) for one in self.answers.get("standing", {}).get("held", [])]


Compare = Callable[[Sequence[Policy], Accounts], Comparison]

COMPARISONS: Sequence[tuple[str, Compare]] = (
    ("schema", lambda versions, told: answers.columns_told(told.stored(versions), told.found())),
    ("schema", lambda versions, told: answers.tables_as_planned(told.stored(versions), told.found())),
    ("standing", lambda versions, told: answers.kept_in_time(versions, told.held())),
    ("standing", lambda versions, told: answers.kept_by_a_rule(versions, told.held())),
    ("tally", lambda versions, told: answers.uses_declared(versions, told.rows("tally"))),
)
"""What is compared, and by the answer to which question."""


def questions() -> list[str]:
    """What only a house can answer, in words."""
    return [compare((), Accounts()).says for _, compare in COMPARISONS]


def versions_of(told: Accounts) -> list[Policy]:
    """The policies that were adopted, oldest first; none where the house does not tell."""
    return [adopted(str(text)) for text in told.answers.get("standing", {}).get("texts", [])]


def compared(told: Accounts, text: str | None) -> list[Comparison]:
    """Everything about a house; what could not be asked does not hold. ``text`` is the policy that it should run."""
    versions = versions_of(told)
    found = [_divided(told), _adopted(told, text)]
    for question, compare in COMPARISONS:
        one = compare(versions, told)
        why = told.missing.get(question) or ("" if versions else told.missing.get("standing", ""))
        found.append(replace(one, told="", found=(f"could not be asked: {why}",)) if why else one)
    return found


def _divided(told: Accounts) -> Comparison:
    why = told.missing.get("drain")
    return Comparison(
        name="divided",
        group=GROUP,
        says="everything that was acknowledged is divided",
        found=(why,) if why else (),
    )


def _adopted(told: Accounts, text: str | None) -> Comparison:
    """The text that was adopted last is the one that is given, where one is."""
    texts = told.answers.get("standing", {}).get("texts", [])
    found = told.missing.get("standing", "")
    if not found and text is not None and texts[-1] != text:
        found = f"the house runs version {versions_of(told)[-1].version}, of another text: see  remit diff adopted FILE"
    says = "the house tells which policy it runs" if text is None else "the house runs the policy that is given"
    return Comparison(name="adopted", group=GROUP, says=says, found=(found,) if found else ())
