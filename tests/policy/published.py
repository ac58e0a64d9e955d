"""Policies to publish, and what each document says of them, read back by the document's own form."""

import csv
import io
import json
import plistlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from remit.policy.catalogue import CATALOGUE, Terms
from remit.policy.compile import compiled
from remit.policy.model import (
    Assessment,
    Collect,
    Disclosure,
    DocumentAnswers,
    Policy,
    Provider,
    Purpose,
    Recipient,
    Signals,
    Verdict,
)
from remit.policy.render.documents import DOCUMENTS
from remit.policy.render.purposes import PURPOSES
from remit.policy.words import INTRINSIC, Basis, Item, PurposeKey, Role, Source

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "device-maker" / "remit.yaml"
VOCABULARIES = Path(__file__).parent / "vocabularies"
ITEMS = sorted(set(CATALOGUE) - INTRINSIC)


@cache
def example() -> Policy:
    """The device maker's."""
    policy = compiled(EXAMPLE.read_text(), "remit.yaml")
    assert isinstance(policy, Policy)
    return policy


def official(name: str) -> set[str]:
    """The terms of one vocabulary."""
    lines = (VOCABULARIES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if not line.startswith("#")}


def official_pairs(name: str) -> dict[str, set[str]]:
    """A vocabulary of lines such as ``Advertising < Marketing``."""
    pairs = (line.split(" < ") for line in official(name))
    return {one: set(others.split()) for one, others in pairs}


def published(policy: Policy, kind: str, form: str | None = None) -> str:
    """One document; of several formats the first, if none is asked for."""
    formats = DOCUMENTS[kind]
    return formats[form or next(iter(formats))].render(policy)


def purpose(key: str, dpv: str = "ServiceUsageAnalytics", basis: Basis = Basis.CONSENT) -> Purpose:
    """A purpose of a made-up policy."""
    return Purpose(key=PurposeKey(key), says=f"to do {key}", basis=basis, dpv=dpv, line=1)


def assessment(further: str) -> Assessment:
    """Why what is kept may be read for a further purpose, too."""
    words = {"link": "a", "context": "b", "nature": "c", "consequences": "d", "safeguards": "e"}
    return Assessment(purpose=PurposeKey(further), line=1, **words)


def rule(*items: str, purpose: str = "p0", source: Source = Source.DEVICE, days: int | None = 30) -> Collect:
    """A rule of a made-up policy."""
    return Collect(
        index=0,
        items=tuple(Item(item) for item in items),
        source=source,
        purpose=PurposeKey(purpose),
        keep=None if days is None else timedelta(days=days),
        line=1,
    )


FRIENDS = Provider(key="friends", name="Example Friends", country="DE", says="a network that you log in by", line=1)
CARRIER = Recipient(
    key="carrier",
    name="Example Parcels",
    country="SG",
    role=Role.PROCESSOR,
    told=(Disclosure(items=(Item("email"),), purpose=PurposeKey("p0"), line=1),),
    line=1,
    transfer="the clauses",
)


VERDICT = Verdict(
    says="whether you may pay later",
    logic="from how often you paid on time",
    consequences="you pay first",
    purpose=PurposeKey("p0"),
    line=1,
)


def silent(policy: Policy) -> Policy:
    """The policy without what only documents tell."""
    controller = replace(policy.controller, address=None)
    purposes = {key: replace(one, subjects=(), expression=None) for key, one in policy.purposes.items()}
    return replace(policy, controller=controller, purposes=purposes, documents=DocumentAnswers())


