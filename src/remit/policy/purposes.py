"""The rules about purposes: what they say, what they stand on, what else they allow, and how long."""

import re
from collections.abc import Iterator

from remit.policy.language import NEEDS, Finding, bases, collected, duration, near, rows
from remit.policy.platitudes import says_nothing
from remit.policy.read import Node
from remit.policy.render.purposes import PURPOSES
from remit.policy.words import Basis

_TOO_WIDE = """
AccountManagement:
CommercialPurpose: CommercialResearch
CommunicationManagement: CommunicationForCustomerCare
CustomerManagement: CustomerCare CustomerClaimsManagement CustomerOrderManagement
    CustomerRelationshipManagement CustomerSolvencyMonitoring
EnforceSecurity: EnforceAccessControl IdentityAuthentication MisusePreventionAndDetection Verification
EstablishContractualAgreement:
FulfilmentOfObligation: FulfilmentOfContractualObligation LegalCompliance ProtectionOfIPR
HumanResourceManagement: PersonnelManagement
Marketing: Advertising DirectMarketing PublicRelations SocialMediaMarketing
NonCommercialPurpose: NonCommercialResearch
OrganisationGovernance: DisputeManagement MemberPartnerManagement OrganisationComplianceManagement
    OrganisationRiskManagement
Personalisation: PersonalisedAdvertising PoliticalCampaign ServicePersonalisation
PublicBenefit: CombatClimateChange Counterterrorism DataAltruism ImproveHealthcare ImprovePublicServices
    ImproveTransportMobility ProtectionOfNationalSecurity ProtectionOfPublicSecurity
    ProvideOfficialStatistics PublicPolicyMaking
Purpose:
RecordManagement:
ResearchAndDevelopment: AcademicResearch CommercialResearch NonCommercialResearch ScientificResearch
ServiceManagement: PaymentManagement RepairImpairments ServiceAccessDetermination ServiceMonitoring
    ServiceOptimisation ServicePersonalisation ServiceRegistration
ServiceProvision: RequestedServiceProvision SearchFunctionalities SellProducts TechnicalServiceProvision
VendorManagement: VendorPayment VendorRecordsManagement VendorSelectionAssessment
"""

NARROWER = {
    wide: terms.split()
    for line in re.split(r"\n(?=\S)", _TOO_WIDE.strip())
    for wide, _, terms in (line.partition(":"),)
}
"""The terms just below each that is too wide to bind anybody: below what stands directly below ``Purpose``, and below
the provision of services as such."""

DPV_TOP = frozenset(NARROWER)

_ALL = "remit schema"
"""The command that lists the terms."""

_USED_FOR = (
    "collect[].for",
    "facts.*.for",
    "counts.*.for",
    *(f"{path}.for" for path in NEEDS),
    "recipients.*.told[].for",
    "automated[].for",
)
"""Where something is done for a purpose."""

_FOR = (
    *_USED_FOR,
    "jurisdictions.*.consent[]",
    "jurisdictions.*.forbid[].for",
    "signals.gpc[]",
    "signals.tcf.*[]",
    "signals.gpp.*[]",
    "signals.categories.*[]",
)
"""Where something is said to be for a purpose."""


def purposes_are_specific(root: Node) -> Iterator[Finding]:
    """A purpose says something that could be false."""
    for _, node in rows(root, "purposes.*.says"):
        if says_nothing(node.text()):
            yield (
                node,
                f"'{node.text()}' is not a specific purpose",
                "say what is done with the values, and for whom",
            )


def purposes_have_terms(root: Node) -> Iterator[Finding]:
    """Each purpose has a term of DPV below the top concepts."""
    for _, node in rows(root, "purposes.*.dpv"):
        if node.text() in DPV_TOP:
            yield (
                node,
                f"'{node.text()}' is too wide to bind anybody",
                _narrower(node.text()),
            )
        elif node.text() not in PURPOSES:
            yield (
                node,
                f"'{node.text()}' is no purpose of DPV",
                near(node.text(), PURPOSES.keys() - DPV_TOP, where=_ALL),
            )


def _narrower(wide: str) -> str:
    terms = NARROWER[wide]
    return (
        f"choose one of its own terms: {', '.join(terms)}" if terms else f"choose a narrower term; {_ALL} has them all"
    )


def bases_are_lawful(root: Node) -> Iterator[Finding]:
    """Each purpose has one of the six grounds."""
    known = [basis.value for basis in Basis]
    for _, node in rows(root, "purposes.*.basis"):
        if node.text() not in known:
            yield node, f"'{node.text()}' is not a lawful basis", near(node.text(), known)


def purposes_exist(root: Node) -> Iterator[Finding]:
    """Whatever is for a purpose is for a declared one."""
    declared = [key for _, node in rows(root, "purposes") for key, _value in node.entries()]
    for path in _FOR:
        for _, node in rows(root, path):
            if node.text() not in declared:
                yield node, f"purpose '{node.text()}' is not declared", near(node.text(), declared)
    for _, limits in rows(root, "jurisdictions.*.keep"):
        for key in limits.keys:
            if key not in declared:
                yield limits.keys[key], f"purpose '{key}' is not declared", near(key, declared)


def further_uses_are_assessed(root: Node) -> Iterator[Finding]:
    """Reading for another purpose is of what is kept, fully assessed, and never where either stands on consent."""
    declared, grounds = dict(rows(root, "purposes.*")), bases(root)
    kept = {purpose for _, purpose in collected(root, kept=True)}
    for key, purpose in declared.items():
        for _, further in rows(purpose, "compatible"):
            for other, assessment in further.entries():
                named = further.keys[other]
                if key not in kept:
                    yield named, f"nothing is kept for '{key}' that could be read for another", "leave it out"
                if other not in declared or other == key:
                    yield named, f"'{other}' is no other purpose", near(other, [one for one in declared if one != key])
                    continue
                for one in (key, other):
                    if grounds.get(one) == Basis.CONSENT.value:
                        yield named, f"'{one}' stands on consent, which no assessment replaces", "ask for consent"
                for factor, node in assessment.entries():
                    if says_nothing(node.text()):
                        yield node, f"'{node.text()}' assesses no {factor}", "say what speaks for it in this case"


def purposes_are_used(root: Node) -> Iterator[Finding]:
    """What is collected, counted, needed or read is for each purpose: one that is only asked about is for nothing."""
    used = {node.text() for path in _USED_FOR for _, node in rows(root, path)}
    used |= {other for _, further in rows(root, "purposes.*.compatible") for other in further.keys}
    for _, purposes in rows(root, "purposes"):
        for key in purposes.keys:
            if key not in used:
                yield purposes.keys[key], f"nothing is for '{key}'", "use it, or leave it out"


def nothing_outlives_its_purpose(root: Node) -> Iterator[Finding]:
    """No value stays longer than its purpose says that anything does."""
    longest = {key: keep for key, node in rows(root, "purposes.*") if (keep := node.get("keep")) is not None}
    for _, rule in rows(root, "collect[]"):
        keep, purpose = rule.get("keep"), rule.get("for")
        for_ = purpose.text() if purpose is not None else ""
        limit = longest.get(for_)
        if keep is None or limit is None:
            continue
        kept, allowed = duration(keep.text()), duration(limit.text())
        if kept is not None and allowed is not None and kept > allowed:
            yield (
                keep,
                f"'{keep.text()}' is longer than '{limit.text()}', which '{for_}' allows",
                "shorten one, or lengthen the other",
            )
