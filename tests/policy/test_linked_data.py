"""DPV, consent records and fideslang: valid by the vocabularies' own rules, as others read them."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import rdflib
import yaml
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from fideslang.models import Taxonomy
from fideslang.relationships import get_referenced_missing_keys
from hypothesis import given, settings
from published import assessment, example, made_of, official, official_pairs, policies, published, purpose, rule

from remit.policy.model import Policy
from remit.policy.words import Basis

DPV = "https://w3id.org/dpv#"
SPACES = {
    DPV: official("dpv-classes") | official("dpv-properties"),
    "https://w3id.org/dpv/pd#": official("dpv-pd"),
    "https://w3id.org/dpv/loc#": official("dpv-loc"),
    "https://w3id.org/dpv/legal/eu/gdpr#": official("dpv-eu-gdpr"),
    "https://w3id.org/dpv/schema/dpv-27560#": {"record"},
}
BESIDES = set(
    """
    http://www.w3.org/1999/02/22-rdf-syntax-ns#type http://www.w3.org/1999/02/22-rdf-syntax-ns#value
    http://www.w3.org/2004/02/skos/core#broader http://purl.org/dc/terms/title http://purl.org/dc/terms/description
    http://purl.org/dc/terms/identifier http://purl.org/dc/terms/conformsTo http://purl.org/dc/terms/language
    http://purl.org/dc/terms/hasVersion
    """.split()
)
"""Terms of RDF, SKOS and Dublin Core that the guide of DPV uses."""
SITE = "https://shop.example/policy.jsonld"
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph")  # rdflib warns of its own parser


def graph(policy: Policy, kind: str) -> rdflib.Graph:
    """The statements of a document, as rdflib reads them."""
    return rdflib.Graph().parse(data=published(policy, kind), format="json-ld", publicID=SITE)


def invented(found: rdflib.Graph) -> Iterator[str]:
    """IRIs that no vocabulary has."""
    for iri in {str(term) for triple in found for term in triple if isinstance(term, rdflib.URIRef)}:
        space, mark, name = iri.rpartition("#")
        if not iri.startswith(SITE) and iri not in BESIDES and name not in SPACES.get(f"{space}{mark}", ()):
            yield iri


@pytest.mark.parametrize("kind", ["dpv", "receipt"])
@settings(max_examples=25, deadline=None)
@given(policy=policies())
def test_every_term_is_of_the_vocabulary(kind: str, policy: Policy) -> None:
    """For any policy, each IRI is one of DPV's, and what stands as a property is a property."""
    found = graph(policy, kind)
    predicates = {str(predicate) for _, predicate, _ in found}

    assert [] == sorted(invented(found))
    assert set() == {one.removeprefix(DPV) for one in predicates if one.startswith(DPV)} - official("dpv-properties")


def test_every_prefix_is_known_and_every_value_is_read() -> None:
    """Nothing in the example is dropped by a reader: no relative predicate, no prefix that the context lacks."""
    found = graph(example(), "dpv")
    processes = set(found.subjects(rdflib.RDF.type, rdflib.URIRef(f"{DPV}Process")))
    statistics = len(example().facts) + len(example().counts)

    assert len(example().collect) + statistics == len(processes)
    assert {"dpv", "pd", "loc", "eu-gdpr", "dct", "skos"} == set(json.loads(published(example(), "dpv"))["@context"])
    assert (rdflib.URIRef(f"{SITE}#controller"), rdflib.RDF.type, rdflib.URIRef(f"{DPV}DataController")) in found


@pytest.mark.parametrize("basis", Basis)
def test_rights_are_those_of_the_basis(basis: Basis) -> None:
    """Each basis of Art. 6(1) has its term, and no right is told that it does not give."""
    policy = made_of(rule("email"), purposes=[purpose("p0", basis=basis)])
    (process,) = (node for node in json.loads(published(policy, "dpv"))["@graph"] if node["@id"] == "#rule-0")
    term = process["dpv:hasLegalBasis"]["@id"].removeprefix("eu-gdpr:")
    rights = {right["@id"].removeprefix("eu-gdpr:") for right in process["dpv:hasRight"]}

    assert rights
    assert set() == rights - official_pairs("dpv-rights")[term]
    assert ("A7-3" in rights) == (basis is Basis.CONSENT)


def test_purposes_stand_below_their_term() -> None:
    """Each purpose of the policy is told as a kind of the DPV term that the policy names."""
    found = graph(example(), "dpv")
    broader = rdflib.URIRef("http://www.w3.org/2004/02/skos/core#broader")

    for key, one in example().purposes.items():
        wider = found.value(rdflib.URIRef(f"{SITE}#purpose-{key}"), broader)
        assert rdflib.URIRef(DPV + one.dpv) == wider


