"""The catalogue leaves out nothing that "What information we collect" names, and says of each item what is true."""

from pathlib import Path

import pytest
from fideslang.default_taxonomy import DEFAULT_TAXONOMY

from remit.policy.catalogue import CATALOGUE
from remit.policy.items import PAGE, STRONGEST_FIRST
from remit.policy.render.catalogue import markdown
from remit.policy.terms import TABLE
from remit.policy.values import TYPES
from remit.policy.words import INTRINSIC, Category, Item, Label, Sensitivity

PAGE_OF_DOCS = Path(__file__).parents[2] / "docs" / "catalogue.md"
VOCABULARIES = Path(__file__).parent / "vocabularies"

NAMED: dict[Category, dict[str, str]] = {
    Category.YOU: {
        "name": "name",
        "contact information": "email phone shipping_address",
        "email address": "email",
    },
    Category.DEVICE: {
        "IMEI/OAID": "device.imei device.oaid",
        "GAID number": "device.gaid",
        "IMSI number": "device.imsi",
        "MAC address": "device.mac",
        "serial number": "device.serial",
        "system version and type": "os.version os.name",
        "ROM version": "os.rom",
        "Android version": "os.android",
        "Android ID": "device.android_id",
        "Space ID": "device.space_id",
        "screen display information": "screen.width screen.height screen.density",
        "device input information": "input.means input.method",
        "device activation time": "device.activated",
        "device manufacturer information and model name": "device.manufacturer device.model",
        "network operator": "network.operator",
        "connection type": "network.connection",
        "hardware basic configuration information": """
            hardware.processor hardware.cores hardware.memory hardware.storage hardware.graphics""",
        "usage information": "usage.starts usage.duration",
    },
    Category.PARTNER: {
        "advertising ids such as those assigned by third-party service providers": "partner.advertising_id",
    },
    Category.LOG: {
        "your use of certain features, applications and websites": "event.name screen.name page.url page.referrer",
        "cookies and other identifier technologies": "net.cookie net.client_id",
        "Internet protocol (IP) addresses": "net.ip",
        "network request information": "request.url request.host request.method request.status net.user_agent",
        "temporary message history": "message.text message.sent message.channel",
        "standard system logs": "log.line log.component log.level",
        "error crash information": """
            crash.type crash.module crash.function crash.line crash.stack crash.message crash.handled crash.in_app""",
        "registration time": "account.registered",
        "access time": "account.accessed received",
        "activity time": "account.active",
    },
    Category.THIRD_PARTY: {
        "verify your information (e.g., phone number)": "verification.result verification.method verification.time",
        "for specific account numbers": "verification.account",
        "financial transactions": "verification.reference",
        "IMEI/OAID/GAID obtained from the advertiser": "device.imei device.oaid device.gaid",
        "conversion effect data": "ad.conversion",
        "(such as clicks)": "ad.click_id ad.clicked",
        "account numbers": "social.account_id",
        "nicknames": "social.nickname",
        "avatars": "social.avatar",
        "email addresses": "email",
        "shipping address provided to us by other users": "shipping_address",
    },
    Category.NON_PERSONAL: {
        "anonymous device-related information": """
            os.name os.version os.rom os.android screen.width screen.height screen.density device.manufacturer
            device.model hardware.processor hardware.cores hardware.memory hardware.storage hardware.graphics""",
        "daily active events": "app.active_day",
        "page visit events": "page.visits",
        "page visit duration events": "page.duration",
        "session events": "session.status session.duration",
        "request duration": "request.duration",
        "number of requests": "request.count",
        "error requests": "request.errors",
        "application crash events": "app.crashes crash.handled",
        "logs generated automatically after an application crashes": "log.line crash.message",
    },
}
"""The words of the text, part by part, and the items that they mean."""

BESIDES = """
account.id device.installation device.name app.version app.name locale country timezone campaign.name campaign.source
campaign.medium campaign.term campaign.content
""".split()
"""Items that the text does not name, and that the protocols of SDKs or remit itself need."""

