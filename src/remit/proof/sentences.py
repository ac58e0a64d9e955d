"""The notice and the plan: every sentence has a rule, and all that the plan does has a sentence."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from remit.policy.brought import brought
from remit.policy.checks import RULES
from remit.policy.generations import Generations, forms, generations, table
from remit.policy.model import Collect, Count, Fact, Policy
from remit.policy.phrasebooks.shelf import book
from remit.policy.plan import Use, plans
from remit.policy.render.notice import HEADINGS, Piece, blocks
from remit.policy.render.told import ENFORCED, HEADING, By, Topic, parts, stands
from remit.policy.render.voice import voice_of
from remit.policy.spoken import in_each_language, titled
from remit.policy.tables import SENT, TALLY, tables
from remit.policy.words import SDK_SOURCES, WHILE_ACCOUNT, Item, Way
from remit.proof.verdict import Comparison, some

GROUP = "The notice"


def enforced(policy: Policy, notice: Sequence[Piece]) -> Comparison:
    """Every sentence is made from a part of the policy, and something enforces that kind of part."""
    return Comparison(
        name="sentences",
        group=GROUP,
        says="every sentence is made from a part of the policy, and a check, rule or test is named that enforces it",
        told=some(len(notice), "block"),
        found=tuple(_unenforced(policy, notice)),
    )


def ruled(policy: Policy, notice: Sequence[Piece]) -> Comparison:
    """What a sentence says is done is done by the plan of some app."""
    return Comparison(
        name="rules",
        group=GROUP,
        says="no sentence is without a rule: what it says is kept, shown or counted is in the plan of an app",
        told=some(len(policy.apps), "app"),
        found=tuple(_unruled(policy, notice)),
    )


def told(policy: Policy, notice: Sequence[Piece]) -> Comparison:
    """What the plan of any app does stands in a sentence, with its item and how long it stays."""
    policy = titled(policy)
    uses = _uses(policy)
    return Comparison(
        name="uses",
        group=GROUP,
        says="nothing is kept, shown or counted without a sentence that names it",
        told=some(len(uses), "use"),
        found=(*_silent(policy, notice), *_untold(policy, notice, uses)),
    )


def translated(policy: Policy) -> Comparison:
    """The notice tells in every language of the same parts, in the same order, and of all that the plan does."""
    first, *others = in_each_language(policy)
    told_first = [(one.kind, one.by) for one in blocks(first)]
    return Comparison(
        name="languages",
        group=GROUP,
        says="the notice tells of the same parts in every language, and names there all that is kept, shown or counted",
        told=some(len(policy.languages), "language"),
        found=tuple(lacks for other in others for lacks in _lacking(other, told_first)),
    )


def _lacking(policy: Policy, first: Sequence[tuple[str, By]]) -> Iterator[str]:
    """What a policy does not say in the language that it is spoken in, and says in the first."""
    notice = list(blocks(policy))
    if [(one.kind, one.by) for one in notice] != first:
        yield f"{policy.language}: the notice tells of other parts, or in another order"
    yield from (f"{policy.language}: {one}" for one in told(policy, notice).found)


def sentenced(
    policy: Policy, notice: Sequence[Piece], known: Generations | None = None
) -> Mapping[str, frozenset[str]]:
    """The columns of each table of a policy of which a sentence tells; ``known`` are all forms that were adopted."""
    policy = titled(policy)
    by = _by(notice)
    stored = forms(policy, known or generations([policy]))
    columns = tables({one.name: [one] for one in stored})

    def of(table: str, text: str, items: Mapping[str, Item]) -> frozenset[str]:
        return frozenset(one.name for one in columns[table] if _names(policy, text, items.get(one.name)))

    found = {name: of(name, by.get(By(Topic.TALLY), ""), {}) for name in (TALLY, SENT)}
    for form in stored:
        topic = Topic.FACT if isinstance(form.of, Fact) else Topic.COUNT
        found[table(form)] = of(table(form), _list(policy, By(topic, form.of.name), by), _items(form.of))
    return found


def _items(of: Fact | Count) -> dict[str, Item]:
    """By column of a statistic, the item that it is made of."""
    found = {one.name: one.item for one in of.dimensions}
    return found | {one.name: one.item for one in of.measures} if isinstance(of, Fact) else found


def _by(notice: Sequence[Piece]) -> dict[By, str]:
    """What is said by each part of the policy, all of it."""
    found: dict[By, str] = {}
    for block in notice:
        found[block.by] = f"{found.get(block.by, '')} {block.text}"
    return found


def _list(policy: Policy, by: By, said: Mapping[By, str]) -> str:
    """What is said by a rule, statistic or count before it says what for: there its items are listed."""
    text = said.get(by, "")
    match by.told:
        case Topic.RULE:
            purpose = policy.collect[int(by.key)].purpose
        case Topic.FACT:
            purpose = policy.facts[by.key].purpose
        case Topic.COUNT:
            purpose = policy.counts[by.key].purpose
        case _:
            return text
    listed, why, _ = text.partition(" ".join(policy.purposes[purpose].says.split()))
    return listed if why else ""


def _names(policy: Policy, text: str, item: Item | None) -> bool:
    """Whether a text names an item, as one of a list; every text that is there names what is no item."""
    if item is None:
        return bool(text)
    title = re.escape(" ".join(policy.catalogue[item].title.split()))
    before, after = _edges(policy.language)
    return re.search(rf"{before} {title}{after}", text) is not None


@cache
def _edges(language: str) -> tuple[str, str]:
    """What stands right before and after an item in the lists of a language."""
    words = book(language)
    joints = [re.escape(f" {word}") for word in (words.conjunction, words.disjunction)]
    before = "|".join([":", ",", *joints, *(re.escape(f" {word}") for word in words.ahead)])
    after = "|".join([r"[,;.]", r" \N{EN DASH} ", r" \(", *(f"{joint} " for joint in joints)])
    return f"(?:{before})", f"(?={after})"


def _unenforced(policy: Policy, notice: Sequence[Piece]) -> Iterator[str]:
    for block in notice:
        words = f"'{_short(block.text)}'"
        enforcement = ENFORCED.get(block.by.told)
        if enforcement is None or not enforcement.by_something:
            yield f"{words} is by a '{block.by.told}', and nothing is named that enforces one"
        elif (block.by == HEADING) != (block.kind in HEADINGS):
            yield f"{words} is no heading, and names nothing that it is made from"
        elif not stands(policy, block.by):
            yield f"{words} is by the {block.by.told} '{block.by.key}', which the policy does not have"
        elif gone := [code for code in enforcement.checks if code not in RULES]:
            yield f"{words} is enforced by {', '.join(gone)}, which no check has as its code"


def _unruled(policy: Policy, notice: Sequence[Piece]) -> Iterator[str]:
    uses = _uses(policy)
    targets = {use.target.partition(".")[0] for use in uses}
    fed = {feed.fact.name for plan in plans(policy).values() for table in plan.tables.values() for feed in table.feeds}
    for block in notice:
        if not stands(policy, block.by):
            continue  # told above
        words = f"'{_short(block.text)}'"
        match block.by.told:
            case Topic.RULE:
                yield from (f"{words}: {why}" for why in _idle(policy, policy.collect[int(block.by.key)], uses))
            case Topic.FACT if block.by.key not in fed:
                yield f"{words}: no app's records are counted there"
            case Topic.COUNT if block.by.key not in targets:
                yield f"{words}: nothing votes there"


def _idle(policy: Policy, rule: Collect, uses: Sequence[Use]) -> Iterator[str]:
    """What the plan does not do of a rule; of what no SDK can tell, the plan knows nothing."""
    if rule.source not in SDK_SOURCES:
        return
    for item in rule.items:
        kept = any(use.item == item and use.target == f"collect[{rule.index}]" for use in uses)
        used = any(use.item == item and use.way is not Way.KEEP for use in uses)
        if not (used if rule.keep is None else kept):
            done = "reduces or counts" if rule.keep is None else "keeps"
            yield f"no plan {done} {policy.catalogue[item].title} (line {rule.line})"


def _untold(policy: Policy, notice: Sequence[Piece], uses: Sequence[Use]) -> Iterator[str]:
    by, words = _by(notice), book(policy.language)
    collect = brought(policy).collect
    rules = [By(Topic.RULE, str(rule.index)) for rule in collect]
    for use in uses:
        title = policy.catalogue[use.item].title
        if not _names(policy, _list(policy, _owner(policy, use), by), use.item):
            yield f"no sentence says of {use.target} that it takes {title} (line {use.line})"
        if not any(_names(policy, _list(policy, rule, by), use.item) for rule in rules):
            yield f"no sentence says that {title} is collected (line {use.line})"
    voice = voice_of(policy)
    for rule, told_by in zip(collect, rules, strict=True):
        if voice.bounds(rule) not in by.get(told_by, ""):
            yield f"no sentence says of collect[{rule.index}] of whom it takes something (line {rule.line})"
        if rule.keep is None or rule.keep == WHILE_ACCOUNT:
            continue
        stays = words.duration(rule.keep)
        if stays not in by.get(told_by, ""):
            yield f"no sentence says of collect[{rule.index}] that it stays {stays} (line {rule.line})"


def _silent(policy: Policy, notice: Sequence[Piece]) -> Iterator[str]:
    """Parts of the policy, and times to keep an item, of which nothing is said."""
    by = {passage.by for passage in notice}
    yield from (f"no sentence tells of the {part.told} '{part.key}'" for part in parts(policy) if part not in by)
    times, words = [passage.text for passage in notice if passage.by.told is Topic.RETENTION], book(policy.language)
    for rule in brought(policy).collect:
        if rule.keep is None or rule.keep == WHILE_ACCOUNT:
            continue
        keep = words.duration(rule.keep)
        says = " ".join(policy.purposes[rule.purpose].says.split())
        stays = [text for text in times if text.startswith(f"{keep}, {says}:")]
        for item in rule.items:
            if not any(_names(policy, text, item) for text in stays):
                yield f"no list of what stays {keep} has {policy.catalogue[item].title} (line {rule.line})"


def _owner(policy: Policy, use: Use) -> By:
    """The part of the policy that has to tell of a use."""
    if use.way is Way.KEEP:
        return By(Topic.RULE, use.target.removeprefix("collect[").removesuffix("]"))
    owner = use.target.partition(".")[0]
    return By(Topic.COUNT if owner in policy.counts else Topic.FACT, owner)


def _uses(policy: Policy) -> list[Use]:
    """Every use of every app, once."""
    found = [
        use
        for plan in plans(policy).values()
        for table in plan.tables.values()
        for uses in table.uses.values()
        for use in uses
    ]
    return list(dict.fromkeys(found))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59].rstrip()}\u2026"
