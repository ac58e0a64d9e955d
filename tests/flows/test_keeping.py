"""What the vault keeper does while another version comes into force."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from house_rules import ROOT
from stands import StillClock

from remit.flows.keeping import Keeping
from remit.flows.people import PeopleWorld
from remit.house import _vault_methods
from remit.policy.compile import adopted
from remit.ports import Words
from remit.proof.memory import MemoryLedger, MemoryVault

FIRST = adopted((ROOT / "examples/device-maker/remit.yaml").read_text(encoding="utf-8"))
SECOND = replace(FIRST, version=2, purposes={}, collect=(), facts={}, counts={})


class Turning(MemoryLedger):
    """While somebody reads what was said, something happens."""

    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    def choices(self) -> Mapping[bytes, Words]:
        """As of before, once it has happened."""
        self.meanwhile()
        return super().choices()


def test_a_question_about_somebody_is_answered_under_one_version() -> None:
    """Also when another, which does not have its purpose, comes into force while it is being answered."""
    ledger, clock = Turning(), StillClock()
    world = PeopleWorld(
        ledger=ledger,
        vault=MemoryVault(clock),
        clock=clock,
        tag_key=bytes(32),
        token_key=bytes(32),
        announce=lambda: None,
    )
    keeping = Keeping([FIRST], world)
    ledger.meanwhile = partial(keeping.go_over, SECOND)

    assert {"found": [], "keeps": True} == _vault_methods(keeping)["person"]("u-1", "run-account")
    assert SECOND == keeping.people.policy
