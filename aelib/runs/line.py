"""Who may train: as many runs at once as a setting says; the next ones stand in line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from aelib.settings import MAX_TRAINING


class Line:
    """Members in the order of their coming; the first `MAX_TRAINING` of them train."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Each with what to call when it moves up.
        self._members: dict[Hashable, Callable[[], None]] = {}

    def join(self, member: Hashable, moved: Callable[[], None]) -> int:
        """The place of `member`, who stays where it is if it has one: 0 for one that may train, n for the n-th of those
        who wait. `moved` is called, from another's thread, whenever the place has changed."""
        with self._lock:
            self._members.setdefault(member, moved)
            return max(0, list(self._members).index(member) + 1 - MAX_TRAINING.value)

    def leave(self, member: Hashable) -> None:
        """Lets those behind move up; nothing happens where it is not in line."""
        with self._lock:
            before = list(self._members)
            if member not in self._members:
                return
            moves = [self._members[other] for other in before[max(before.index(member) + 1, MAX_TRAINING.value) :]]
            del self._members[member]
        for moved in moves:
            moved()

    @property
    def training(self) -> int:
        """How many train."""
        return min(len(self._members), MAX_TRAINING.value)