UNRANKED = {
    "net.ip": "a household or a town shares one",
    "device.space_id": "the first space is 0 on every device",
    "ad.click_id": "it is of one click, not of who clicked",
}
"""Identifiers under which nobody is known, and why."""

TOLD_TO_NO_STORE = {
    "net.ip": "declared as what one makes of it: an id of the device, or an approximate location",
    "verification.result": "a server of the provider tells it, no app",
    "verification.method": "as above",
    "verification.time": "as above",
    "received": "known to remit itself",
    "app.name": "known to remit itself",
}
"""Items that neither Google Play nor Apple has a type for, and why."""


def official(name: str) -> set[str]:
    """The terms of one vocabulary."""
    lines = (VOCABULARIES / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if not line.startswith("#")}


@pytest.mark.parametrize(
    ("category", "words"), [(category, words) for category, named in NAMED.items() for words in named]
)
def test_nothing_that_the_text_names_is_missing(category: Category, words: str) -> None:
    """Each word of the text has its items, in the part of the text that names them first."""
    parts = list(NAMED)
    earlier = {key for part in parts[: parts.index(category)] for keys in NAMED[part].values() for key in keys.split()}
    keys = NAMED[category][words].split()

    assert keys
    assert [] == [key for key in keys if key not in CATALOGUE]
    assert [] == [key for key in keys if key not in earlier and CATALOGUE[Item(key)].category is not category]


def test_every_item_is_named_by_the_text_or_needed_besides() -> None:
    """No item slips in unseen: what the text does not name stands on a list."""
    named = {key for part in NAMED.values() for keys in part.values() for key in keys.split()}

    assert set(CATALOGUE) == named | set(BESIDES)
    assert set() == named & set(BESIDES)


def test_each_item_stands_once() -> None:
    """Neither the page nor the table of terms says a thing twice, of which one would silently win."""
    page = [line.split()[0] for line in PAGE.splitlines() if line and line[0] not in "=#"]
    terms = [key for line in TABLE.splitlines() if line.startswith(" ") for key in line.split()]
    heads = [line.split() for line in TABLE.splitlines() if line and line[0] not in " #"]

    assert sorted(CATALOGUE) == sorted(page) == sorted(terms)
    assert len(heads) == len({tuple(head) for head in heads})


def test_titles_tell_items_apart() -> None:
    """No two items are told to people in the same words."""
    titles = [entry.title for entry in CATALOGUE.values()]

    assert sorted(set(titles)) == sorted(titles)


@pytest.mark.parametrize(
    ("vocabulary", "terms"),
    [
        ("fideslang", {str(category.fides_key) for category in DEFAULT_TAXONOMY.data_category}),
        ("dpv", official("dpv-pd")),
        ("play", official("google-play")),
        ("apple", official("apple")),
    ],
    ids=["fideslang", "dpv", "play", "apple"],
)
def test_every_term_is_official(vocabulary: str, terms: set[str]) -> None:
    """What we say in another vocabulary is a word of it: an invented one breaks Xcode's report and Play's import."""
    said = {getattr(entry.terms, vocabulary) for entry in CATALOGUE.values()} - {None}

    assert said
    assert set() == said - terms


def test_the_vocabularies_are_whole() -> None:
    """The lists are as long as their sources: 38 types of Google Play, 35 of Apple, 231 concepts of DPV."""
    assert [38, 35, 231] == [len(official(name)) for name in ("google-play", "apple", "dpv-pd")]


def test_what_has_no_term_has_a_reason() -> None:
    """All has a term of fideslang, what is about a person one of DPV, what an app sends one of each store."""
    without = {
        vocabulary: {key for key, entry in CATALOGUE.items() if getattr(entry.terms, vocabulary) is None}
        for vocabulary in ("fideslang", "dpv", "play", "apple")
    }
    nobody = {key for key, entry in CATALOGUE.items() if entry.category is Category.NON_PERSONAL} | INTRINSIC

    assert {
        "fideslang": set(),
        "dpv": nobody,
        "play": set(TOLD_TO_NO_STORE),
        "apple": set(TOLD_TO_NO_STORE),
    } == without


