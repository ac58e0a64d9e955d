"""Forgetting through the vault keeper's methods."""

import sqlite3
from pathlib import Path

import pytest
from running import POLICY

from remit.flows.load import pack_personal
from remit.house import open_vault_house, prepare
from remit.policy.columns import Rows
from remit.policy.split import Block, Name
from remit.policy.words import Item
from remit.settings import Settings
from remit.stores.link import Declined

WHO = Name(Item("account.id"), "u-1")


def test_traces_that_remain_are_told_in_words(tmp_path: Path) -> None:
    """While something reads the store the caller hears that the subject is forgotten; asked again, it is done."""
    settings = Settings(data=tmp_path / "data", keys=tmp_path / "keys", policy=POLICY)
    prepare(settings)
    house = open_vault_house(settings, lambda _process, _sums: None)
    rule = next(rule.index for rule in house.policy.collect if rule.keep is not None)
    house.vault["take"](
        b"1", pack_personal([Block((WHO,), house.policy.version, rule, 0, Rows.made([{WHO.item: "u-1"}]))])
    )
    reader = sqlite3.connect(settings.personal / "vault.db")
    reader.execute("begin")
    reader.execute("select * from block").fetchall()

    with pytest.raises(Declined, match=r"forgotten: .* ask again"):
        house.vault["forget"]("u-1")
    reader.close()
    assert 0 == house.vault["forget"]("u-1")
    house.close()
