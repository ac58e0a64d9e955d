"""The policy in W3C's Data Privacy Vocabulary (DPV 2.3), as JSON-LD: one process per collection rule, fact and count.

The context stands in the document, so nobody has to fetch one; ids are relative to wherever it is published.
"""

import re
from datetime import timedelta

from remit.policy.model import (
    Assessment,
    Collect,
    Controller,
    Count,
    Fact,
    Policy,
    Purpose,
    Recipient,
    Service,
    Verdict,
)
from remit.policy.plan import is_refusable
from remit.policy.render.gathered import told_of
from remit.policy.render.purposes import PURPOSES
from remit.policy.render.writing import json, retention
from remit.policy.words import WHILE_ACCOUNT, Basis, Item, Role, Source, SubjectGroup

Node = dict[str, object]

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
"""The namespaces of DPV and of the words around it."""

_BASES = {
    Basis.CONSENT: "A6-1-a",
    Basis.CONTRACT: "A6-1-b",
    Basis.LEGAL_OBLIGATION: "A6-1-c",
    Basis.VITAL_INTEREST: "A6-1-d",
    Basis.PUBLIC_INTEREST: "A6-1-e",
    Basis.LEGITIMATE_INTEREST: "A6-1-f",
}
_ACCESS, _ERASURE, _OBJECT, _WITHDRAW = "A15", "A17", "A21", "A7-3"
_RIGHTS = {
    Basis.CONSENT: (_ACCESS, _ERASURE, _WITHDRAW),
    Basis.CONTRACT: (_ACCESS, _ERASURE),
    Basis.LEGAL_OBLIGATION: (_ACCESS,),
    Basis.VITAL_INTEREST: (_ACCESS, _ERASURE),
    Basis.PUBLIC_INTEREST: (_ACCESS,),
    Basis.LEGITIMATE_INTEREST: (_ACCESS, _ERASURE, _OBJECT),
}
"""Of the rights that a basis gives by DPV's own table, those that remit has a command for: person, forget, choose."""

_PARTIES = {Role.PROCESSOR: "DataProcessor", Role.JOINT_CONTROLLER: "DataController", Role.CONTROLLER: "ThirdParty"}

_SUBJECTS = {
    SubjectGroup.CUSTOMERS: "Customer",
    SubjectGroup.VISITORS: "Visitor",
    SubjectGroup.USERS: "User",
    SubjectGroup.SUBSCRIBERS: "Subscriber",
    SubjectGroup.MEMBERS: "Member",
    SubjectGroup.EMPLOYEES: "Employee",
    SubjectGroup.APPLICANTS: "JobApplicant",
    SubjectGroup.STUDENTS: "Student",
    SubjectGroup.PATIENTS: "Patient",
    SubjectGroup.CHILDREN: "Child",
}

_SOURCES = {
    Source.YOU: "DataSubjectDataSource",
    Source.DEVICE: "DataSubjectDataSource",
    Source.LOG: "DataSubjectDataSource",
    Source.PROVIDER: "ThirdPartyDataSource",
    Source.SOMEONE_ELSE: "ThirdPartyDataSource",
}
"""DPV counts what is observed of somebody's activities as told by them."""


def json_ld(policy: Policy) -> str:
    """The policy as one JSON-LD document."""
    nodes = [
        controller(policy.controller),
        *({"@id": f"#purpose-{one.key}", **purpose(one)} for one in policy.purposes.values()),
        *(_service(one) for one in policy.services.values()),
        *(recipient(one) for one in policy.recipients.values()),
        *({"@id": f"#rule-{rule.index}", **process(policy, rule)} for rule in policy.collect),
        *(_statistic(policy, "fact", one) for one in policy.facts.values()),
        *(_statistic(policy, "count", one) for one in policy.counts.values()),
        *(_verdict(policy, place, one) for place, one in enumerate(policy.automated or ())),
    ]
    return json({"@context": CONTEXT, "@graph": nodes})


def controller(who: Controller) -> Node:
    """Who answers for the processing."""
    return {
        "@id": "#controller",
        "@type": "dpv:DataController",
        "dpv:hasName": who.name,
        "dpv:hasContact": who.contact,
        "dpv:hasCountry": country(who.country),
        **({"dpv:hasAddress": who.address} if who.address else {}),
    }


def recipient(one: Recipient) -> Node:
    """Somebody who is told, as what they are to the controller."""
    return {
        "@id": f"#recipient-{one.key}",
        "@type": f"dpv:{_PARTIES[one.role]}",
        "dpv:hasName": one.name,
        "dpv:hasCountry": country(one.country),
    }


def country(code: str) -> str | Node:
    """A country by its term, where its code is one."""
    return {"@id": f"loc:{code}"} if re.fullmatch("[A-Z]{2}", code) else code


def purpose(one: Purpose) -> Node:
    """A purpose in the policy's words, below its term; a term that DPV does not have is left out."""
    wider: Node = {"skos:broader": {"@id": f"dpv:{one.dpv}"}} if one.dpv in PURPOSES else {}
    return {"@type": "dpv:Purpose", **wider, "dct:title": one.key, "dct:description": " ".join(one.says.split())}


