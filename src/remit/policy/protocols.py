"""The protocols of SDKs as a policy sees them: their names, what each can bring, and the rules about them.

``wire`` reads them and is a floor above, so what each brings stands here once more; a test holds the two together.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from remit.policy.catalogue import CATALOGUE
from remit.policy.language import Finding, columns, kinds, near, rows
from remit.policy.read import Node
from remit.policy.words import INTRINSIC, MEASURED_BY, SDK_SOURCES, Item, Kind

CARRIED: Mapping[str, frozenset[Item]] = {
    name: frozenset(Item(item) for item in items.split())
    for name, items in {
        "segment": """
            account.id email phone name shipping_address device.installation device.android_id device.gaid device.name
            device.manufacturer device.model os.name os.version screen.width screen.height network.operator app.version
            locale timezone net.ip net.user_agent page.url page.referrer screen.name event.name campaign.name
            campaign.source campaign.medium campaign.term campaign.content screen.density network.connection
            account.registered account.accessed account.active
        """,
        "sentry": """
            account.id email name device.installation device.name device.manufacturer device.model os.name os.version
            os.rom screen.width screen.height screen.density network.connection hardware.processor hardware.cores
            hardware.memory hardware.storage hardware.graphics app.version locale timezone net.ip net.user_agent
            session.status session.duration crash.type crash.module crash.function crash.line crash.stack crash.in_app
            crash.handled crash.message request.url request.method request.status request.duration request.count
            request.errors log.line log.component log.level message.text message.sent
        """,
        "plausible": "page.url page.referrer page.duration event.name net.ip net.user_agent",
        "posthog": """
            account.id account.accessed account.active email phone name device.installation device.name
            device.manufacturer device.model os.name os.version screen.width screen.height network.operator
            app.version locale timezone net.ip net.user_agent page.url page.referrer page.duration
            screen.name event.name campaign.name campaign.source crash.type crash.module crash.function
            crash.line crash.stack crash.in_app crash.handled crash.message
        """,
        "umami": """
            account.id net.client_id email phone name os.name locale screen.width screen.height net.ip net.user_agent
            page.url page.referrer event.name
        """,
        "otlp": """
            account.id email name device.installation device.manufacturer device.model os.name os.version app.version
            network.operator network.connection locale net.ip net.user_agent request.url request.host request.method
            request.status request.duration request.count request.errors crash.type crash.module crash.function
            crash.message crash.handled session.status event.name screen.name page.url
        """,
    }.items()
} | {"remit": frozenset(CATALOGUE) - INTRINSIC}
"""Items by the name of the protocol that can bring them; remit's own brings those that a policy adds, too."""

SENT: Mapping[str, frozenset[Kind]] = {
    "segment": frozenset({Kind.ACCOUNT, Kind.PAGE_VISIT, Kind.SCREEN_VISIT, Kind.EVENT}),
    "sentry": frozenset({Kind.SESSION, Kind.CRASH, Kind.REQUEST, Kind.LOG, Kind.MESSAGE}),
    "plausible": frozenset({Kind.PAGE_VISIT, Kind.PAGE_LEAVE, Kind.EVENT}),
    "posthog": frozenset({Kind.ACCOUNT, Kind.PAGE_VISIT, Kind.PAGE_LEAVE, Kind.SCREEN_VISIT, Kind.EVENT, Kind.CRASH}),
    "umami": frozenset({Kind.PAGE_VISIT, Kind.EVENT, Kind.ACCOUNT}),
    "otlp": frozenset({Kind.REQUEST, Kind.CRASH, Kind.SESSION, Kind.EVENT}),
    "remit": frozenset(Kind),
}
"""Kinds of record by the name of the protocol that can bring them."""


class Id(NamedTuple):
    """What a protocol knows an app by, where that is not its key or its number: ``key`` is the policy's word for it."""

    key: str
    called: str
    like: str
    form: re.Pattern[str]


