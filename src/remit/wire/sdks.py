"""Which SDK a body says that it is from, and of which version: for the tally of what SDKs send alone."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from remit.wire.sampled import Seen


class Sdk(NamedTuple):
    """A name and a version, as they are said; empty where nothing says them."""

    name: str
    version: str


class _Place(NamedTuple):
    """Where a sampled body names its SDK; ``family`` goes before the name."""

    name: str
    version: str
    family: str = ""


_LIBRARY = _Place("context.library.name", "context.library.version")
_PLACES: Mapping[str, tuple[_Place, ...]] = {
    "segment": (_LIBRARY,),
    "sentry": (_Place("header.sdk.name", "header.sdk.version"), _Place("sdk.name", "sdk.version")),
    "posthog": (_Place("properties.$lib", "properties.$lib_version"),),
    "otlp": (
        _Place(
            r"resource.attributes.telemetry\.sdk\.language",
            r"resource.attributes.telemetry\.sdk\.version",
            "opentelemetry-",
        ),
    ),
}

PUBLISHED = frozenset(
    """
    analytics-python @segment/analytics-node analytics-node analytics.js analytics-kotlin analytics-swift
    analytics-android analytics-ios @segment/analytics-react-native analytics-react-native analytics-flutter
    analytics-go analytics-ruby analytics-php analytics-java analytics-csharp
    rudder-sdk-node com.rudderstack.android.sdk.core com.rudderstack.android rudder-ios-library rudder-flutter
    rudder-react-native rudder-sdk-ruby rudder-sdk-php rudder-sdk-go @jitsu/js
    sentry.python sentry.javascript.node sentry.javascript.browser sentry.javascript.react
    sentry.javascript.react-native sentry.javascript.nextjs sentry.javascript.vue sentry.javascript.angular
    sentry.javascript.svelte sentry.javascript.electron sentry.javascript.bun sentry.javascript.deno
    sentry.javascript.capacitor sentry.javascript.cordova sentry.javascript sentry.java.android sentry.java
    sentry.cocoa sentry.native sentry.dart.flutter sentry.dart sentry.dotnet sentry.go sentry.ruby sentry.php
    sentry.rust sentry.kotlin sentry.elixir sentry.unity sentry.unreal sentry.perl
    web posthog-python posthog-node posthog-js posthog-android posthog-ios posthog-react-native posthog-flutter
    posthog-go posthog-ruby posthog-php posthog-java posthog-elixir posthog-rs posthog-dotnet
    opentelemetry-cpp opentelemetry-dotnet opentelemetry-erlang opentelemetry-go opentelemetry-java
    opentelemetry-nodejs opentelemetry-php opentelemetry-python opentelemetry-ruby opentelemetry-rust
    opentelemetry-swift opentelemetry-webjs
    OTel-OTLP-Exporter-Python OTel-OTLP-Exporter-JavaScript OTel-OTLP-Exporter-Go OTel-OTLP-Exporter-Java
    remit curl
    """.split()
) | {"RudderLabs JavaScript SDK"}
"""Names that vendors gave: of nobody's invention."""

_PRODUCT = re.compile(r"([^\s/();]+)/v?([\w.+-]+)")
_VERSION = re.compile(r"(\d{1,4})\.(\d{1,4})(?![\d])")


def sdk(protocol: str, leaves: Iterable[Seen], agent: str) -> Sdk:
    """What a body of the protocol says, else what the user agent does where a vendor gave that name."""
    return _of_body(_PLACES.get(protocol, ()), leaves) or _of_agent(agent)


def published(name: str) -> str | None:
    """The name that a vendor gave: of ``sentry.python.starlette``, that of the family."""
    while name not in PUBLISHED:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    return name


def release(version: str) -> str:
    """The first two numbers of a version, empty where there are none: a longer one might name a single build."""
    found = _VERSION.match(version)
    return f"{int(found[1])}.{int(found[2])}" if found else ""


def _of_body(places: Iterable[_Place], leaves: Iterable[Seen]) -> Sdk | None:
    wanted = {path for place in places for path in place[:2]}
    found: dict[str, str] = {}
    for leaf in leaves:
        if leaf.path in wanted and isinstance(leaf.value, str):
            found.setdefault(leaf.path, leaf.value)
    named = next((place for place in places if place.name in found), None)
    return named and Sdk(named.family + found[named.name], found.get(named.version, ""))


def _of_agent(agent: str) -> Sdk:
    products = [Sdk(*found) for found in _PRODUCT.findall(agent)]
    return next((one for one in products if published(one.name)), Sdk("", ""))
