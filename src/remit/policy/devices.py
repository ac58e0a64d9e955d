"""The rules about reading devices: a statistic that does says on which ground (ePrivacy Directive, Art. 5(3)).

A device is read where it sends a value for the purpose, or where a value was put there to be found again. What is
noted of a request came with it, and what people type they give.
"""

from collections.abc import Iterator

from remit.policy.items import STORED
from remit.policy.language import HEARD, Finding, bases, indispensable, near, owners, rows
from remit.policy.platitudes import says_nothing
from remit.policy.read import Node
from remit.policy.uses import uses
from remit.policy.words import Basis, DeviceAccess, Source

_GROUNDS = ", ".join(one.value for one in DeviceAccess if one is not DeviceAccess.NONE)


def _read(root: Node) -> Iterator[tuple[Node, list[str]]]:
    """Every fact and count, with the items for which it reads devices."""
    sent = {
        (item.text(), purpose.text())
        for _, rule in rows(root, "collect[]")
        if (source := rule.get("from")) is not None and source.text() == Source.DEVICE.value
        if (purpose := rule.get("for")) is not None
        for _, item in rows(rule, "items[]")
    }
    stored = STORED | {key for key, own in rows(root, "items.*") if _text(own, "like") in STORED}
    found: dict[tuple[int, int], list[str]] = {}
    for _, item, owner in uses(root):
        if item in stored or (item, _text(owner, "for")) in sent:
            found.setdefault((owner.line, owner.column), []).append(item)
    yield from ((owner, found.get((owner.line, owner.column), [])) for _, owner in owners(root))


def _text(owner: Node, key: str) -> str:
    found = owner.get(key)
    return "" if found is None else found.text()


def grounds_are_known(root: Node) -> Iterator[Finding]:
    """The ground on which a device is read is of the closed list."""
    known = [one.value for one in DeviceAccess]
    for _, owner in owners(root):
        access = owner.get("device_access")
        if access is not None and access.text() not in known:
            yield access, f"'{access.text()}' is no ground to read a device", near(access.text(), known)


def readings_have_a_ground(root: Node) -> Iterator[Finding]:
    """A statistic that reads devices says on which ground, and one that reads none claims none."""
    for owner, items in _read(root):
        access = owner.get("device_access")
        said = DeviceAccess.NONE.value if access is None else access.text()
        if items and said == DeviceAccess.NONE.value:
            yield (
                access or owner,
                f"this reads {', '.join(dict.fromkeys(items))} from devices, and it is not said on which ground",
                f"add  device_access: one of {_GROUNDS}",
            )
        elif access is not None and not items and said in [*DeviceAccess] and said != DeviceAccess.NONE.value:
            yield access, "this reads nothing from devices", "write  device_access: none  or leave it out"


def necessary_readings_are_needed(root: Node) -> Iterator[Finding]:
    """What is read because it is necessary, a service that people ask for cannot be without, for that very purpose."""
    needed = indispensable(root)
    for owner, items in _read(root):
        if _text(owner, "device_access") != DeviceAccess.NECESSARY.value:
            continue
        purpose = _text(owner, "for")
        for item in dict.fromkeys(items):
            if (item, purpose) not in needed:
                yield (
                    owner.get("device_access") or owner,
                    f"no service stops without '{item}' for '{purpose}', so to read it is not necessary",
                    "say which service needs it, or read it on another ground",
                )


def readings_can_be_refused(root: Node) -> Iterator[Finding]:
    """Who is asked, or could be, may say no; and nothing is read without asking for what needs a yes anyway."""
    grounds = bases(root)
    for _, owner in owners(root):
        access, basis = owner.get("device_access"), grounds.get(_text(owner, "for"))
        if access is None or access.text() not in (DeviceAccess.CONSENT.value, DeviceAccess.EXEMPT.value):
            continue
        if basis == Basis.CONSENT.value and access.text() == DeviceAccess.EXEMPT.value:
            yield (
                access,
                f"'{_text(owner, 'for')}' stands on consent, so nothing is read for it without asking first",
                "write  device_access: consent  and leave out the exemption",
            )
        elif basis in {one.value for one in Basis} - HEARD:
            yield (
                access,
                f"'{_text(owner, 'for')}' stands on {basis}, so nobody is heard who says no",
                "count it for a purpose on consent or on legitimate interest",
            )


def exemptions_are_named(root: Node) -> Iterator[Finding]:
    """Where no consent is asked for, it is said who or what allows that; and nowhere else."""
    for _, owner in owners(root):
        access, exemption = owner.get("device_access"), owner.get("exemption")
        exempt = access is not None and access.text() == DeviceAccess.EXEMPT.value
        if access is not None and exempt and exemption is None:
            yield access, "it is not said what exempts this from consent", "add  exemption: the guidelines of ..."
        elif exemption is not None and not exempt:
            yield exemption, "there is nothing that this exempts", "write  device_access: exempt  or leave it out"
        elif exemption is not None and says_nothing(exemption.text()):
            yield exemption, f"'{exemption.text()}' exempts nobody", "name the law, or the guidelines of an authority"
