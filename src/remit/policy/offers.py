"""What is taken depends on the services that are used: for which purposes an app's records may serve.

A purpose that stands on the agreement (GDPR Art. 6(1)(b)) is necessary for the services that need it and for nothing
else, so an app that offers none of them takes nothing for it. Purposes on other grounds do not hang on a service.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from remit.policy.model import App, Policy, Service
from remit.policy.words import Basis, PurposeKey

Purposes = frozenset[PurposeKey]


def served(policy: Policy, app: App) -> Purposes:
    """The purposes for which something may be taken of what the app sends. One that names no service offers all."""
    if not app.services:
        return frozenset(policy.purposes)
    of_services = _needed(policy.services.values())
    offered = _needed(policy.services[key] for key in app.services if key in policy.services)
    return frozenset(
        key
        for key, purpose in policy.purposes.items()
        if purpose.basis is not Basis.CONTRACT or key not in of_services or key in offered
    )


def unserved(policy: Policy) -> Mapping[str, tuple[PurposeKey, ...]]:
    """By app, the purposes for which nothing is taken of what it sends; apps that serve all are left out."""
    return {
        name: idle
        for name, app in policy.apps.items()
        for taken in (served(policy, app),)
        if (idle := tuple(key for key in policy.purposes if key not in taken))
    }


def through(policy: Policy, app: App) -> Policy:
    """The policy as far as it is about what one app sends: what stores ask of it. Rules keep their indices."""
    serves = served(policy, app)
    return replace(
        policy,
        apps={app.name: app},
        collect=tuple(rule for rule in policy.collect if rule.purpose in serves),
        facts={name: fact for name, fact in policy.facts.items() if fact.purpose in serves},
        counts={name: count for name, count in policy.counts.items() if count.purpose in serves},
    )


def _needed(services: Iterable[Service]) -> set[PurposeKey]:
    return set(_purposes(services))


def _purposes(services: Iterable[Service]) -> Iterator[PurposeKey]:
    return (purpose for service in services for need in service.needs for purpose in need.purposes)