def process(policy: Policy, rule: Collect) -> Node:
    """One collection rule: what, from whom, what for, on which basis, how long."""
    basis = policy.purposes[rule.purpose].basis
    node: Node = {
        "@type": "dpv:Process",
        "dpv:hasDataController": {"@id": "#controller"},
        "dpv:hasPurpose": {"@id": f"#purpose-{rule.purpose}"},
        "dpv:hasLegalBasis": {"@id": f"eu-gdpr:{_BASES[basis]}"},
        "dpv:hasPersonalData": [_datum(policy, item, rule) for item in rule.items],
        "dpv:hasDataSource": {"@id": f"dpv:{_SOURCES[rule.source]}"},
        "dpv:hasProcessing": [{"@id": f"dpv:{verb}"} for verb in _verbs(policy, rule)],
        "dpv:hasRight": [{"@id": f"eu-gdpr:{right}"} for right in _RIGHTS[basis]],
    }
    if groups := policy.purposes[rule.purpose].subjects:
        node["dpv:hasDataSubject"] = [{"@id": f"dpv:{_SUBJECTS[group]}"} for group in groups]
    if rule.countries:
        node["dpv:hasJurisdiction"] = [country(code) for code in sorted(rule.countries)]
    if told := told_of(policy, rule):
        node["dpv:hasRecipient"] = [{"@id": f"#recipient-{one.key}"} for one in told]
    if rule.keep is not None:
        node["dpv:hasStorageCondition"] = [{"@type": "dpv:StorageDuration", "dpv:hasDuration": _duration(rule.keep)}]
        if further := policy.purposes[rule.purpose].compatible:
            node["dpv:hasAssessment"] = [_assessment(one) for one in further]
    return node


def _assessment(one: Assessment) -> Node:
    factors = (one.link, one.context, one.nature, one.consequences, one.safeguards)
    return {
        "@type": "eu-gdpr:PurposeCompatibilityAssessment",
        "dpv:hasPurpose": {"@id": f"#purpose-{one.purpose}"},
        "dpv:hasReuseCompatibility": {"@id": "eu-gdpr:PurposeCompatible"},
        "dct:description": "; ".join(" ".join(factor.split()) for factor in factors),
    }


def _duration(keep: timedelta) -> str | Node:
    if keep == WHILE_ACCOUNT:
        return {"@type": "dpv:UntilEventDuration", "dct:description": retention(keep)}
    return retention(keep)


def _verbs(policy: Policy, rule: Collect) -> list[str]:
    statistics = [one.purpose for one in policy.facts.values()] + [one.purpose for one in policy.counts.values()]
    counted = rule.purpose in statistics
    return ["Collect", *(["Store"] if rule.keep is not None else []), *(["Aggregate"] if counted else [])]


def _datum(policy: Policy, item: Item, rule: Collect) -> Node:
    entry = policy.catalogue[item]
    wider: Node = {"skos:broader": {"@id": f"pd:{entry.terms.dpv}"}} if entry.terms.dpv else {}
    necessity = "Optional" if is_refusable(policy, item, rule.purpose) else "Required"
    return {
        "@type": "dpv:PersonalData",
        **wider,
        "dct:identifier": item,
        "dct:title": entry.title,
        "dpv:hasNecessity": {"@id": f"dpv:{necessity}"},
    }


def _service(service: Service) -> Node:
    purposes = dict.fromkeys(purpose for need in service.needs for purpose in need.purposes)
    return {
        "@id": f"#service-{service.key}",
        "@type": "dpv:Service",
        "dct:title": service.key,
        "dct:description": " ".join(service.says.split()),
        "dpv:hasPurpose": [{"@id": f"#purpose-{key}"} for key in purposes],
    }


def _verdict(policy: Policy, place: int, one: Verdict) -> Node:
    """What programs alone decide (GDPR Art. 22)."""
    return {
        "@id": f"#decision-{place}",
        "@type": "dpv:Process",
        "dct:title": " ".join(one.says.split()),
        "dpv:hasPurpose": {"@id": f"#purpose-{one.purpose}"},
        "dpv:hasLegalBasis": {"@id": f"eu-gdpr:{_BASES[policy.purposes[one.purpose].basis]}"},
        "dpv:hasContext": [{"@id": "dpv:AutomatedDecisionMaking"}],
        "dpv:hasAlgorithmicLogic": {"@type": "dpv:AlgorithmicLogic", "dct:description": " ".join(one.logic.split())},
        "dpv:hasConsequence": {"@type": "dpv:Consequence", "dct:description": " ".join(one.consequences.split())},
    }


def _statistic(policy: Policy, kind: str, one: Fact | Count) -> Node:
    return {
        "@id": f"#{kind}-{one.name}",
        "@type": "dpv:Process",
        "dct:title": one.name,
        "dpv:hasPurpose": {"@id": f"#purpose-{one.purpose}"},
        "dpv:hasLegalBasis": {"@id": f"eu-gdpr:{_BASES[policy.purposes[one.purpose].basis]}"},
        "dpv:hasProcessing": [{"@id": "dpv:Aggregate"}],
    }


def unstated(policy: Policy) -> list[str]:
    """Purposes of which DPV has no term by the name that the policy gives."""
    return [
        f"skos:broader of {one.key}: DPV 2.3 has no purpose '{one.dpv}'"
        for one in policy.purposes.values()
        if one.dpv not in PURPOSES
    ]
