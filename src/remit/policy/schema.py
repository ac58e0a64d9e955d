"""The language as a JSON Schema (draft 2020-12), by which editors complete and underline a policy while it is written.

It is made of the tables that the reader and the checks use, so that it knows the same keys. It is weaker than ``remit
check`` on purpose: what hangs on other parts of the policy, only the checks can tell.
"""

from collections.abc import Iterable
from typing import Any

from remit.policy.catalogue import CATALOGUE
from remit.policy.informed import ADDRESS
from remit.policy.language import AGES, FILLED, ITEMS_TOO, LISTS, MAPPINGS, NEEDS, NOTHING, PARTS
from remit.policy.places import COUNTRIES, GROUPS
from remit.policy.protocols import CARRIED, IDS
from remit.policy.purposes import DPV_TOP
from remit.policy.reduce import REDUCTIONS
from remit.policy.render.purposes import PURPOSES
from remit.policy.signals import FINAL, GPP_OPT_OUTS, TCF_PURPOSES
from remit.policy.statements import NAMES, STATEMENTS
from remit.policy.uses import NAME
from remit.policy.values import TYPES
from remit.policy.words import (
    INTRINSIC,
    AccountMethod,
    Basis,
    Category,
    DeviceAccess,
    Expression,
    Kind,
    Label,
    Period,
    Role,
    Sensitivity,
    Source,
    SubjectGroup,
)

Schema = dict[str, Any]

_NEEDS = {
    "item": "The item.",
    "any": "Items of which one is enough; or several of them, under all.",
    "all": "Items that are needed together; or some of which any is enough, under any.",
    "for": "The purpose for which it is needed, and what stands within it that says no other.",
}

