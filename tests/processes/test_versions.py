"""Versions of a policy that were adopted by an earlier build."""

from pathlib import Path
from uuid import uuid4

import pytest
from running import POLICY
from sqlalchemy import create_engine

from remit.house import NotReady, VaultHouse, open_vault_house, prepare
from remit.policy.choices import SILENT
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.policy.words import PurposeKey
from remit.ports import Adoption
from remit.settings import Settings
from remit.stores.ledger import SqlLedger
from remit.stores.link import Server
from remit.stores.news import Listener

SOUND = POLICY.read_text(encoding="utf-8")
LATER_REFUSED = SOUND.replace(
    "says: to learn which pages and features are used and how fast they are", "says: to improve our services"
)


REWORDED = SOUND.replace("to learn which advertisements led you to us", "to show you what you may like")
PHONE = "123e4567-e89b-42d3-a456-426614174000"


def opened(folder: Path, *texts: str) -> VaultHouse:
    """A house in which these texts were adopted, one after another, by a build with other checks."""
    settings = Settings(data=folder / "data", keys=folder / "keys", policy=None)
    prepare(settings)
    engine = create_engine(f"sqlite:///{settings.personal / 'ledger.db'}")
    ledger = SqlLedger(engine)
    for number, text in list(enumerate(texts, start=1))[len(ledger.adoptions()) :]:
        ledger.adopt(Adoption(number, text.replace("version: 1\n", f"version: {number}\n"), number))
    engine.dispose()
    return open_vault_house(settings, lambda _process, _sums: None)


def choose(house: VaultHouse, *saying: str) -> None:
    """Somebody grants or refuses a purpose."""
    house.vault["choose"](str(uuid4()), *saying, "", None)


def test_a_stricter_check_shuts_no_house(tmp_path: Path) -> None:
    """A text that this build would not adopt, and an earlier one did, is in force, and so are those before it."""
    assert not isinstance(compiled(LATER_REFUSED, "remit.yaml"), Policy)

    house = opened(tmp_path, LATER_REFUSED, SOUND, LATER_REFUSED)

    assert 3 == house.policy.version
    house.close()


def test_a_word_that_this_build_does_not_have_is_told(tmp_path: Path) -> None:
    """A house of a later build does not open, and its words say which version it is and what to do."""
    with pytest.raises(NotReady, match=r"version 2.*fortnight.*go back to the build"):
        opened(tmp_path, SOUND, SOUND.replace("every: [day, month]", "every: [day, fortnight]"))


def test_a_consent_to_other_words_is_none_to_these(tmp_path: Path) -> None:
    """Workers hear of a consent while the purpose says what was consented to, and of a refusal whatever it says."""
    house = opened(tmp_path, SOUND)
    choose(house, PHONE, "measure-ads", "grant")
    choose(house, PHONE, "learn-usage", "refuse")
    assert (True, True) == heard(house, tmp_path)
    house.close()

    house = opened(tmp_path, SOUND, SOUND)
    assert (True, True) == heard(house, tmp_path)
    house.close()
    house = opened(tmp_path, SOUND, SOUND, REWORDED)
    assert (False, True) == heard(house, tmp_path)
    choose(house, PHONE, "measure-ads", "grant")
    assert (True, True) == heard(house, tmp_path)
    house.close()


def test_a_refusal_holds_whatever_the_words(tmp_path: Path) -> None:
    """Who refused what a purpose said has refused what it says since, and has not to say so again."""
    house = opened(tmp_path, SOUND)
    choose(house, PHONE, "measure-ads", "refuse")
    house.close()
    house = opened(tmp_path, SOUND, REWORDED)
    door = Server(tmp_path / "ledger.sock", house.ledger, house.watchers)
    told = Listener(tmp_path / "ledger.sock", print).wait(20)
    door.close()
    house.close()

    assert told is not None
    assert [{"measure-ads": "refuse"}] * len(told.choices) == [dict(one) for one in told.choices.values()]
    assert told.choices


def heard(house: VaultHouse, folder: Path) -> tuple[bool, bool]:
    """Whether a worker that asks now hears of a consent, and of a refusal."""
    door = Server(folder / "ledger.sock", house.ledger, house.watchers)
    told = Listener(folder / "ledger.sock", print).wait(20)
    door.close()
    assert told is not None
    (said,) = {words for tag, words in told.table(house.policy).tags.items() if words != SILENT} or {SILENT}
    bits = {key: 1 << i for i, key in enumerate(house.policy.purposes)}
    return bool(said.granted & bits[PurposeKey("measure-ads")]), bool(said.refused & bits[PurposeKey("learn-usage")])