MANDATORY = {
    "schema version": "dct:conformsTo",
    "record id": "dct:identifier",
    "pii principal id": "dpv:hasDataSubject",
    "privacy notice, language": "dpv:hasNotice",
    "purpose": "dpv:hasPurpose",
    "pii information": "dpv:hasProcess",
    "pii controllers": "dpv:hasDataController",
    "storage locations, retention period": "dpv:hasStorageCondition",
    "jurisdiction": "dpv:hasJurisdiction",
    "recipient third parties": "dpv:hasRecipientThirdParty",
    "withdrawal method": "dpv:hasConsentControl",
    "event time, validity duration, entity id, event type, event state": "dpv:hasConsentStatus",
}
"""The mandatory fields of ISO/IEC TS 27560:2023 by the comparison in W3C's guide of 2026-02-15, and their places."""


def test_a_consent_record_has_every_mandatory_field() -> None:
    """There is a template for each purpose on consent and for no other, and none of its mandatory fields is missing."""
    policy = example()
    records = json.loads(published(policy, "receipt"))["@graph"]
    consented = [key for key, one in policy.purposes.items() if one.basis is Basis.CONSENT]

    assert consented
    assert [f"#consent-{key}" for key in consented] == [record["@id"] for record in records]
    for record in records:
        assert set() == set(MANDATORY.values()) - set(record)
        assert {"dct:language"} <= set(record["dpv:hasNotice"])
        party = {"dpv:hasName", "dpv:hasContact", "dpv:hasAddress", "@type", "@id"}
        assert party <= set(record["dpv:hasDataController"])
        event = {"@type", "dpv:isIndicatedAtTime", "dpv:isIndicatedBy", "dpv:hasDuration", "dpv:hasIndicationMethod"}
        assert event == set(record["dpv:hasConsentStatus"])


@settings(max_examples=40, deadline=None)
@given(policy=policies())
def test_fideslang_loads_the_manifest(policy: Policy) -> None:
    """For any policy the package reads the manifest, and no key of it is missing from its taxonomy."""
    found = Taxonomy.model_validate(yaml.safe_load(published(policy, "fideslang")))
    whole = DEFAULT_TAXONOMY.model_copy(update={"system": found.system, "organization": found.organization})
    keys = {str(one.fides_key) for one in [*DEFAULT_TAXONOMY.data_use, *DEFAULT_TAXONOMY.data_category]}
    (system,) = found.system
    named = {str(one.data_use) for one in system.privacy_declarations}
    named |= {str(key) for one in system.privacy_declarations for key in one.data_categories}

    assert set() == named & {str(key) for key in get_referenced_missing_keys(whole)}
    assert set() == named - keys


def test_fideslang_hears_basis_and_retention() -> None:
    """Rules that are alike make one declaration, with the basis of its purpose and how long its values stay."""
    policy = made_of(rule("email"), rule("phone"), rule("page.url", days=None))
    declared = yaml.safe_load(published(policy, "fideslang"))["system"][0]["privacy_declarations"]

    assert ["user.contact.email", "user.contact.phone_number"] == declared[0]["data_categories"]
    assert ["Consent", "Consent"] == [one["legal_basis_for_processing"] for one in declared]
    assert ["P30D", "reduced or counted on arrival, then gone"] == [one["retention_period"] for one in declared]


def test_further_purposes_are_told_with_their_assessment() -> None:
    """What is kept for one purpose and read for another is told for both, and why; what is gone on arrival is not."""
    first = replace(purpose("p0"), compatible=(assessment("p1"),))
    policy = made_of(rule("email"), rule("phone", days=None), purposes=[first, purpose("p1", "CustomerCare")])
    kept, gone = (node for node in json.loads(published(policy, "dpv"))["@graph"] if node["@id"].startswith("#rule"))
    activities = json.loads(published(policy, "record", "json"))["activities"]
    declared = yaml.safe_load(published(policy, "fideslang"))["system"][0]["privacy_declarations"]

    assert ["#purpose-p1"] == [one["dpv:hasPurpose"]["@id"] for one in kept["dpv:hasAssessment"]]
    assert ["a; b; c; d; e"] == [one["dct:description"] for one in kept["dpv:hasAssessment"]]
    assert "dpv:hasAssessment" not in gone
    assert [["email address"], ["p0"]] == [
        activities[1]["categories of personal data"],
        activities[1]["collected for"],
    ]
    assert ["user.contact.email"] == declared[1]["data_categories"]
    assert "p1 (kept for p0), from device, P30D" == declared[1]["name"]
