"""What one comparison of a system with its policy came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One thing that has to hold: ``told`` is how much was compared, ``found`` all that speaks against it."""

    name: str
    group: str
    says: str
    told: str = ""
    found: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.found


def some(n: int, word: str) -> str:
    """So many of them: 1 app, 2 apps."""
    return f"{n:,} {word}{'' if n == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class NotYet:
    """Something that nothing here compares, and why."""

    what: str
    why: str
