"""Templates of consent records after ISO/IEC TS 27560:2023, one for each purpose that stands on consent.

The fields are those that W3C's guide "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV" (community
group report of 2026-02-15) lists as mandatory; the standard's own text was not at hand. What stands in braces is known
when somebody consents, and is filled in then.
"""

from remit.policy.model import Policy, Purpose
from remit.policy.render.dpv import CONTEXT, Node, controller, country, process, purpose, recipient
from remit.policy.render.writing import NOT_STATED, json
from remit.policy.words import Basis

_MISSING: Node = {"dct:description": NOT_STATED}
ASKED = {
    "privacy_notice": "where the notice is published",
    "storage_locations": "in which countries values are stored",
    "jurisdiction": "under which law",
    "party_address": "the postal address of who answers for the processing",
    "event_type": "how somebody says yes: expressed or explicit",
}
"""Mandatory fields of the standard that a policy may leave open."""


def templates(policy: Policy) -> str:
    """The templates as one JSON-LD document; empty where nothing stands on consent."""
    records = [_record(policy, one) for one in _by_consent(policy)]
    context = CONTEXT | {"rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}
    return json({"@context": context, "@graph": records})


def _by_consent(policy: Policy) -> list[Purpose]:
    return [one for one in policy.purposes.values() if one.basis is Basis.CONSENT]


def _record(policy: Policy, one: Purpose) -> Node:
    rules = [rule for rule in policy.collect if rule.purpose == one.key]
    told = [to for to in policy.recipients.values() if any(telling.purpose == one.key for telling in to.told)]
    stated = policy.documents
    places = [{"@type": "dpv:StorageLocation", "dpv:hasCountry": country(code)} for code in stated.stored_in]
    return {
        "@id": f"#consent-{one.key}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": {"@id": "https://w3id.org/dpv/schema/dpv-27560#record"},
        "dct:identifier": "{record_id}",
        "dpv:hasDataSubject": {"@type": "dpv:DataSubject", "dct:identifier": "{pii_principal_id}"},
        "dpv:hasDataController": {"dpv:hasAddress": NOT_STATED} | controller(policy.controller),
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "dct:language": policy.language,
            "dct:hasVersion": str(policy.version),
            **({"dct:identifier": stated.notice} if stated.notice else _MISSING),
        },
        "dpv:hasPurpose": {"@id": f"#purpose-{one.key}", **purpose(one)},
        "dpv:hasLegalBasis": {"@id": "eu-gdpr:A6-1-a"},
        "dpv:hasProcess": [process(policy, rule) for rule in rules],
        "dpv:hasStorageCondition": places or [{"@type": "dpv:StorageLocation", **_MISSING}],
        "dpv:hasJurisdiction": [country(code) for code in stated.law_of] or _MISSING,
        "dpv:hasRecipientThirdParty": [recipient(to) for to in told] or {"dct:description": "nobody"},
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": policy.controller.contact},
        "dpv:hasRight": [{"@id": "eu-gdpr:A7-3"}],
        "dpv:hasConsentStatus": {
            "@type": "dpv:ConsentGiven",
            "dpv:isIndicatedAtTime": "{event_time}",
            "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
            "dpv:hasIndicationMethod": one.expression.value if one.expression else NOT_STATED,
            "dpv:hasDuration": {"@type": "dpv:UntilEventDuration", "rdf:value": "until it is withdrawn"},
        },
    }


def unstated(policy: Policy) -> list[str]:
    """Mandatory fields that the policy has no answer to."""
    asked, stated = _by_consent(policy), policy.documents
    answers = {
        "privacy_notice": stated.notice,
        "storage_locations": stated.stored_in,
        "jurisdiction": stated.law_of,
        "party_address": policy.controller.address,
        "event_type": all(one.expression for one in asked),
    }
    return [f"{field}: {says}" for field, says in ASKED.items() if asked and not answers[field]]