IDS: Mapping[str, Id] = {
    "plausible": Id("domain", "domain", "shop.example", re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")),
    "umami": Id(
        "umami",
        "website id, a UUID in small letters",
        "2f5e2f5c-3b1c-4d0e-9a51-6a3c1f0f7a10",
        re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ),
    "glean": Id("glean", "application id, as pings bear it", "org-example-shop", re.compile("[a-z0-9]+(-[a-z0-9]+)*")),
}
"""By protocol."""

AWAITED = frozenset(IDS) - CARRIED.keys()
"""Protocols of which apps may have the id already, and that nothing takes yet."""


def protocols_exist(root: Node) -> Iterator[Finding]:
    """An app takes protocols that there are, and has the ids by which they know it, and no others."""
    for _, node in rows(root, "apps.*.protocols[]"):
        if node.text() in AWAITED:
            yield node, f"nothing takes {node.text()} yet", "leave it out; the id may stand, and waits"
        elif node.text() not in CARRIED:
            yield node, f"there is no protocol '{node.text()}'", near(node.text(), CARRIED)
    for name, app in rows(root, "apps.*"):
        taken = app.get("protocols")
        names = {one.text() for one in taken.elements()} if taken is not None else set()
        if taken is None or not names <= CARRIED.keys() | AWAITED:
            continue
        for protocol, one in IDS.items():
            known, what = app.get(one.key), one.called.partition(",")[0]
            if protocol in names and known is None:
                says = f"{protocol} knows an app by its {what}, and {name} has none"
                yield taken, says, f"add  {one.key}: {one.like}"
            if known is not None and protocol not in names | AWAITED:
                says = f"none of the protocols of {name} knows it by a {what}"
                yield known, says, f"leave it out, or add  {protocol}"


def ids_fit(root: Node) -> Iterator[Finding]:
    """The ids of an app have the form in which its SDKs send them."""
    for one in (one for protocol, one in IDS.items() if protocol != "plausible"):  # a domain is looked at with the key
        for _, node in rows(root, f"apps.*.{one.key}"):
            if not one.form.fullmatch(node.text()):
                yield node, f"'{node.text()}' is no {one.called}", f"write it like  {one.like}"


def protocols_carry(root: Node) -> Iterator[Finding]:
    """What SDKs are to tell, and the kinds of record that facts count, a protocol that some app takes can bring."""
    taken = _taken(root)
    if taken is None:
        return
    carried = {*INTRINSIC, *(item for name in taken for item in CARRIED[name])}
    for _, rule in rows(root, "collect[]"):
        told = rule.get("from")
        if told is None or told.text() not in SDK_SOURCES:
            continue
        for _, node in rows(rule, "items[]"):
            item = node.text()
            if item not in carried:
                yield (
                    node,
                    f"no protocol that an app takes can bring '{item}'",
                    _add(item, CARRIED, "leave the item out"),
                )
    missing = {*Kind} - {kind for name in taken for kind in SENT[name]}
    for name, fact in rows(root, "facts.*"):
        for node, kind in kinds(name, fact):
            if kind in missing:
                yield (
                    node,
                    f"no protocol that an app takes brings records of '{kind}'",
                    _add(kind, SENT, "count another kind"),
                )
        yield from _columns_come(name, fact, taken, carried=carried)


def _columns_come(name: str, fact: Node, taken: Collection[str], *, carried: Collection[str]) -> Iterator[Finding]:
    """What a fact shows comes by one protocol together with a kind of record that it counts or measures."""
    counted = {kind for _, kind in kinds(name, fact)}
    told = counted | {kind for kind, measured in MEASURED_BY.items() if measured in counted}
    shown = [(node, item, counted) for _, node, item, _ in columns(fact)]
    shown += [(node, node.text(), told) for _, node in rows(fact, "measure.*")]
    for node, item, by in shown:
        bringing = sorted(one for one in taken if not by.isdisjoint(SENT[one]))
        if bringing and item in carried and not any(item in CARRIED[one] | INTRINSIC for one in bringing):
            says = f"'{item}' never comes with the records of '{name}', which {' and '.join(bringing)} brings"
            able = {one: items for one, items in CARRIED.items() if not by.isdisjoint(SENT[one])}
            yield node, says, _add(item, able, "leave the column out")


def _taken(root: Node) -> set[str] | None:
    """The protocols that apps name; None where some app takes all there are, and those that are yet to come."""
    lists = [app.get("protocols") for _, app in rows(root, "apps.*")]
    names = {one.text() for taken in lists if taken is not None for one in taken.elements()}
    # What is no protocol is told already, and so is that there is no app.
    return None if not lists or None in lists or "remit" in names or not names <= CARRIED.keys() else names


def _add(word: str, bringing: Mapping[str, Collection[str]], otherwise: str) -> str:
    names = [name for name, words in bringing.items() if word in words or name == "remit"]
    bring = f"{names[0]} brings it" if len(names) == 1 else f"{', '.join(names)} bring it"
    one = "it" if len(names) == 1 else "one of them"
    return f"{bring}: add {one} to the protocols of an app, or {otherwise}"
