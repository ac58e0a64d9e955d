"""Policy text -> Policy, or all Problems. The only maker of policies."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from remit.policy import checks
from remit.policy.language import K_DEFAULT, NONE, columns, duration, formula, grouping_sets, voters, with_required
from remit.policy.model import (
    PEOPLE_DEFAULT,
    App,
    Assessment,
    Collect,
    Controller,
    Count,
    Dimension,
    Disclosure,
    DocumentAnswers,
    Fact,
    Grant,
    Jurisdiction,
    Measure,
    Need,
    Policy,
    Provider,
    Purpose,
    Recipient,
    Service,
    Signals,
    Verdict,
)
from remit.policy.own import catalogue
from remit.policy.places import countries
from remit.policy.problem import Problem
from remit.policy.read import Node, read
from remit.policy.signals import FINAL
from remit.policy.statements import in_language, languages, texts
from remit.policy.words import (
    AccountMethod,
    Basis,
    DeviceAccess,
    Expression,
    Item,
    Kind,
    Period,
    PurposeKey,
    Role,
    Source,
    SubjectGroup,
)


def compiled(text: str, file: str) -> Policy | list[Problem]:
    """The policy, or everything that is wrong with it."""
    root, broken = read(text, file)
    if root is None:
        return broken
    found = sorted({*broken, *checks.problems(root, file)})
    return found or _spoken(root)


def adopted(text: str) -> Policy:
    """The policy of a text that passed every check when it was adopted.

    It is not checked again: a check that is stricter than it was, or new, shuts no house that stands. Raises ValueError
    where the text uses a word that the language no longer has.
    """
    root, _ = read(text, "adopted")
    if root is None:
        raise ValueError("the text is no policy")
    return _spoken(root)


def _spoken(root: Node) -> Policy:
    """The policy in its first language, with what it says in all of them, where there are several."""
    first, *others = spoken = languages(root)
    policy = replace(_policy(in_language(root, first)), languages=tuple(spoken), language=first)
    return replace(policy, texts={one: texts(in_language(root, one)) for one in spoken}) if others else policy


def _policy(root: Node) -> Policy:
    services = dict(_part(root, "services").entries())
    return Policy(
        version=int(_text(root, "version")),
        controller=_controller(_part(root, "controller")),
        timezone=_text(root, "timezone") or "UTC",
        k=int(_text(root, "k") or K_DEFAULT),
        catalogue=catalogue(root),
        purposes={PurposeKey(key): _purpose(key, node) for key, node in _part(root, "purposes").entries()},
        services={key: _service(key, services) for key in services},
        apps={key: _app(key, node) for key, node in _part(root, "apps").entries()},
        collect=tuple(_collect(i, node) for i, node in enumerate(_part(root, "collect").elements())),
        facts={key: _fact(key, node) for key, node in _part(root, "facts").entries()},
        counts={key: _count(key, node) for key, node in _part(root, "counts").entries()},
        providers={key: _provider(key, node) for key, node in _part(root, "providers").entries()},
        recipients={key: _recipient(key, node) for key, node in _part(root, "recipients").entries()},
        region=tuple(map(Item, _texts(root, "region"))),
        jurisdictions={key: _jurisdiction(key, node) for key, node in _part(root, "jurisdictions").entries()},
        automated=_automated(root.get("automated")),
        signals=_signals(_part(root, "signals")),
        documents=_documents(_part(root, "documents")),
    )


_NOTHING = Node(None, 0, 0)


def _part(node: Node, key: str) -> Node:
    return node.get(key) or _NOTHING


def _text(node: Node, key: str) -> str:
    return _part(node, key).text()


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(one.text() for one in _part(node, key).elements())


def _for(node: Node) -> PurposeKey:
    return PurposeKey(_text(node, "for"))


def _controller(node: Node) -> Controller:
    return Controller(
        name=_text(node, "name"),
        contact=_text(node, "contact"),
        country=_text(node, "country"),
        representative=_text(node, "representative") or None,
        officer=_text(node, "officer") or None,
        authority=_text(node, "authority") or None,
        address=_text(node, "address") or None,
    )


def _documents(node: Node) -> DocumentAnswers:
    encrypted = _text(node, "encrypted")
    return DocumentAnswers(
        notice=_text(node, "notice") or None,
        stored_in=tuple(sorted(countries(_texts(node, "stored-in")))),
        law_of=tuple(sorted(countries(_texts(node, "law-of")))),
        encrypted=encrypted == "true" if encrypted else None,
        accounts=tuple(map(AccountMethod, _texts(node, "accounts"))),
        delete_account=_text(node, "delete-account") or None,
        delete_data=_text(node, "delete-data") or None,
    )


def _provider(key: str, node: Node) -> Provider:
    return Provider(
        key=key, name=_text(node, "name"), country=_text(node, "country"), says=_text(node, "says"), line=node.line
    )


def _recipient(key: str, node: Node) -> Recipient:
    return Recipient(
        key=key,
        name=_text(node, "name"),
        country=_text(node, "country"),
        role=Role(_text(node, "role")),
        told=tuple(
            Disclosure(items=tuple(map(Item, _texts(one, "items"))), purpose=_for(one), line=one.line)
            for one in _part(node, "told").elements()
        ),
        line=node.line,
        transfer=_text(node, "transfer") or None,
    )


def _jurisdiction(key: str, node: Node) -> Jurisdiction:
    keeps = ((PurposeKey(purpose), duration(keep.text())) for purpose, keep in _part(node, "keep").entries())
    return Jurisdiction(
        key=key,
        countries=countries(_texts(node, "countries")),
        consent=tuple(map(PurposeKey, _texts(node, "consent"))),
        forbid=tuple(Item(one.text()) for one in _part(node, "forbid").elements() if one.get("item") is None),
        longest={purpose: keep for purpose, keep in keeps if keep is not None},
        minimum_age=int(_text(node, "minimum-age") or 0),
        line=node.line,
        final=_text(node, "signals") == FINAL,
        barred=tuple(
            Grant(Item(_text(one, "item")), _for(one))
            for one in _part(node, "forbid").elements()
            if one.get("item") is not None
        ),
    )


def _signals(node: Node) -> Signals:
    def refused(part: str) -> dict[str, tuple[PurposeKey, ...]]:
        return {key: tuple(PurposeKey(one.text()) for one in of.elements()) for key, of in _part(node, part).entries()}

    return Signals(
        gpc=tuple(map(PurposeKey, _texts(node, "gpc"))),
        tcf={int(key): purposes for key, purposes in refused("tcf").items()},
        gpp=refused("gpp"),
        categories=refused("categories"),
    )


def _automated(node: Node | None) -> tuple[Verdict, ...] | None:
    return None if node is None else tuple(_verdict(one) for one in node.elements() if one.text() != NONE)


def _verdict(node: Node) -> Verdict:
    return Verdict(
        says=_text(node, "says"),
        logic=_text(node, "logic"),
        consequences=_text(node, "consequences"),
        purpose=_for(node),
        line=node.line,
    )


def _purpose(key: str, node: Node) -> Purpose:
    return Purpose(
        key=PurposeKey(key),
        says=_text(node, "says"),
        basis=Basis(_text(node, "basis")),
        dpv=_text(node, "dpv"),
        line=node.line,
        keep=duration(_text(node, "keep")),
        compatible=tuple(_assessment(further, one) for further, one in _part(node, "compatible").entries()),
        subjects=tuple(map(SubjectGroup, _texts(node, "subjects"))),
        expression=Expression(said) if (said := _text(node, "consent")) else None,
    )


def _assessment(further: str, node: Node) -> Assessment:
    return Assessment(
        purpose=PurposeKey(further),
        link=_text(node, "link"),
        context=_text(node, "context"),
        nature=_text(node, "nature"),
        consequences=_text(node, "consequences"),
        safeguards=_text(node, "safeguards"),
        line=node.line,
    )


def _service(key: str, services: Mapping[str, Node]) -> Service:
    """A service needs what those need that it requires, so that it stops or degrades with them."""
    needs: dict[tuple[object, ...], Need] = {}
    for one in with_required(services, key).values():
        for need in (need for node in _part(one, "needs").elements() for need in _needs(node)):
            needs.setdefault((need.any_of, need.degrades), need)
    node = services[key]
    return Service(key=key, says=_text(node, "says"), needs=tuple(needs.values()), line=node.line)


def _needs(node: Node) -> Iterator[Need]:
    """What a need asks: of one that is all of several, each is a need of its own."""
    for part, alternatives in formula(node):
        grants = [[one.grant for one in some] for some in alternatives]
        any_of = tuple(tuple(Grant(Item(item), PurposeKey(purpose)) for item, purpose in some) for some in grants)
        yield Need(any_of=any_of, line=part.line, degrades=_text(node, "degrades") == "true")


def _app(name: str, node: Node) -> App:
    return App(
        name=name,
        number=int(_text(node, "id")),
        key=_text(node, "key"),
        domain=_text(node, "domain") or None,
        website=_text(node, "umami") or None,
        application=_text(node, "glean") or None,
        services=_texts(node, "services"),
        routes=_texts(node, "routes"),
        line=node.line,
        people=int(_text(node, "people") or PEOPLE_DEFAULT),
        protocols=frozenset(_texts(node, "protocols")),
    )


def _collect(index: int, node: Node) -> Collect:
    told_by = _text(node, "from")
    source = Source(told_by) if told_by in [*Source] else Source.PROVIDER
    return Collect(
        index=index,
        items=tuple(Item(item) for item in _texts(node, "items")),
        source=source,
        purpose=_for(node),
        keep=duration(_text(node, "keep")) or None,
        line=node.line,
        required=_text(node, "required") or None,
        provider=told_by if source is Source.PROVIDER else None,
        countries=countries(_texts(node, "countries")),
        minimum_age=int(_text(node, "minimum-age") or 0),
    )


def _dimensions(owner: Node) -> tuple[Dimension, ...]:
    return tuple(
        Dimension(name=name, item=Item(item), reduction=reduction, line=node.line)
        for name, node, item, reduction in columns(owner)
    )


def _fact(name: str, node: Node) -> Fact:
    measures = tuple(
        Measure(name=key, item=Item(one.text()), line=one.line) for key, one in _part(node, "measure").entries()
    )
    return Fact(
        name=name,
        kinds=tuple(Kind(kind) for kind in (_texts(node, "on") or (name,))),
        dimensions=_dimensions(node),
        measures=measures,
        purpose=_for(node),
        line=node.line,
        access=_access(node),
        exemption=_text(node, "exemption") or None,
        fall=_texts(node, "fall"),
    )


def _access(owner: Node) -> DeviceAccess:
    """On which ground it reads the device. A text from before there were grounds names none, and asked nobody."""
    return DeviceAccess(_text(owner, "device_access") or DeviceAccess.NONE)


def _count(name: str, node: Node) -> Count:
    dimensions = _dimensions(node)
    return Count(
        name=name,
        of=tuple(Item(item) for _, item in voters(node)),
        every=tuple(Period(period) for period in _texts(node, "every")),
        dimensions=dimensions,
        purpose=_for(node),
        line=node.line,
        access=_access(node),
        exemption=_text(node, "exemption") or None,
        sets=tuple(tuple(one for one in dimensions if one.name in names) for names in grouping_sets(node)),
    )
