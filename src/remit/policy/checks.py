"""The rules that a policy must keep, in order, each with a permanent code: a function and a line each.

A rule sees the tree as written, so it can name the line; it yields where, what, and how to mend it.
"""

import re
from collections.abc import Callable, Iterator

from remit.policy.collection import (
    accounts_are_named,
    ages_are_of_consents,
    collected_once,
    items_exist,
    kept_items_are_somebodys,
    places_are_alike,
    required_is_needed,
    required_is_not_refusable,
    retention_is_set,
    sources_exist,
)
from remit.policy.counting import counts_are_not_linked, sets_are_a_chain, tables_are_distinct
from remit.policy.devices import (
    exemptions_are_named,
    grounds_are_known,
    necessary_readings_are_needed,
    readings_can_be_refused,
    readings_have_a_ground,
)
from remit.policy.informed import (
    consents_are_expressed,
    decisions_rest_on_something,
    groups_are_known,
    pages_have_addresses,
    store_answers_are_known,
    who_acts_in_the_union_is_named,
)
from remit.policy.language import (
    ADDS,
    FILLED,
    ITEMS_TOO,
    LISTS,
    MAPPINGS,
    MIXED,
    NOTHING,
    PARTS,
    RESERVED,
    TEXTS,
    Finding,
    columns,
    near,
    rows,
)
from remit.policy.needing import (
    alternatives_differ,
    degrading_is_yes_or_no,
    needed_items_are_kept,
    needs_are_complete,
    needs_are_few,
    needs_are_for_something,
    required_services_exist,
    services_are_offered,
)
from remit.policy.overlays import overlays_tighten, regions_are_told
from remit.policy.own import (
    own_items_are_collected,
    own_items_are_described,
    own_items_are_labelled,
    own_items_are_new,
)
from remit.policy.parties import (
    countries_have_codes,
    providers_have_names,
    providers_tell,
    roles_are_known,
    told_items_are_kept,
    transfers_rest_on_something,
)
from remit.policy.problem import Problem
from remit.policy.protocols import IDS, ids_fit, protocols_carry, protocols_exist
from remit.policy.purposes import (
    bases_are_lawful,
    further_uses_are_assessed,
    nothing_outlives_its_purpose,
    purposes_are_specific,
    purposes_are_used,
    purposes_exist,
    purposes_have_terms,
)
from remit.policy.read import READER, Node
from remit.policy.signals import signals_refuse
from remit.policy.statements import (
    in_language,
    languages,
    languages_are_known,
    statements_are_declared,
    statements_are_said,
)
from remit.policy.uses import (
    NAME,
    column_names_are_plain,
    columns_single_nobody_out,
    counts_are_of_subjects,
    facts_have_kinds,
    fallen_columns_exist,
    measures_are_numbers,
    reductions_fit,
    routes_are_declared,
    used_items_are_collected,
    what_is_never_kept_is_used,
)

Rule = Callable[[Node], Iterator[Finding]]

_KEY = re.compile(r"[a-z][a-z0-9-]*")
_APP_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")


def unknown_keys(root: Node) -> Iterator[Finding]:
    """Every key is of the language: a typo must not mean something else."""
    for path, parts in PARTS.items():
        known = {part.rstrip("!") for part in parts.split()}
        for _, node in rows(root, path):
            for key, _value in node.entries():
                if key not in known:
                    yield node.keys[key], f"unknown key '{key}'", near(key, known)


def missing_keys(root: Node) -> Iterator[Finding]:
    """What must be said is said, in the shape of a mapping."""
    for path, parts in PARTS.items():
        needed = [part.rstrip("!") for part in parts.split() if part.endswith("!")]
        for name, node in rows(root, path):
            if node.text() == NOTHING.get(path):
                continue
            if path in ITEMS_TOO and node.text():
                continue
            if not isinstance(node.value, dict):
                yield (
                    node,
                    f"'{name or path}' must be a mapping",
                    f"write  {needed[0] if needed else 'key'}: ...",
                )
                continue
            for key in needed:
                if node.get(key) is None:
                    yield (
                        node,
                        f"'{key}' is missing{f' in {name}' if name else ''}",
                        f"add  {ADDS.get(key, f'{key}: ...')}",
                    )


