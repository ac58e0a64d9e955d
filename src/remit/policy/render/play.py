"""Google Play's Data safety form, filled in as far as the policy answers: a CSV as the Play Console has it.

Sharing is what recipients are told who decide for themselves; who works for the controller is none in Google's sense.
Nothing is *ephemeral* in Google's sense either: what comes in is sealed on a disk before it is acknowledged, if only
for minutes. Answers that the policy does not give stay blank, and ``unstated`` lists them.
"""

from collections.abc import Iterator

from remit.policy.model import DocumentAnswers, Policy
from remit.policy.render.gathered import Told, by_term, is_choice, purposes_of, shared_for, terms_of, without_term
from remit.policy.render.play_form import DATA_TYPES, GENERAL_ROWS, USAGE_ROWS, DataType, Row
from remit.policy.render.writing import comma_separated
from remit.policy.words import AccountMethod

COLUMNS = [
    "Question ID (machine readable)",
    "Response ID (machine readable)",
    "Response value",
    "Answer requirement",
    "Human-friendly question label",
]
ASKED = {
    "PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT": "whether the app's connections are encrypted",
    "PSL_SUPPORTED_ACCOUNT_CREATION_METHODS": "how accounts are created",
    "PSL_ACCOUNT_DELETION_URL": "the page on which people ask to have their account deleted",
    "PSL_DATA_DELETION_URL": "the page on which people ask to have data deleted",
}
"""What Google asks of apps that collect something, and a policy may leave open."""

_METHODS = {
    AccountMethod.PASSWORD: "PSL_ACM_USER_ID_PASSWORD",
    AccountMethod.OTHER: "PSL_ACM_USER_ID_OTHER_AUTH",
    AccountMethod.PASSWORD_AND_OTHER: "PSL_ACM_USER_ID_PASSWORD_OTHER_AUTH",
    AccountMethod.OAUTH: "PSL_ACM_OAUTH",
    AccountMethod.NONE: "PSL_ACM_NONE",
}


def data_safety(policy: Policy) -> str:
    """The form as CSV."""
    return comma_separated([COLUMNS, *_rows(policy)])


def _rows(policy: Policy) -> Iterator[list[str]]:
    told = by_term(policy, lambda terms: terms.play)
    for row in GENERAL_ROWS:
        yield _written(row.question, row, _general(policy, row, collects=bool(told)))
    for kind in DATA_TYPES:
        row = Row(kind.group, kind.key, "MULTIPLE_CHOICE", f"{kind.group_label} / {kind.label}")
        yield _written(row.question, row, _flag(kind.key in told))
    for kind in DATA_TYPES:
        for row in USAGE_ROWS:
            value = _usage(policy, row, told[kind.key]) if kind.key in told else ""
            yield _written(f"PSL_DATA_USAGE_RESPONSES:{kind.key}:{row.question}", _of(kind, row), value)


def _of(kind: DataType, row: Row) -> Row:
    return row._replace(label=f"Data usage and handling ({kind.label}) / {row.label}")


def _written(question: str, row: Row, value: str) -> list[str]:
    return [question, row.response, value, row.requirement, row.label]


def _general(policy: Policy, row: Row, *, collects: bool) -> str:
    if row.question == "PSL_DATA_COLLECTION_COLLECTS_PERSONAL_DATA":
        return _flag(collects)
    if not collects:
        return ""
    if row.question == "PSL_SUPPORT_DATA_DELETION_BY_USER":
        # Every notice says whom to write to for erasure, and `remit forget` does it.
        return _flag(row.response == "DATA_DELETION_YES")
    return _stated(policy.documents, row) if row.question in ASKED else ""


def _stated(documents: DocumentAnswers, row: Row) -> str:
    """What the policy itself answers; blank, where it says nothing."""
    match row.question:
        case "PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT":
            return "" if documents.encrypted is None else _flag(documents.encrypted)
        case "PSL_SUPPORTED_ACCOUNT_CREATION_METHODS":
            return _flag(row.response in {_METHODS[one] for one in documents.accounts}) if documents.accounts else ""
        case "PSL_ACCOUNT_DELETION_URL":
            return documents.delete_account or ""
        case _:
            return documents.delete_data or ""


def _open(documents: DocumentAnswers) -> list[str]:
    """What Google asks of every app that collects, and the policy leaves open."""
    answered = {
        "PSL_DATA_COLLECTION_ENCRYPTED_IN_TRANSIT": documents.encrypted is not None,
        "PSL_SUPPORTED_ACCOUNT_CREATION_METHODS": bool(documents.accounts),
        "PSL_ACCOUNT_DELETION_URL": bool(documents.delete_account) or documents.accounts == (AccountMethod.NONE,),
        "PSL_DATA_DELETION_URL": bool(documents.delete_data),
    }
    return [f"{question}: {says}" for question, says in ASKED.items() if not answered[question]]


def _usage(policy: Policy, row: Row, told: Told) -> str:
    match row.question:
        case "PSL_DATA_USAGE_COLLECTION_AND_SHARING":
            shared = bool(shared_for(policy, told))
            return _flag(row.response == "PSL_DATA_USAGE_ONLY_COLLECTED" or shared)
        case "PSL_DATA_USAGE_EPHEMERAL":
            return _flag(False)
        case "DATA_USAGE_USER_CONTROL":
            choice = "OPTIONAL" if is_choice(policy, told) else "REQUIRED"
            return _flag(row.response == f"PSL_DATA_USAGE_USER_CONTROL_{choice}")
        case "DATA_USAGE_COLLECTION_PURPOSE":
            return _flag(row.response in {terms_of(policy, purpose).play for purpose in purposes_of(policy, told)})
        case "DATA_USAGE_SHARING_PURPOSE" if purposes := shared_for(policy, told):
            return _flag(row.response in {terms_of(policy, purpose).play for purpose in purposes})
        case _:
            return ""


def _flag(value: bool) -> str:
    return "TRUE" if value else "FALSE"


def unstated(policy: Policy) -> list[str]:
    """What Google asks and the policy has no answer to; among it, purposes that Google has no word for."""
    told = by_term(policy, lambda terms: terms.play)
    if not told:
        return []
    labels = {kind.key: kind.label for kind in DATA_TYPES}
    typeless = without_term(policy, lambda terms: terms.play)
    return [
        *_open(policy.documents),
        *(f"PSL_DATA_TYPES of {title}: Google has none; say what the app makes of it" for title in typeless),
        *(
            f"DATA_USAGE_COLLECTION_PURPOSE of {labels[key]}: what Google would call '{purpose}'"
            for key, items in told.items()
            for purpose in purposes_of(policy, items)
            if terms_of(policy, purpose).play is None
        ),
    ]
