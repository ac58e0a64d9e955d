"""What happens when a process forks: a child has neither the threads nor the folders of its parent."""

import os
from typing import Protocol


class Forkable(Protocol):
    """What must not be in the middle of a change then, and begins anew in the child."""

    def hold(self) -> None:
        """Change nothing until ``let_go``."""

    def let_go(self) -> None:
        """Go on, in the parent."""

    def forked(self) -> None:
        """Begin anew, in the child."""


KNOWN = set[Forkable]()
_held: list[Forkable] = []


def _before() -> None:
    _held[:] = KNOWN  # who comes while others are waited for is not held
    for one in _held:
        one.hold()


def _in_parent() -> None:
    for one in _held:
        one.let_go()


def _in_child() -> None:
    for one in KNOWN:
        one.forked()


os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