SAYS = {
    path: says
    for line in """
version                             A whole number, higher at each adoption.
languages                           Those in which people read it, by BCP 47 tags; en when not said.
controller                          Who answers for the processing.
controller.name                     The name that people know them by.
controller.contact                  The address to which people write.
controller.country                  The country where they are, by its code of two letters.
controller.representative           Who acts for them in the Union: GDPR Art. 27.
controller.officer                  Who looks after the protection of data, and how to reach them: GDPR Art. 37.
controller.authority                The authority to which people may complain: GDPR Art. 77.
controller.address                  Where post reaches them.
timezone                            Where a day and an hour begin.
k                                   The smallest count that is shown as a number; 5 when not said.
items                               Items that the catalogue does not have, by key.
items.*.title                       What people read.
items.*.label                       Whom a value identifies.
items.*.category                    The part of the notice that it belongs to.
items.*.sensitivity                 What a value tells, whomever it identifies.
items.*.type                        What a value must look like.
items.*.like                        The item whose terms in other vocabularies are true of it, too.
purposes                            What values are collected for, by key.
purposes.*.says                     What is done, and for whom, as people read it. It could be false.
purposes.*.basis                    The lawful ground, of GDPR Art. 6(1).
purposes.*.dpv                      What W3C DPV calls it, below the top concepts.
purposes.*.keep                     Nothing stays longer for it: 30d (h, d, w, m, y), temporary or never.
purposes.*.compatible               Other purposes for which what is kept may be read, each with its assessment.
purposes.*.compatible.*.link        How the two purposes are linked: GDPR Art. 6(4)(a).
purposes.*.compatible.*.context     In which context the values were collected: GDPR Art. 6(4)(b).
purposes.*.compatible.*.nature      Which values they are: GDPR Art. 6(4)(c).
purposes.*.compatible.*.consequences  What may follow for people: GDPR Art. 6(4)(d).
purposes.*.compatible.*.safeguards  What protects them: GDPR Art. 6(4)(e).
purposes.*.subjects                 Whom it concerns: categories of data subjects, GDPR Art. 30(1)(c).
purposes.*.consent                  How people say yes to it: by a deed that means it, or explicitly.
services                            What people can use, by key.
services.*.says                     What it lets them do, as they read it.
services.*.needs                    What it cannot do without.
services.*.requires                 Other services without which this one cannot be: what they need, it needs.
services.*.needs[].degrades         true: without it the service gets worse, and does not stop.
apps                                Who sends records, by name.
apps.*.id                           Its number: Sentry's project.
apps.*.key                          The public key that its SDKs send.
apps.*.domain                       What Plausible's trackers send.
apps.*.umami                        The website id that Umami's trackers send, a UUID.
apps.*.glean                        The application id that Glean's pings bear; nothing takes it yet.
apps.*.protocols                    Those that it takes; all, when not said.
apps.*.services                     The services that it offers; all, when not said.
apps.*.routes                       Page patterns that may appear in statistics; * stands for one whole part.
apps.*.people                       How many are expected to send on a day; 1,000 when not said.
providers                           Third parties who tell us about people, by key.
providers.*.name                    The name that people know them by.
providers.*.country                 The country where they are, by its code of two letters.
providers.*.says                    What they are, in words that follow their name.
recipients                          Who is told about people, by key.
recipients.*.name                   The name that people know them by.
recipients.*.country                The country where they are, by its code of two letters.
recipients.*.role                   Whether they work for the controller, decide with them, or decide alone.
recipients.*.told                   What they may be told.
recipients.*.told[].items           Items that are kept for the purpose.
recipients.*.told[].for             The purpose for which they are told.
recipients.*.transfer               What a transfer out of the EEA rests on: GDPR Chapter V.
region                              Items that tell the country of a record; the first that does decides.
jurisdictions                       What laws demand beyond the policy, by key; unknown countries are under all.
jurisdictions.*.countries           Codes of countries, or EEA.
jurisdictions.*.consent             Purposes that need a consent there.
jurisdictions.*.forbid              Items that are not taken there: by themselves, or {item, for} for one purpose.
jurisdictions.*.forbid[].item       The item.
jurisdictions.*.forbid[].for        The purpose for which it is not taken.
jurisdictions.*.keep                How long anything stays for a purpose there: 30d (h, d, w, m, y) or temporary.
jurisdictions.*.minimum-age         From which age on somebody consents for themselves: GDPR Art. 8.
jurisdictions.*.signals             final: no choice outweighs a general signal there.
signals                             What requests say by signals, and which purposes each refuses.
signals.gpc                         Global Privacy Control: purposes that the header Sec-GPC refuses.
signals.tcf                         IAB Europe's TCF: for each of its purposes, by number, those of the policy.
signals.gpp                         IAB's GPP: purposes by what is opted out of: sale, sharing, targeted-advertising.
signals.categories                  Categories of an SDK's consent object, and the purposes that a no to each refuses.
collect                             What is taken, who tells it, what for, and how long it stays.
collect[].items                     Items of the catalogue, or of the policy's own.
collect[].from                      Who tells it: you, device, log, someone-else, or the key of a provider.
collect[].for                       The purpose.
collect[].keep                      How long it stays: 30d (h, d, w, m, y), temporary, while-account or never.
collect[].required                  Why nobody can refuse it, where nobody can.
collect[].countries                 The only countries in which it is taken: codes, or EEA; everywhere, when not said.
collect[].minimum-age               Nobody younger can consent to its purpose, which stands on consent.
facts                               Statistics about nobody, by name.
facts.*.by                          Columns, each  name: item | reduction
facts.*.measure                     Numbers of which a histogram is kept, by name.
facts.*.on                          Kinds of record that are counted; the fact's own name when not said.
facts.*.for                         The purpose.
facts.*.device_access               On which ground it reads what the device holds: ePrivacy Art. 5(3).
facts.*.exemption                   Who or what asks for no consent, where it is exempt.
facts.*.fall                        Columns, in the order in which they are to become (other) where few are; not yet.
counts                              How many people, without knowing who, by name.
counts.*.of                         Items that name a subject; the first one present votes.
counts.*.every                      How long one count stays open.
counts.*.by                         Columns that tell groups apart.
counts.*.sets                       Grouping sets, coarsest first: columns of by, each list with those before and more.
counts.*.for                        The purpose.
counts.*.device_access              On which ground it reads what the device holds: ePrivacy Art. 5(3).
counts.*.exemption                  Who or what asks for no consent, where it is exempt.
documents                           What laws and stores ask beside what is collected; documents tell it.
documents.notice                    The address at which the notice is published.
documents.stored-in                 The countries in which values are stored: codes, or EEA.
documents.law-of                    The countries whose law holds for the processing: codes, or EEA.
documents.encrypted                 Whether all that apps send is encrypted on its way.
documents.accounts                  How people make an account in an app, in Google Play's words; or none.
documents.delete-account            The page on which people ask to have their account deleted.
documents.delete-data               The page on which people ask to have data deleted.
automated                           What programs alone decide about people, with legal or like effects; or none.
automated[].says                    What is decided: GDPR Art. 22(1).
automated[].logic                   By which logic: GDPR Art. 13(2)(f).
automated[].consequences            What may follow for people: GDPR Art. 13(2)(f).
automated[].for                     The purpose, on consent, an agreement or a law: GDPR Art. 22(2).
""".strip().splitlines()
    for path, _, says in (line.partition("  "),)
} | {f"{path}.{key}": _NEEDS[key] for path in NEEDS for key in PARTS[path].split() if key in _NEEDS}
"""What stands under each key of the language."""