def shapes_fit(root: Node) -> Iterator[Finding]:
    """A word stands where a word belongs, a list where a list does, and neither is empty."""
    for paths, fits, shape, fix in (
        (TEXTS, _is_text, "a text", "write a word or a sentence"),
        (LISTS, _is_list, "a list of words", "write  [one, another]"),
        (MAPPINGS, _is_mapping, "a mapping", "write  name: ..."),
        (FILLED, _is_filled, "one part or more", "write a part, or leave out what would have none"),
        (MIXED, _is_mixed, "a list of items", "write  [one, {item: another, for: ...}]"),
    ):
        for path in paths:
            for _, node in rows(root, path):
                if not fits(node):
                    yield node, f"'{path.rpartition('.')[2]}' must be {shape}", fix


def _is_text(node: Node) -> bool:
    return node.text().strip() != ""


def _is_list(node: Node) -> bool:
    several = isinstance(node.value, list) and node.value != [] and all(map(_is_text, node.elements()))
    return several or _is_text(node)


def _is_mixed(node: Node) -> bool:
    return any(True for _ in node.elements()) and all(_is_text(one) or bool(one.value) for one in node.elements())


def _is_mapping(node: Node) -> bool:
    return node.value is None or isinstance(node.value, dict)


def _is_filled(node: Node) -> bool:
    return node.value not in (None, [], {})


def facts_have_columns(root: Node) -> Iterator[Finding]:
    """A fact without a column would tell nothing."""
    for name, fact in rows(root, "facts.*"):
        if (by := fact.get("by")) is not None and not any(columns(fact)):
            yield by, f"'{name}' has no column", "write  by: {app: app.name}"


def version_counts(root: Node) -> Iterator[Finding]:
    """Version, k and numbers of people are whole."""
    for key, least in (("version", 1), ("k", 2), ("apps.*.people", 1)):
        for _, node in rows(root, key):
            if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < least:
                name = key.rpartition(".")[2]
                yield node, f"'{name}' must be a whole number, at least {least}", f"write  {name}: {max(least, 5)}"
    zone = root.get("timezone")
    if zone is not None and zone.value != "UTC":
        yield zone, "days and hours are counted in UTC", "write  timezone: UTC"


def names_are_plain(root: Node) -> Iterator[Finding]:
    """Keys can stand in SQL, URLs and tables."""
    for path, pattern, like in (
        ("purposes", _KEY, "deliver-order"), ("services", _KEY, "shop"), ("apps", _KEY, "shop-android"),
        ("providers", _KEY, "number-check"), ("recipients", _KEY, "carrier"), ("jurisdictions", _KEY, "eu"),
        ("facts", NAME, "page_visit"), ("counts", NAME, "active_users"),
    ):  # fmt: skip
        for _, node in rows(root, path):
            for key, _value in node.entries():
                if not pattern.fullmatch(key) or key in RESERVED:
                    yield node.keys[key], f"'{key}' cannot be a name here", f"write it like  {like}"
    for path, pattern in (("apps.*.key", _APP_KEY), ("apps.*.domain", IDS["plausible"].form)):
        for _, node in rows(root, path):
            if not pattern.fullmatch(node.text()):
                yield node, f"'{node.text()}' cannot be sent by an SDK", "write letters, digits and hyphens"


def services_exist(root: Node) -> Iterator[Finding]:
    """Apps offer declared services."""
    declared = [key for _, node in rows(root, "services") for key, _value in node.entries()]
    for _, node in rows(root, "apps.*.services[]"):
        if node.text() not in declared:
            yield node, f"service '{node.text()}' is not declared", near(node.text(), declared)


def apps_are_distinct(root: Node) -> Iterator[Finding]:
    """No two apps share a number, a key or another id: a record must have one sender."""
    for part in ("id", "key", *(one.key for one in IDS.values())):
        seen: set[str] = set()
        for _, node in rows(root, f"apps.*.{part}"):
            if node.text() in seen:
                yield node, f"another app has this {part} already", f"give each app its own {part}"
            seen.add(node.text())
    for _, node in rows(root, "apps.*.id"):
        if not isinstance(node.value, int) or isinstance(node.value, bool) or node.value < 1:
            yield node, "an app's id is a whole number (Sentry's project number)", "write  id: 1"


