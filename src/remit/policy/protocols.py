"""The protocols of SDKs as a policy sees them: their names, what each can bring, and the rules about them.

``wire`` reads them and is a floor above, so what each brings stands here once more; a test holds the two together.
"""

from collections.abc import Iterator, Mapping

from remit.policy.catalogue import CATALOGUE
from remit.policy.language import Finding, near, rows
from remit.policy.read import Node
from remit.policy.words import INTRINSIC, Item, Source

CARRIED: Mapping[str, frozenset[Item]] = {
    name: frozenset(Item(item) for item in items.split())
    for name, items in {
        "segment": """
            account.id email phone name shipping_address device.installation device.android_id device.gaid device.name
            device.manufacturer device.model os.name os.version screen.width screen.height network.operator app.version
            locale timezone net.ip net.user_agent page.url page.referrer screen.name event.name campaign.name
            campaign.source
        """,
        "sentry": """
            account.id email device.installation device.name device.manufacturer device.model os.name os.version
            app.version net.ip net.user_agent session.status session.duration crash.type crash.module crash.function
            crash.handled crash.message
        """,
        "plausible": "page.url page.referrer page.duration event.name net.ip net.user_agent",
    }.items()
} | {"remit": frozenset(CATALOGUE) - INTRINSIC}
"""Items by the name of the protocol that can bring them; remit's own brings those that a policy adds, too."""

_SENT = {Source.DEVICE.value, Source.LOG.value}


def protocols_exist(root: Node) -> Iterator[Finding]:
    """An app takes protocols that there are, and has the ids by which they know it, and no others."""
    for _, node in rows(root, "apps.*.protocols[]"):
        if node.text() not in CARRIED:
            yield node, f"there is no protocol '{node.text()}'", near(node.text(), CARRIED)
    for name, app in rows(root, "apps.*"):
        taken, domain = app.get("protocols"), app.get("domain")
        names = {one.text() for one in taken.elements()} if taken is not None else set()
        if taken is None or not names <= CARRIED.keys():
            continue
        knows_domains = "plausible" in names
        if knows_domains and domain is None:
            yield taken, f"plausible knows an app by its domain, and {name} has none", "add  domain: shop.example"
        if domain is not None and not knows_domains:
            yield domain, f"none of the protocols of {name} knows it by a domain", "leave it out, or add  plausible"


def protocols_carry(root: Node) -> Iterator[Finding]:
    """What devices send and logs note, a protocol that some app takes can bring."""
    carried: set[str] = set()
    for _, app in rows(root, "apps.*"):
        taken = app.get("protocols")
        if taken is None or any(one.text() not in CARRIED for one in taken.elements()):
            return  # it takes all there are, and those that are yet to come
        if any(one.text() == "remit" for one in taken.elements()):
            return
        carried |= {item for one in taken.elements() for item in CARRIED[one.text()]}
    for _, rule in rows(root, "collect[]"):
        told, items = rule.get("from"), rule.get("items")
        if told is None or items is None or told.text() not in _SENT:
            continue
        for node in items.elements():
            if node.text() not in carried and node.text() not in INTRINSIC:
                yield (
                    node,
                    f"no protocol that an app takes can bring '{node.text()}'",
                    "add a protocol that does, or leave the item out",
                )
