"""A policy that does all that a policy can do with every item: keep, reduce in each way, measure and count it."""

from collections.abc import Iterator
from datetime import timedelta

from remit.policy.catalogue import CATALOGUE
from remit.policy.model import App, Collect, Controller, Count, Dimension, Fact, Measure, Policy, Purpose
from remit.policy.reduce import REDUCTIONS
from remit.policy.words import (
    APP_NAME,
    INTRINSIC,
    MEASURED_BY,
    RECEIVED,
    Basis,
    DeviceAccess,
    Kind,
    Period,
    PurposeKey,
    Source,
)

ITEMS = tuple(item for item in CATALOGUE if item not in INTRINSIC)
NAMES = tuple(item for item in ITEMS if CATALOGUE[item].rank is not None)
SERVE, LEARN, ADS = (PurposeKey(key) for key in ("serve", "learn", "ads"))
BASES = {SERVE: Basis.CONTRACT, LEARN: Basis.LEGITIMATE_INTEREST, ADS: Basis.CONSENT}


def _dimensions() -> Iterator[Dimension]:
    yield Dimension(name="app", item=APP_NAME, reduction=None, line=1)
    yield Dimension(name="hour", item=RECEIVED, reduction="hour", line=1)
    for item in ITEMS:
        for reduction in REDUCTIONS.values():
            if CATALOGUE[item].type.name in reduction.accepts:
                name = f"{item}_{reduction.name}".replace(".", "_")
                yield Dimension(name=name, item=item, reduction=reduction.name, line=1)


def _facts() -> Iterator[Fact]:
    measures = tuple(
        Measure(name=item.replace(".", "_"), item=item, line=1)
        for item in ITEMS
        if CATALOGUE[item].type.name == "measure"
    )
    closed, told = tuple(_dimensions())[:2], tuple(_dimensions())
    for kind in (kind for kind in Kind if kind not in MEASURED_BY):
        for purpose, dimensions in ((LEARN, told), (ADS, closed)):
            name = f"{kind.value}_{purpose}"
            yield Fact(
                name=name,
                kinds=(kind,),
                dimensions=dimensions,
                measures=measures,
                purpose=purpose,
                line=1,
                # One fact for a purpose that asks for no yes waits for one, to read the device.
                access=DeviceAccess.CONSENT if kind is Kind.SCREEN_VISIT else DeviceAccess.NONE,
            )


def everything() -> Policy:
    """The policy, as compile would build it."""
    rules = [
        Collect(index=i, items=ITEMS, source=Source.DEVICE, purpose=purpose, keep=timedelta(days=1), line=i)
        for i, purpose in enumerate(BASES)
    ]
    periods = (Period.DAY, Period.MONTH)
    by_language = tuple(one for one in _dimensions() if one.reduction in (None, "language"))
    counts = [
        Count(name="people", of=NAMES, every=periods, dimensions=(), purpose=LEARN, line=1),
        Count(
            name="speakers",
            of=NAMES[::-1],
            every=periods,
            dimensions=by_language,
            purpose=ADS,
            line=1,
            sets=((), by_language[:1], by_language),
        ),
    ]
    return Policy(
        version=1,
        controller=Controller(name="Example", contact="privacy@example.org", country="NL"),
        timezone="UTC",
        k=5,
        catalogue=CATALOGUE,
        purposes={key: Purpose(key=key, says="to test", basis=basis, dpv="X", line=1) for key, basis in BASES.items()},
        services={},
        apps={app.name: app for app in (_app("shop-android", 1, None), _app("shop-web", 2, "shop.example"))},
        collect=tuple(rules),
        facts={fact.name: fact for fact in _facts()},
        counts={count.name: count for count in counts},
    )


def _app(name: str, number: int, domain: str | None) -> App:
    routes = ("/", "/cart", "/product/*", "/order/*")
    return App(
        name=name,
        number=number,
        key=f"demo-{name}",
        domain=domain,
        website="6f3a1d0e-52c7-4b8e-9d14-c0a7e8b25f31" if domain else None,
        services=(),
        routes=routes,
        line=1,
    )