CHECKS: dict[str, Rule] = {
    "P010": unknown_keys,
    "P011": missing_keys,
    "P012": version_counts,
    "P013": names_are_plain,
    "P014": shapes_fit,
    "P015": facts_have_columns,
    "P016": tables_are_distinct,
    "P020": purposes_are_specific,
    "P021": purposes_have_terms,
    "P022": bases_are_lawful,
    "P023": purposes_exist,
    "P024": further_uses_are_assessed,
    "P025": purposes_are_used,
    "P026": nothing_outlives_its_purpose,
    "P030": items_exist,
    "P031": sources_exist,
    "P032": retention_is_set,
    "P033": collected_once,
    "P034": own_items_are_new,
    "P035": own_items_are_described,
    "P036": own_items_are_labelled,
    "P037": own_items_are_collected,
    "P038": accounts_are_named,
    "P039": kept_items_are_somebodys,
    "P040": services_exist,
    "P041": apps_are_distinct,
    "P042": needs_are_complete,
    "P043": needed_items_are_kept,
    "P044": required_is_needed,
    "P045": required_is_not_refusable,
    "P046": needs_are_few,
    "P047": required_services_exist,
    "P048": services_are_offered,
    "P049": degrading_is_yes_or_no,
    "P050": used_items_are_collected,
    "P051": reductions_fit,
    "P052": column_names_are_plain,
    "P053": measures_are_numbers,
    "P054": facts_have_kinds,
    "P055": counts_are_of_subjects,
    "P056": routes_are_declared,
    "P057": columns_single_nobody_out,
    "P058": protocols_carry,
    "P059": protocols_exist,
    "P060": what_is_never_kept_is_used,
    "P061": providers_tell,
    "P062": roles_are_known,
    "P063": told_items_are_kept,
    "P064": transfers_rest_on_something,
    "P065": countries_have_codes,
    "P066": providers_have_names,
    "P067": regions_are_told,
    "P068": overlays_tighten,
    "P070": languages_are_known,
    "P071": statements_are_said,
    "P072": statements_are_declared,
    "P080": grounds_are_known,
    "P081": readings_have_a_ground,
    "P082": necessary_readings_are_needed,
    "P083": readings_can_be_refused,
    "P084": exemptions_are_named,
    "P085": ids_fit,
    "P086": fallen_columns_exist,
    "P087": sets_are_a_chain,
    "P088": counts_are_not_linked,
    "P090": decisions_rest_on_something,
    "P091": who_acts_in_the_union_is_named,
    "P095": signals_refuse,
    "P100": needs_are_for_something,
    "P101": alternatives_differ,
    "P105": places_are_alike,
    "P106": ages_are_of_consents,
    "P107": groups_are_known,
    "P108": consents_are_expressed,
    "P109": pages_have_addresses,
    "P110": store_answers_are_known,
}
"""Codes are public and permanent: never reuse one."""

RULES = {**READER, **{code: str(rule.__doc__).splitlines()[0] for code, rule in CHECKS.items()}}
"""What each code asks of a policy, in a sentence."""


OF_LANGUAGES = frozenset(("P070", "P071", "P072"))
"""Rules that see all languages at once; any other sees the policy in each of them, by itself."""


def problems(root: Node, file: str) -> list[Problem]:
    """Everything that is wrong, in the order of the file."""
    alone = [in_language(root, language) for language in languages(root)]
    found = {
        Problem(file, node.line, node.column, code, _printable(says), fix)
        for code, rule in CHECKS.items()
        for tree in ([root] if code in OF_LANGUAGES else alone)
        for node, says, fix in rule(tree)
    }
    # What has the wrong shape means nothing yet: other rules would only echo it.
    shapeless = {(one.line, one.column) for one in found if one.code == "P014"}
    return sorted(one for one in found if one.code == "P014" or (one.line, one.column) not in shapeless)


def _printable(says: str) -> str:
    return "".join(mark if mark.isprintable() else " " for mark in says)
