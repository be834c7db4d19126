"""Who may train: as many runs at once as a setting says; the next ones stand in line. Places go round the visitors."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from aelib.settings import MAX_TRAINING


@dataclass(frozen=True)
class _Member:
    """`number`: in the order of coming; `moved`: what to call when the place has changed."""

    visitor: str
    number: int
    moved: Callable[[], None]


class Line:
    """The first member of every visitor in the order of their coming, then the second of every visitor, and so on. The
    first `MAX_TRAINING` train: a visitor who has no place yet takes that of the youngest run of whoever has most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._members: dict[Hashable, _Member] = {}
        self._places: dict[Hashable, int] = {}

    def join(self, member: Hashable, visitor: str, moved: Callable[[], None]) -> int:
        """The place of `member`, who stays in line if it is there: 0 for one that may train, n for the n-th of those
        who wait. `moved` is called, from another's thread, whenever the place has changed."""
        with self._lock:
            if member in self._members:
                return self._places[member]
            self._members[member] = _Member(visitor, next(self._numbers), moved)
            moves = self._arrange()
            place = self._places[member]
        for call in moves:
            call()
        return place

    def leave(self, member: Hashable) -> None:
        """Lets those behind move up; nothing happens where it is not in line."""
        with self._lock:
            if self._members.pop(member, None) is None:
                return
            moves = self._arrange()
        for call in moves:
            call()

    def share(self, member: Hashable) -> float:
        """Which part of the engine's time a member has that trains: as much as every other visitor, divided among the
        runs of the same one."""
        with self._lock:
            training = Counter(self._members[one].visitor for one, place in self._places.items() if place == 0)
            mine = training[self._members[member].visitor] if member in self._members else 0
            return 1 / (max(1, mine) * max(1, len(training)))

    @property
    def training(self) -> int:
        """How many train."""
        return min(len(self._members), MAX_TRAINING.value)

    def _arrange(self) -> list[Callable[[], None]]:
        """Gives everybody a place anew; what is to be called of those whose place is another now."""
        of_visitor: Counter[str] = Counter()
        rounds: dict[Hashable, tuple[int, int]] = {}
        for name, member in self._members.items():
            rounds[name] = of_visitor[member.visitor], member.number
            of_visitor[member.visitor] += 1
        before, most = self._places, MAX_TRAINING.value
        order = sorted(rounds, key=rounds.__getitem__)
        self._places = {name: max(0, rank + 1 - most) for rank, name in enumerate(order)}
        return [
            self._members[name].moved for name in order if self._places[name] != before.get(name, self._places[name])
        ]
