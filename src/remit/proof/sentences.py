"""The notice and the plan: every sentence has a rule, and all that the plan does has a sentence."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remit.policy.checks import RULES
from remit.policy.generations import Generations, forms, generations, table
from remit.policy.model import Collect, Count, Fact, Policy
from remit.policy.phrases import duration
from remit.policy.plan import Use, plans
from remit.policy.reach import reached
from remit.policy.render.notice import Piece
from remit.policy.render.told import ENFORCED, HEADING, By, Topic, parts, stands
from remit.policy.tables import TALLY, tables
from remit.policy.words import SDK_SOURCES, WHILE_ACCOUNT, Item, Way
from remit.proof.verdict import Comparison, some

GROUP = "The notice"
_HEADINGS = ("h1", "h2", "h3")


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
    uses = _uses(policy)
    return Comparison(
        name="uses",
        group=GROUP,
        says="nothing is kept, shown or counted without a sentence that names it",
        told=some(len(uses), "use"),
        found=(*_silent(policy, notice), *_untold(policy, notice, uses)),
    )


def sentenced(
    policy: Policy, notice: Sequence[Piece], known: Generations | None = None
) -> Mapping[str, frozenset[str]]:
    """The columns of each table of a policy of which a sentence tells; ``known`` are all forms that were adopted."""
    by = _by(notice)
    stored = forms(policy, known or generations([policy]))
    columns = tables({one.name: [one] for one in stored})

    def of(table: str, text: str, items: Mapping[str, Item]) -> frozenset[str]:
        return frozenset(one.name for one in columns[table] if _names(policy, text, items.get(one.name)))

    found = {TALLY: of(TALLY, by.get(By(Topic.TALLY), ""), {})}
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
    listed, why, _ = text.partition(f"; {' '.join(policy.purposes[purpose].says.split())}")
    return f"{listed};" if why else ""


def _names(policy: Policy, text: str, item: Item | None) -> bool:
    """Whether a text names an item, as one of a list; every text that is there names what is no item."""
    if item is None:
        return bool(text)
    title = re.escape(" ".join(policy.catalogue[item].title.split()))
    return re.search(rf"(?::|,| and| or| by| of) {title}(?=[,;.]| and | or | \()", text) is not None


def _unenforced(policy: Policy, notice: Sequence[Piece]) -> Iterator[str]:
    for block in notice:
        words = f"'{_short(block.text)}'"
        enforcement = ENFORCED.get(block.by.told)
        if enforcement is None or not enforcement.by_something:
            yield f"{words} is by a '{block.by.told}', and nothing is named that enforces one"
        elif (block.by == HEADING) != (block.kind in _HEADINGS):
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
    by = _by(notice)
    collect = reached(policy).collect
    rules = [By(Topic.RULE, str(rule.index)) for rule in collect]
    for use in uses:
        title = policy.catalogue[use.item].title
        if not _names(policy, _list(policy, _owner(policy, use), by), use.item):
            yield f"no sentence says of {use.target} that it takes {title} (line {use.line})"
        if not any(_names(policy, _list(policy, rule, by), use.item) for rule in rules):
            yield f"no sentence says that {title} is collected (line {use.line})"
    for rule, told_by in zip(collect, rules, strict=True):
        if rule.keep is not None and rule.keep != WHILE_ACCOUNT and duration(rule.keep) not in by.get(told_by, ""):
            yield f"no sentence says of collect[{rule.index}] that it stays {duration(rule.keep)} (line {rule.line})"


def _silent(policy: Policy, notice: Sequence[Piece]) -> Iterator[str]:
    """Parts of the policy, and times to keep an item, of which nothing is said."""
    by = {passage.by for passage in notice}
    yield from (f"no sentence tells of the {part.told} '{part.key}'" for part in parts(policy) if part not in by)
    times = [passage.text for passage in notice if passage.by.told is Topic.RETENTION]
    for rule in reached(policy).collect:
        if rule.keep is None or rule.keep == WHILE_ACCOUNT:
            continue
        stays = [text for text in times if text.startswith(f"{duration(rule.keep)}:")]
        for item in rule.items:
            if not any(_names(policy, text, item) for text in stays):
                title = policy.catalogue[item].title
                yield f"no list of what stays {duration(rule.keep)} has {title} (line {rule.line})"


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
