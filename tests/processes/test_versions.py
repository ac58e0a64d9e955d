"""Versions of a policy that were adopted by an earlier build."""

from pathlib import Path

import pytest
from running import POLICY
from sqlalchemy import create_engine

from remit.house import NotReady, VaultHouse, open_vault_house, prepare
from remit.policy.compile import compiled
from remit.policy.model import Policy
from remit.ports import Adoption
from remit.settings import Settings
from remit.stores.ledger import SqlLedger

SOUND = POLICY.read_text(encoding="utf-8")
LATER_REFUSED = SOUND.replace(
    "says: to learn which pages and features are used and how fast they are", "says: to improve our services"
)


def opened(folder: Path, *texts: str) -> VaultHouse:
    """A house in which these texts were adopted, one after another, by a build with other checks."""
    settings = Settings(data=folder / "data", keys=folder / "keys", policy=None)
    prepare(settings)
    engine = create_engine(f"sqlite:///{settings.personal / 'ledger.db'}")
    ledger = SqlLedger(engine)
    for number, text in enumerate(texts, start=1):
        ledger.adopt(Adoption(number, text.replace("version: 1\n", f"version: {number}\n"), number))
    engine.dispose()
    return open_vault_house(settings, lambda _process, _sums: None)


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