_KEY = "^[a-z][a-z0-9-]*$"
_TEXT: Schema = {"type": ["string", "integer", "boolean"], "minLength": 1}
_TAG = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_STATEMENT: Schema = {
    "anyOf": [
        _TEXT,
        {
            "type": "object",
            "propertyNames": {"pattern": _TAG},
            "additionalProperties": _TEXT,
            "minProperties": 1,
        },
    ]
}
_KEEP: Schema = {"type": "string", "pattern": "^([1-9][0-9]{0,3}[hdwmy]|temporary|while-account|never)$"}
_LONGEST: Schema = {"type": "string", "pattern": "^([1-9][0-9]{0,3}[hdwmy]|temporary|never)$"}
_COLUMN: Schema = {
    "type": "string",
    "anyOf": [{"enum": ["app.name"]}, {"pattern": rf"^[a-z0-9_.]+ *\| *({'|'.join(sorted(REDUCTIONS))})$"}],
}
_NAME: Schema = {"type": "string", "pattern": f"^{NAME.pattern}$"}
_SETS: Schema = {
    "type": "array",
    "minItems": 2,
    "items": {"anyOf": [{"type": "array", "items": _NAME, "uniqueItems": True}, _NAME]},
}
_KNOWN = sorted(CATALOGUE.keys() - INTRINSIC)
_ITEM: Schema = {"anyOf": [{"enum": _KNOWN}, {"type": "string", "pattern": "^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*$"}]}


def _one_of(words: Iterable[str]) -> Schema:
    return {"enum": sorted(words)}


def _whole(least: int) -> Schema:
    return {"type": "integer", "minimum": least}


