"""The same policy in another of its languages."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeVar

from remit.policy.catalogue import CATALOGUE, Catalogue
from remit.policy.model import (
    Assessment,
    Collect,
    Controller,
    Count,
    DocumentAnswers,
    Fact,
    Policy,
    Provider,
    Purpose,
    Recipient,
    Service,
    Verdict,
)
from remit.policy.phrasebooks.shelf import book

Part = TypeVar(
    "Part",
    Controller,
    DocumentAnswers,
    Purpose,
    Assessment,
    Service,
    Collect,
    Provider,
    Recipient,
    Fact,
    Count,
    Verdict,
)


def spoken(policy: Policy, language: str) -> Policy:
    """The policy with its statements, names and titles in one of its languages; all else is what it was.

    Raises ValueError where the policy does not declare the language.
    """
    return titled(stated(policy, language))


def titled(policy: Policy) -> Policy:
    """The policy with the titles of the catalogue in its language, too, for people."""
    titles = book(policy.language).titles
    named = {key: replace(one, title=titles.get(key, one.title)) for key, one in policy.catalogue.items()}
    return replace(policy, catalogue=named)


def stated(policy: Policy, language: str) -> Policy:
    """The same with all that the policy itself says, and the catalogue as it is, for programs."""
    if language not in policy.languages:
        raise ValueError(f"the policy does not speak '{language}'; it speaks: {', '.join(policy.languages)}")
    said = _Said(policy, language)
    return replace(
        policy,
        language=language,
        controller=said.part("controller", policy.controller, "name contact representative officer authority address"),
        documents=said.part("documents", policy.documents, "notice"),
        catalogue=said.catalogue(),
        purposes={key: said.purpose(one) for key, one in policy.purposes.items()},
        services={key: said.part(f"services.{key}", one, "says") for key, one in policy.services.items()},
        providers={key: said.part(f"providers.{key}", one, "name says") for key, one in policy.providers.items()},
        recipients={
            key: said.part(f"recipients.{key}", one, "name transfer") for key, one in policy.recipients.items()
        },
        collect=tuple(said.part(f"collect[{one.index}]", one, "required") for one in policy.collect),
        facts={key: said.part(f"facts.{key}", one, "exemption") for key, one in policy.facts.items()},
        counts={key: said.part(f"counts.{key}", one, "exemption") for key, one in policy.counts.items()},
        automated=policy.automated
        and tuple(
            said.part(f"automated[{place}]", one, "says logic consequences")
            for place, one in enumerate(policy.automated)
        ),
    )


def in_each_language(policy: Policy) -> Iterator[Policy]:
    """The policy in every language that it declares, the first one first."""
    return (spoken(policy, language) for language in policy.languages)


class _Said:
    """What is said in one language, by place."""

    def __init__(self, policy: Policy, language: str) -> None:
        self._policy = policy
        self._texts = policy.texts.get(language, {})

    def part(self, place: str, part: Part, texts: str) -> Part:
        """A part with its texts in this language; what is not said there stays as it is."""
        places = {text: f"{place}.{text}" for text in texts.split()}
        said: dict[str, Any] = {text: self._texts[at] for text, at in places.items() if at in self._texts}
        return replace(part, **said)

    def purpose(self, purpose: Purpose) -> Purpose:
        place = f"purposes.{purpose.key}"
        factors = "link context nature consequences safeguards"
        further = (self.part(f"{place}.compatible.{one.purpose}", one, factors) for one in purpose.compatible)
        return replace(self.part(place, purpose, "says"), compatible=tuple(further))

    def catalogue(self) -> Catalogue:
        own = {key: one for key, one in self._policy.catalogue.items() if key not in CATALOGUE}
        said = {key: replace(one, title=self._texts.get(f"items.{key}.title", one.title)) for key, one in own.items()}
        return {**self._policy.catalogue, **said}