def test_what_identifies_is_labelled_so() -> None:
    """Nothing that recognises, reaches, quotes or charges somebody counts as identifying nobody."""
    telling = {Sensitivity.IDENTIFIER, Sensitivity.CONTACT, Sensitivity.CONTENT, Sensitivity.FINANCIAL}
    called_harmless = {key for key, entry in CATALOGUE.items() if entry.label is Label.NOT}

    assert set() == {key for key in called_harmless if CATALOGUE[key].sensitivity in telling}
    assert set() == {key for key in called_harmless if CATALOGUE[key].rank is not None}
    assert set() == {key for key in called_harmless if CATALOGUE[key].type.name in ("time", "url", "ip", "identifier")}


def test_the_non_personal_part_identifies_nobody() -> None:
    """What the text calls non-personal has no item with another label."""
    entries = [entry for entry in CATALOGUE.values() if entry.category is Category.NON_PERSONAL]

    assert {Label.NOT} == {entry.label for entry in entries}


def test_what_identifies_is_of_a_user() -> None:
    """To fideslang, a value that identifies is a user's, never the system's own."""
    system = {key for key, entry in CATALOGUE.items() if str(entry.terms.fideslang).startswith("system")}

    assert set() == {key for key in system if CATALOGUE[key].label is not Label.NOT}


def test_every_identifier_has_a_rank() -> None:
    """Who is known by an identifier can refuse, look and be forgotten under it, unless too many share it."""
    unranked = {
        key
        for key, entry in CATALOGUE.items()
        if entry.sensitivity is Sensitivity.IDENTIFIER and entry.rank is None and key not in UNRANKED
    }

    assert set() == unranked
    assert [] == [key for key in UNRANKED if CATALOGUE[Item(key)].rank is not None]
    assert {Sensitivity.IDENTIFIER, Sensitivity.CONTACT} == {
        entry.sensitivity for entry in CATALOGUE.values() if entry.rank is not None
    }


def test_ranks_are_in_a_sensible_order() -> None:
    """Unique and without a gap; what names a person before what names a device, and what is reset at will last."""
    ranked = sorted((entry for entry in CATALOGUE.values() if entry.rank), key=lambda entry: entry.rank or 0)
    labels = [entry.label for entry in ranked]
    reset = "device.oaid device.gaid net.cookie net.client_id partner.advertising_id".split()

    assert [*range(1, len(ranked) + 1)] == [entry.rank for entry in ranked]
    assert STRONGEST_FIRST == [entry.key for entry in ranked]
    assert sorted(labels, key=[Label.DIRECTLY, Label.INDIRECTLY].index) == labels
    assert reset == STRONGEST_FIRST[-len(reset) :]


def test_what_names_a_subject_has_one_form() -> None:
    """A name is compared by a form that only fitting values have, so no malformed value can be a name."""
    kinds = {entry.type.name for entry in CATALOGUE.values() if entry.rank is not None}

    assert set() == kinds & {"text", "url", "measure", "flag", "clock"}
    assert {""} == {TYPES[kind].form(value) for kind in kinds for value in ("", " ", "0", 0, True, 1.5, "null")}


def test_every_type_and_sensitivity_is_some_items() -> None:
    """The closed lists hold nothing that no item needs."""
    assert set(TYPES) == {entry.type.name for entry in CATALOGUE.values()}
    assert set(Sensitivity) == {entry.sensitivity for entry in CATALOGUE.values()}
    assert set(Category) == {entry.category for entry in CATALOGUE.values()}


def test_the_page_of_the_docs_is_of_this_catalogue() -> None:
    """Who reads docs/catalogue.md reads what is checked: `make pages` writes it anew after a change."""
    page = PAGE_OF_DOCS.read_text(encoding="utf-8")
    words = {f"| `{word}` |" for word in (*CATALOGUE, *TYPES, *Sensitivity, *Label)}

    assert markdown() == page
    assert set() == {word for word in words if word not in page}
