"""One row of the ledger lets a version come into force, wherever it is interrupted."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from stands import StillClock

from remit.flows.adopt import Adopting, AdoptingWorld, NotAdopted, settle
from remit.policy.model import Policy
from remit.ports import Adoption
from remit.proof.memory import MemoryLedger
from remit.settings import Settings

FIRST = (Path(__file__).parents[1] / "server/narrow.yaml").read_text(encoding="utf-8")
SECOND, THIRD = (FIRST.replace("version: 1\n", f"version: {n}\n") for n in (2, 3))


class Cut(Exception):
    """What happens to a process that is killed, as far as one process can play it."""


@dataclass
class House:
    """A first version is in force; ``cut`` names the step during which everything ends."""

    cut: str = ""
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger.adopt(Adoption(1, FIRST, 0))
        world = AdoptingWorld(ledger=self, clock=StillClock(), prepare=self.prepare, go_over=self.go_over)
        self.flow = Adopting(world)
        self.choose, self.choices, self.adoptions = self.ledger.choose, self.ledger.choices, self.ledger.adoptions
        self.receipt = self.ledger.receipt

    def prepare(self, _text: str) -> None:
        self._step("prepare")

    def adopt(self, adoption: Adoption) -> None:
        self._step("row")
        self.ledger.adopt(adoption)

    def go_over(self, policy: Policy) -> None:
        self._step(f"version {policy.version}")

    def _step(self, name: str) -> None:
        if self.cut and name.startswith(self.cut):
            raise Cut
        self.done.append(name)

    def versions(self) -> list[int]:
        return [one.version for one in self.ledger.adoptions()]


def test_what_is_needed_besides_comes_before_the_row_and_everybody_goes_over_after_it() -> None:
    """Whoever asks again for the text in force makes everybody go over once more, and adds no row."""
    house = House()
    assert [2, 2] == [house.flow.adopt(SECOND, 1), house.flow.adopt(SECOND, 1)]

    assert ["prepare", "row", "version 2", "version 2"] == house.done
    assert [1, 2] == house.versions()


@pytest.mark.parametrize(("cut", "in_force"), [("prepare", 1), ("row", 1), ("version", 2)])
def test_wherever_it_is_cut_off_it_happened_or_it_did_not_and_completes_when_it_is_asked_again(
    cut: str, in_force: int
) -> None:
    """Before the row the version before is in force, and from it on the next; asking again ends with one row."""
    house = House(cut=cut)
    with pytest.raises(Cut):
        house.flow.adopt(SECOND, 1)
    assert in_force == house.versions()[-1]

    house.cut = ""
    assert 2 == house.flow.adopt(SECOND, 1)
    assert [1, 2] == house.versions()
    assert "version 2" == house.done[-1]


def test_only_a_sound_higher_version_is_adopted_and_only_in_the_place_of_the_one_it_was_compared_with() -> None:
    """Each refusal says why, and neither makes anything nor adds a row."""
    house = House()
    house.flow.adopt(SECOND, 1)
    before = list(house.done)
    for text, after, says in (
        (FIRST, 2, "its version is 1: raise it above 2"),
        (SECOND.replace("k: 5", "k: 6"), 2, "its version is 2: raise it above 2"),
        (THIRD.replace("basis: consent", "basis: whim"), 2, "basis"),
        (THIRD, 1, "version 2 was adopted meanwhile"),
    ):
        with pytest.raises(NotAdopted, match=says):
            house.flow.adopt(text, after)

    assert (before, [1, 2]) == (house.done, house.versions())


def test_what_was_in_force_before_can_be_again_under_a_higher_number() -> None:
    """Going back is a version like any other."""
    house = House()
    house.flow.adopt(SECOND.replace("k: 5", "k: 4"), 1)

    assert 3 == house.flow.adopt(THIRD, 2)
    assert [1, 2, 3] == house.versions()


def started(folder: Path, text: str, *, adopt: bool = False) -> list[int]:
    """The versions in force in turn, where a house of the first two starts with a file. Raises NotAdopted."""
    house, file = House(), folder / "my remit.yaml"
    house.ledger.adopt(Adoption(2, SECOND, 0))
    file.write_text(text, encoding="utf-8")
    settle(house.ledger, Settings(data=folder, keys=folder, policy=file, adopt=adopt), StillClock())
    return house.versions()


def test_a_start_adopts_a_changed_file_where_that_is_asked_for_and_says_else_what_to_type(tmp_path: Path) -> None:
    """The adopted text starts; an older one and a changed one do not, and words that a shell takes say what helps."""
    assert [1, 2] == started(tmp_path, SECOND)
    assert [1, 2, 3] == started(tmp_path, THIRD, adopt=True)
    with pytest.raises(NotAdopted, match="has changed since version 2") as told:
        started(tmp_path, THIRD)
    commands = [shlex.split(line) for line in str(told.value).splitlines() if line.startswith("  remit ")]
    file = str(tmp_path / "my remit.yaml")
    assert [["remit", "diff", "adopted", file], ["remit", "adopt", file]] == [
        line[: line.index("--data")] for line in commands
    ]
    with pytest.raises(NotAdopted, match=r"is version 1, and version 2 has been adopted here since"):
        started(tmp_path, FIRST)
    with pytest.raises(NotAdopted, match="raise it above 2"):
        started(tmp_path, FIRST, adopt=True)
