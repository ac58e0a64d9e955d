"""What every ledger promises, in memory, on SQLite and on PostgreSQL; and what the tables refuse by themselves."""

import hashlib
from dataclasses import replace

import pytest
import stands
from sqlalchemy import Engine, Table, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from stands import NOW, Stand

from remit.policy.words import Choice, PurposeKey
from remit.ports import Adoption, Last, Receipt
from remit.stores.tables import ADOPTION, BLOCK, RECEIPT, RECEIPT_TAG

postgres, stand, stored = stands.postgres, stands.stand, stands.stored
ADS, LEARN = PurposeKey("ads"), PurposeKey("learn")
SHA = hashlib.sha256(b"x").digest()
BLOCK_ROW = {"id": 1, "subject": 1, "version": 1, "rule": 0, "received": 1, "expires": 2, "sealed": bytes(40)}
RECEIPT_ROW = {"number": 9, "id": "x", "at": 1, "version": 1, "purpose": "p", "choice": "grant"}
ADOPTION_ROW = {"version": 9, "text": "x", "sha256": SHA, "at": 1}
BAD = [
    (BLOCK, BLOCK_ROW, {"expires": 1}),
    (BLOCK, BLOCK_ROW, {"sealed": bytes(28)}),
    (BLOCK, BLOCK_ROW, {"version": 0}),
    (RECEIPT, RECEIPT_ROW, {"choice": "maybe"}),
    (RECEIPT, RECEIPT_ROW, {"purpose": ""}),
    (RECEIPT, RECEIPT_ROW, {"version": 0}),
    (ADOPTION, ADOPTION_ROW, {"sha256": b"short"}),
    (ADOPTION, ADOPTION_ROW, {"version": 0}),
]


def receipt(number: int, purpose: PurposeKey, choice: Choice) -> Receipt:
    return Receipt(f"receipt-{number}", NOW, 1, purpose, choice)


def engine(stand: Stand) -> Engine:
    assert stand.engine is not None
    return stand.engine


def test_the_last_word_counts(stand: Stand) -> None:
    """Choices are read in the order in which they were made, per tag and purpose, even within one moment."""
    ledger = stand.ledger()
    said = [
        (ADS, Choice.GRANT, b"a"),
        (LEARN, Choice.REFUSE, b"a"),
        (ADS, Choice.REFUSE, b"a"),
        (ADS, Choice.GRANT, b"b"),
    ]
    for number, (purpose, choice, tag) in enumerate(said):
        ledger.choose(receipt(number, purpose, choice), [tag])

    assert {
        b"a": {ADS: Last(Choice.REFUSE, 1), LEARN: Last(Choice.REFUSE, 1)},
        b"b": {ADS: Last(Choice.GRANT, 1)},
    } == ledger.choices()


def test_a_choice_holds_for_all_its_tags(stand: Stand) -> None:
    """One receipt, several identifiers of one subject; the same one twice is one."""
    ledger = stand.ledger()
    ledger.choose(receipt(1, ADS, Choice.REFUSE), [b"a", b"b", b"a"])

    assert {b"a": {ADS: Last(Choice.REFUSE, 1)}, b"b": {ADS: Last(Choice.REFUSE, 1)}} == ledger.choices()


def test_a_choice_of_nobody_is_refused(stand: Stand) -> None:
    """Without a tag nothing is written."""
    ledger = stand.ledger()
    with pytest.raises(ValueError, match="tag"):
        ledger.choose(receipt(1, ADS, Choice.REFUSE), [])

    assert {} == ledger.choices()