_ADDRESS: Schema = {"type": "string", "pattern": f"^{ADDRESS.pattern}$"}
_AGE: Schema = {"type": "integer", "minimum": AGES[0], "maximum": AGES[-1]}
_VALUES: dict[str, Schema] = {
    "version": _whole(1),
    "k": _whole(2),
    "timezone": _one_of(["UTC"]),
    "languages": {"type": "string", "pattern": _TAG},
    **dict.fromkeys((*STATEMENTS, *NAMES), _STATEMENT),
    "items.*.label": _one_of(Label),
    "items.*.category": _one_of(Category),
    "items.*.sensitivity": _one_of(Sensitivity),
    "items.*.type": _one_of(TYPES.keys() - {"clock"}),
    "items.*.like": _one_of(CATALOGUE),
    "purposes.*.basis": _one_of(Basis),
    "purposes.*.dpv": _one_of(PURPOSES.keys() - DPV_TOP),
    "purposes.*.keep": _LONGEST,
    "purposes.*.subjects": _one_of(SubjectGroup),
    "purposes.*.consent": _one_of(Expression),
    "documents.stored-in": _one_of(COUNTRIES | GROUPS.keys()),
    "documents.law-of": _one_of(COUNTRIES | GROUPS.keys()),
    "documents.encrypted": {"type": "boolean"},
    "documents.accounts": _one_of(AccountMethod),
    "documents.delete-account": _ADDRESS,
    "documents.delete-data": _ADDRESS,
    **dict.fromkeys((f"{path}.item" for path in NEEDS), _ITEM),
    "services.*.needs[].degrades": {"type": "boolean"},
    "apps.*.id": _whole(1),
    "apps.*.people": _whole(1),
    "apps.*.protocols": _one_of(CARRIED),
    "apps.*.umami": {"type": "string", "pattern": f"^{IDS['umami'].form.pattern}$"},
    "apps.*.glean": {"type": "string", "pattern": f"^{IDS['glean'].form.pattern}$"},
    "collect[].items": _ITEM,
    "collect[].from": {
        "anyOf": [_one_of(one for one in Source if one is not Source.PROVIDER), {"type": "string", "pattern": _KEY}]
    },
    "controller.country": _one_of(COUNTRIES),
    "providers.*.country": _one_of(COUNTRIES),
    "recipients.*.country": _one_of(COUNTRIES),
    "recipients.*.role": _one_of(Role),
    "region": _ITEM,
    "jurisdictions.*.countries": _one_of(COUNTRIES | GROUPS.keys()),
    "jurisdictions.*.forbid[].item": _ITEM,
    "collect[].countries": _one_of(COUNTRIES | GROUPS.keys()),
    "collect[].minimum-age": _AGE,
    "jurisdictions.*.keep": _KEEP,
    "jurisdictions.*.minimum-age": _AGE,
    "jurisdictions.*.signals": _one_of([FINAL]),
    "recipients.*.told[].items": _ITEM,
    "collect[].keep": _KEEP,
    "facts.*.by": _COLUMN,
    "facts.*.measure": _ITEM,
    "facts.*.on": _one_of(Kind),
    "facts.*.device_access": _one_of(DeviceAccess),
    "counts.*.device_access": _one_of(DeviceAccess),
    "counts.*.of": _ITEM,
    "counts.*.every": _one_of(Period),
    "counts.*.by": _COLUMN,
    "counts.*.sets": _SETS,
}
"""Single words that are more than a text."""
_KEYS = {"signals.tcf": _one_of(map(str, TCF_PURPOSES)), "signals.gpp": _one_of(GPP_OPT_OUTS)}
"""Names that lead to parts, where not any may."""
_COLUMNS = {"facts.*.by", "counts.*.by"}


def schema() -> Schema:
    """The whole of it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A policy of remit",
        "description": "What is collected, what for, how long it stays, and what becomes of it.",
        **_part(""),
    }


def _part(path: str) -> Schema:
    """A mapping with the keys of the language, and no others."""
    keys = PARTS[path].split()
    return {
        "type": "object",
        "properties": {
            name: {"title": name, "description": SAYS[below], **_value(below)}
            for name in (key.rstrip("!") for key in keys)
            for below in (f"{path}.{name}" if path else name,)
        },
        "required": [key.rstrip("!") for key in keys if key.endswith("!")],
        "additionalProperties": False,
    }


def _value(path: str) -> Schema:
    if path in PARTS:
        return _part(path)
    if f"{path}[]" in PARTS:
        part = _part(f"{path}[]")
        listed = _listed({"anyOf": [_ITEM, part]} if f"{path}[]" in ITEMS_TOO else part)["anyOf"]
        return {"anyOf": [*listed, *({"enum": [word]} for at, word in NOTHING.items() if at == f"{path}[]")]}
    one = _VALUES.get(path, _TEXT)
    if path in _COLUMNS:
        named: Schema = {"type": "object", "additionalProperties": one, "minProperties": 1}
        return {"anyOf": [named, *_listed(one)["anyOf"]]}
    if path in MAPPINGS:
        below = _part(f"{path}.*") if f"{path}.*" in PARTS else _listed(one) if f"{path}.*" in LISTS else one
        named = {"propertyNames": _KEYS[path]} if path in _KEYS else {}
        filled = {"type": "object", "minProperties": 1} if path in FILLED else {"type": ["object", "null"]}
        return {**filled, "additionalProperties": below, **named}
    return _listed(one) if path in LISTS else one


def _listed(one: Schema) -> Schema:
    """A list of these, or a single one."""
    return {"anyOf": [{"type": "array", "items": one, "minItems": 1}, one]}
