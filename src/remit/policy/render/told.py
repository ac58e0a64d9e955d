"""Which part of the policy each sentence of the notice is made from, and what holds remit to it.

A block of the notice cannot be made without saying what it is by (``By``), and every kind of part stands in a table
with what enforces it. So a sentence that nothing enforces is an entry of that table that names nothing, which the tests
and ``remit verify`` refuse.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from remit.policy.brought import brought, unserved_today
from remit.policy.model import Policy
from remit.policy.offers import unserved
from remit.policy.signals import heard_of


class Topic(StrEnum):
    """A kind of part of the policy that the notice tells of."""

    HEADING = "heading"
    """The name of a section; it says nothing by itself."""
    CONTROLLER = "controller"
    WHOLE = "whole"
    """That nothing is taken but what the policy says."""
    RULE = "rule"
    NO_RULE = "no-rule"
    """That a section has no rule."""
    APART = "apart"
    """That statistics and personal information are kept apart."""
    FACT = "fact"
    COUNT = "count"
    TALLY = "tally"
    CHOICE = "choice"
    SIGNAL = "signal"
    """What a browser or an SDK may refuse for somebody."""
    PURPOSE = "purpose"
    SERVICE = "service"
    APP = "app"
    """For what nothing is taken of what an app sends."""
    NO_SERVICE = "no-service"
    """That no service hangs on a choice."""
    RETENTION = "retention"
    STORED = "stored"
    """In which countries values lie."""
    REGION = "region"
    JURISDICTION = "jurisdiction"
    RECIPIENT = "recipient"
    NO_RECIPIENT = "no-recipient"
    VERDICT = "verdict"
    """Something that programs alone decide."""
    NO_VERDICT = "no-verdict"
    """That programs alone decide nothing."""


class By(NamedTuple):
    """One part of a policy: its kind, and which one, where there are several."""

    told: Topic
    key: str = ""


HEADING = By(Topic.HEADING)


@dataclass(frozen=True, slots=True)
class Enforced:
    """What holds remit to the sentences about a kind of part.

    ``checks`` are codes of checks of the policy, ``rules`` modules in which it happens, ``tests`` what proves it.
    ``people`` is what of it nobody but people can check, since it is free text or a deed of somebody.
    """

    rules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    people: str = ""

    @property
    def by_something(self) -> bool:
        """Whether anything at all is named."""
        return bool(self.rules or self.tests or self.checks or self.people)


ENFORCED: Mapping[Topic, Enforced] = {
    Topic.HEADING: Enforced(people="a heading says nothing by itself"),
    Topic.CONTROLLER: Enforced(
        checks=("P011", "P065"), people="names and addresses are the policy's, and people answer to who writes there"
    ),
    Topic.WHOLE: Enforced(
        rules=("policy/plan", "wire/decoder", "policy/narrow"),
        tests=("tests/laws/test_whole.py", "tests/server/test_privacy.py"),
    ),
    Topic.RULE: Enforced(
        rules=("policy/plan", "policy/regions", "policy/decide", "stores/vault"),
        tests=(
            "tests/laws/test_decide.py",
            "tests/laws/test_regions.py",
            "tests/laws/test_whole.py",
            "tests/stores/test_vault_contract.py",
        ),
        checks=("P022", "P023", "P030", "P031", "P032", "P060", "P105", "P106"),
        people="who a provider is, and why something is required, are free text",
    ),
    Topic.NO_RULE: Enforced(rules=("policy/plan",), tests=("tests/policy/test_notice.py",)),
    Topic.APART: Enforced(
        rules=("flows/divide", "house"), tests=("tests/laws/test_apart.py", "tests/server/test_privacy.py")
    ),
    Topic.FACT: Enforced(
        rules=("policy/judge", "policy/decide", "policy/reduce", "policy/tables"),
        tests=("tests/laws/test_decide.py", "tests/laws/test_reduce.py", "tests/stores/test_facts.py"),
        checks=("P015", "P050", "P051", "P057", "P080", "P081", "P082", "P083", "P084"),
        people="what exempts the reading of a device from consent is free text",
    ),
    Topic.COUNT: Enforced(
        rules=("policy/judge", "policy/decide", "stores/votes", "policy/release", "policy/flow"),
        tests=(
            "tests/stores/test_votes_contract.py",
            "tests/stores/test_votes.py",
            "tests/policy/test_release.py",
            "tests/ask/test_flow.py",
        ),
        checks=("P050", "P055", "P057", "P080", "P081", "P082", "P083", "P084", "P087", "P088"),
        people="what exempts the reading of a device from consent is free text",
    ),
    Topic.TALLY: Enforced(
        rules=("policy/decide", "flows/sampling", "policy/tables"),
        tests=("tests/laws/test_whole.py", "tests/flows/test_sampling.py"),
    ),
    Topic.CHOICE: Enforced(
        rules=("policy/judge", "flows/people"),
        tests=("tests/laws/test_decide.py", "tests/server/test_choices.py", "tests/flows/test_people.py"),
    ),
    Topic.SIGNAL: Enforced(
        rules=("wire/signals", "policy/judge", "policy/narrow"),
        tests=("tests/laws/test_heard.py", "tests/wire/test_signals.py", "tests/server/test_told_clients.py"),
        checks=("P023", "P095"),
    ),
    Topic.PURPOSE: Enforced(
        rules=("policy/judge", "flows/people"),
        tests=("tests/laws/test_decide.py", "tests/flows/test_people.py"),
        checks=("P020", "P021", "P022", "P024", "P026"),
        people="what a purpose says, and why a further one is fair, is free text",
    ),
    Topic.SERVICE: Enforced(
        rules=("policy/services",),
        tests=("tests/laws/test_services.py",),
        checks=("P042", "P043"),
        people="what a service is, is free text",
    ),
    Topic.APP: Enforced(
        rules=("policy/offers", "policy/plan"),
        tests=("tests/laws/test_decide.py", "tests/laws/test_offers.py"),
        checks=("P048",),
    ),
    Topic.NO_SERVICE: Enforced(rules=("policy/services",), tests=("tests/policy/test_corners.py",)),
    Topic.RETENTION: Enforced(
        rules=("flows/divide", "stores/vault"), tests=("tests/stores/test_vault_contract.py",), checks=("P032", "P026")
    ),
    Topic.STORED: Enforced(checks=("P065",), people="where machines stand is a deed of whoever runs them"),
    Topic.REGION: Enforced(
        rules=("policy/regions", "policy/judge", "policy/narrow"),
        tests=("tests/laws/test_regions.py", "tests/laws/test_decide.py"),
        checks=("P067",),
    ),
    Topic.JURISDICTION: Enforced(
        rules=("policy/regions", "policy/judge", "flows/divide", "flows/people"),
        tests=("tests/laws/test_regions.py", "tests/laws/test_decide.py", "tests/flows/test_people.py"),
        checks=("P065", "P068"),
    ),
    Topic.RECIPIENT: Enforced(
        checks=("P062", "P063", "P064", "P065"),
        people="remit passes nothing on yet; what is passed on beside it is a deed",
    ),
    Topic.VERDICT: Enforced(
        checks=("P011", "P090"), people="remit decides nothing about anybody; what is decided beside it is a deed"
    ),
    Topic.NO_VERDICT: Enforced(
        checks=("P011", "P090"), people="remit decides nothing about anybody; what is decided beside it is a deed"
    ),
    Topic.NO_RECIPIENT: Enforced(people="remit passes nothing on; what is passed on beside it is a deed"),
}
"""What enforces the sentences about each kind of part."""


def stands(policy: Policy, by: By) -> bool:
    """Whether the policy has the part that a sentence is by."""
    return by.key in _parts(policy).get(by.told, {""})


def parts(policy: Policy) -> list[By]:
    """Every part of the policy that something can bring, and of which there are several; each has to be told of."""
    found = {**_parts(brought(policy)), Topic.APP: unserved_today(policy).keys()}
    return [By(told, key) for told, keys in found.items() for key in keys]


def _parts(policy: Policy) -> Mapping[Topic, Collection[str]]:
    return {
        Topic.RULE: [str(rule.index) for rule in policy.collect],
        Topic.FACT: policy.facts.keys(),
        Topic.COUNT: policy.counts.keys(),
        Topic.PURPOSE: policy.purposes.keys(),
        Topic.SERVICE: policy.services.keys(),
        Topic.APP: unserved(policy).keys(),
        Topic.JURISDICTION: [
            key
            for key, law in policy.jurisdictions.items()
            if law.consent or law.forbid or law.barred or law.longest or law.minimum_age or law.final
        ],
        Topic.RECIPIENT: policy.recipients.keys(),
        Topic.SIGNAL: [name for name, _ in heard_of(policy.signals)],
        Topic.VERDICT: [str(place) for place, _ in enumerate(policy.automated or ())],
    }