def test_a_receipt_is_taken_once(stand: Stand) -> None:
    """Said again, what stands is answered, as old as it was, and overrides nothing that was said since.

    Whoever is known by more names by then is the same; another choice or other names under its id are refused.
    """
    ledger, first = stand.ledger(), receipt(1, ADS, Choice.GRANT)
    assert first == ledger.choose(first, [b"a", b"b"])
    ledger.choose(receipt(2, ADS, Choice.REFUSE), [b"a"])

    again = replace(first, at=NOW + 1, version=2)
    assert [first, first] == [ledger.choose(again, tags) for tags in ([b"a", b"b"], [b"b", b"a", b"c"])]
    for other, tags in (
        (replace(again, choice=Choice.REFUSE), [b"a", b"b"]),
        (replace(again, purpose=LEARN), [b"a", b"b"]),
        (again, [b"a"]),
        (again, [b"c"]),
    ):
        with pytest.raises(ValueError, match="another choice"):
            ledger.choose(other, tags)
    assert {b"a": {ADS: Last(Choice.REFUSE, 1)}, b"b": {ADS: Last(Choice.GRANT, 1)}} == ledger.choices()
    assert [first, None] == [ledger.receipt(first.id), ledger.receipt("receipt-3")]


def test_versions_only_rise(stand: Stand) -> None:
    """A version is adopted once, and never an older one after a newer; texts come back as they were."""
    ledger = stand.ledger()
    ledger.adopt(Adoption(2, "two: é", NOW))
    for version in (1, 2):
        with pytest.raises(ValueError, match="not higher"):
            ledger.adopt(Adoption(version, "again", NOW))
    ledger.adopt(Adoption(5, "five", NOW + 1))

    assert [Adoption(2, "two: é", NOW), Adoption(5, "five", NOW + 1)] == ledger.adoptions()


@pytest.mark.parametrize("table", [ADOPTION, RECEIPT, RECEIPT_TAG], ids=str)
@pytest.mark.parametrize("act", ["update {0} set {1} = {1}", "delete from {0}"])
def test_the_database_refuses_to_change_the_ledger(stored: Stand, table: Table, act: str) -> None:
    """Not even a statement past our code changes or removes what was written."""
    ledger = stored.ledger()
    ledger.adopt(Adoption(1, "one", NOW))
    ledger.choose(receipt(1, ADS, Choice.REFUSE), [b"a"])
    statement = act.format(table.name, next(iter(table.c)).name)
    with pytest.raises(DBAPIError, match="append-only"), engine(stored).begin() as db:
        db.execute(text(statement))

    assert [1] == [adoption.version for adoption in ledger.adoptions()]
    assert {b"a": {ADS: Last(Choice.REFUSE, 1)}} == ledger.choices()


def test_replacing_and_truncating_are_changes_too(stored: Stand) -> None:
    """The dialects' own ways around a trigger are closed."""
    ledger = stored.ledger()
    ledger.adopt(Adoption(1, "one", NOW))
    ways = {"sqlite": "replace into adoption select version, 'other', sha256, at from adoption",
            "postgresql": "truncate adoption"}  # fmt: skip
    with pytest.raises(DBAPIError, match="append-only"), engine(stored).begin() as db:
        db.execute(text(ways[db.dialect.name]))

    assert [Adoption(1, "one", NOW)] == ledger.adoptions()


def test_a_changed_text_is_not_passed_off_as_the_adopted(stored: Stand) -> None:
    """A row that bears another text's hash is not read as a policy."""
    ledger = stored.ledger()
    with engine(stored).begin() as db:
        db.execute(ADOPTION.insert().values({**ADOPTION_ROW, "text": "y"}))

    with pytest.raises(ValueError, match="not the one that was adopted"):
        ledger.adoptions()


@pytest.mark.parametrize(("table", "good", "wrong"), BAD, ids=lambda x: "-".join(x) if isinstance(x, dict) else "")
def test_the_table_refuses_what_the_type_refuses(
    stored: Stand, table: Table, good: dict[str, object], wrong: dict[str, object]
) -> None:
    """The good row is taken, and the same row with one wrong value is not."""
    stored.vault()
    stored.ledger()
    with pytest.raises(IntegrityError), engine(stored).begin() as db:
        db.execute(table.insert().values({**good, **wrong}))
    with engine(stored).begin() as db:
        db.execute(table.insert().values(good))