def made_of(*rules: Collect, purposes: list[Purpose] | None = None) -> Policy:
    """A policy that collects by these rules, and has no services and no statistics."""
    numbered = tuple(replace(one, index=index) for index, one in enumerate(rules))
    known = {one.key: one for one in purposes or [purpose("p0")]}
    bare = replace(example(), facts={}, counts={}, services={}, providers={}, jurisdictions={}, signals=Signals())
    return replace(bare, region=(), purposes=known, collect=numbered)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Any items, from anybody, for purposes of any DPV term on any basis, kept or not."""
    dpv, bases = st.sampled_from(sorted(PURPOSES)), st.sampled_from(Basis)
    purposes = [purpose(f"p{n}", draw(dpv), draw(bases)) for n in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        first, last = purposes[0], purposes[-1]
        purposes[0] = replace(first, compatible=(assessment(str(last.key)),)) if first is not last else first
    rules = draw(
        st.lists(
            st.builds(
                lambda items, key, source, days: rule(*items, purpose=key, source=source, days=days),
                st.lists(st.sampled_from(ITEMS), min_size=1, max_size=5, unique=True),
                st.sampled_from([str(one.key) for one in purposes]),
                st.sampled_from(Source),
                st.sampled_from([None, 1, 30, 365]),
            ),
            max_size=5,
        )
    )
    recipients = {"carrier": replace(CARRIER, role=draw(st.sampled_from(Role)))} if draw(st.booleans()) else {}
    decided = draw(st.sampled_from([None, (), (VERDICT,)]))
    made = made_of(*rules, purposes=purposes)
    return replace(made, recipients=recipients, providers={"friends": FRIENDS}, automated=decided)


def play_rows(policy: Policy) -> list[list[str]]:
    """The rows of the Data safety form, without its heads."""
    return list(csv.reader(io.StringIO(published(policy, "google-play"), newline="")))[1:]


def _play(policy: Policy) -> set[str]:
    return {row[1] for row in play_rows(policy) if row[0].startswith("PSL_DATA_TYPES_") and row[2] == "TRUE"}


def manifest(policy: Policy) -> dict[str, Any]:
    """Apple's manifest."""
    return dict(plistlib.loads(published(policy, "apple").encode()))


def _apple(policy: Policy) -> set[str]:
    entries = manifest(policy)["NSPrivacyCollectedDataTypes"]
    assert len(entries) == len({one["NSPrivacyCollectedDataType"] for one in entries})
    return {one["NSPrivacyCollectedDataType"] for one in entries}


def _data(node: object) -> set[str]:
    """What a JSON-LD document calls personal data, however deep, by the catalogue's keys."""
    if isinstance(node, list):
        return set().union(*map(_data, node))
    if not isinstance(node, dict):
        return set()
    own = {node["dct:identifier"]} if node.get("@type") == "dpv:PersonalData" else set()
    return own | set().union(*map(_data, node.values()))


def _linked(kind: str) -> Callable[[Policy], set[str]]:
    return lambda policy: _data(json.loads(published(policy, kind)))


def _fideslang(policy: Policy) -> set[str]:
    system = yaml.safe_load(published(policy, "fideslang"))["system"][0]
    return {category for one in system["privacy_declarations"] for category in one["data_categories"]}


def _record_json(policy: Policy) -> set[str]:
    activities = json.loads(published(policy, "record", "json"))["activities"]
    return {title for one in activities for title in one["categories of personal data"]}


def _record_csv(policy: Policy) -> set[str]:
    rows = csv.DictReader(io.StringIO(published(policy, "record", "csv"), newline=""))
    cells = [row["categories of personal data (Art. 30(1)(c))"] for row in rows]
    return {title for cell in cells for title in cell.split("; ") if title}


def by(term: Callable[[Terms], str | None]) -> Callable[[Item], str | None]:
    """How a vocabulary calls an item."""
    return lambda item: term(CATALOGUE[item].terms)


def _title(item: Item) -> str:
    return CATALOGUE[item].title


def uses(policy: Policy, one: Collect) -> list[Purpose]:
    """What a rule's values may be used for: its purpose, and what that was found compatible with, if they are kept."""
    own = policy.purposes[one.purpose]
    return [own] + [policy.purposes[further.purpose] for further in own.compatible if one.keep is not None]


def _always(_policy: Policy, _rule: Collect) -> bool:
    return True


def _consented(policy: Policy, one: Collect) -> bool:
    return policy.purposes[one.purpose].basis is Basis.CONSENT


def _used(policy: Policy, one: Collect) -> bool:
    return any(PURPOSES[use.dpv].fideslang is not None for use in uses(policy, one))


SAYS: dict[
    str, tuple[Callable[[Policy], set[str]], Callable[[Item], str | None], Callable[[Policy, Collect], bool]]
] = {
    "record as JSON": (_record_json, _title, _always),
    "record as CSV": (_record_csv, _title, _always),
    "receipt": (_linked("receipt"), str, _consented),
    "dpv": (_linked("dpv"), str, _always),
    "fideslang": (_fideslang, by(lambda terms: terms.fideslang), _used),
    "google-play": (_play, by(lambda terms: terms.play), _always),
    "apple": (_apple, by(lambda terms: terms.apple), _always),
}
"""Of each document: what it says is collected, what it calls an item, and the rules that it tells of."""
