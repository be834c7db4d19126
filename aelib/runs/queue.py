"""Who may train: as many runs at once as a setting says, and as many as memory has room for; the next ones wait
in a queue. Places and memory go round the visitors."""

from __future__ import annotations

import itertools
import math
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from aelib.host.settings import MAX_TRAINING
from aelib.runs.status import Shortage


@dataclass(frozen=True)
class _Member:
    """`number`: in the order of coming; `trains`: does it need a place among those who train, or only memory?
    `yields`: is it behind all who do not? `moved`: what to call when its place has changed, or its memory is wanted."""

    visitor: str
    number: int
    megabytes: float
    trains: bool
    yields: bool
    moved: Callable[[], None]


class TrainingQueue:
    """Members in the order of dominant shares (Ghodsi et al. 2011): each is behind those whose visitor has, with them,
    a smaller part of the places or of the memory, whichever is larger. So a visitor who has nothing yet takes what the
    youngest runs of those have who have most.

    A member that is let in holds its memory until it is told that it is free, though it left long ago.
    """

    def __init__(self, memory: Callable[[], float] = lambda: math.inf) -> None:
        """`memory`: how many megabytes all members may hold together. One may always hold as much as it needs."""
        self._memory = memory
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._members: dict[Hashable, _Member] = {}
        self._places: dict[Hashable, int] = {}
        self._held: dict[Hashable, _Member] = {}
        # Those that wait for memory, and those that hold some which others are to have.
        self._short: set[Hashable] = set()
        self._wanted: set[Hashable] = set()
        self._closed = False

    def join(
        self,
        member: Hashable,
        visitor: str,
        moved: Callable[[], None],
        *,
        megabytes: float = 0.0,
        trains: bool = True,
        yields: bool = False,
    ) -> int:
        """The place of `member`, who stays in the queue if it is there: 0 for one that is let in, n for the n-th of
        those who wait. One that `yields` is behind all others. `moved` is called, from another's thread, whenever the
        place has changed."""
        with self._lock:
            known = self._members.get(member)
            if known is not None and known.trains == trains:
                return self._places[member]
            number = next(self._numbers) if known is None else known.number
            self._members[member] = _Member(visitor, number, megabytes, trains, yields, moved)
            moves = self._arrange()
            place = self._places[member]
        _call(moves, but=moved)
        return place

    def leave(self, member: Hashable) -> None:
        """It wants no place any more, and may still have memory. Nothing happens where it is not in the queue."""
        with self._lock:
            moves = [] if self._members.pop(member, None) is None else self._arrange()
        _call(moves)

    def free(self, member: Hashable) -> None:
        """Nothing of it is in memory any more."""
        with self._lock:
            moves = [] if self._held.pop(member, None) is None else self._arrange()
        _call(moves)

    def review(self, closed: bool) -> None:
        """How much memory there is may have changed. While the queue is `closed`, because memory is scarcer than was
        estimated, nobody is let in."""
        with self._lock:
            self._closed = closed
            moves = self._arrange()
        _call(moves)

    def holds(self, member: Hashable) -> bool:
        """Was it let in, and has not given its memory back?"""
        return member in self._held

    def shortage(self, member: Hashable) -> Shortage:
        """What does it wait for, where it waits?"""
        one = self._members.get(member)
        if one is None or member not in self._short:
            return Shortage.NONE
        return Shortage.ALL_MEMORY if one.megabytes > self._memory() else Shortage.MEMORY

    def is_wanted(self, member: Hashable) -> bool:
        """Do others wait for the memory that it holds, though it is not its turn any more?"""
        return member in self._wanted

    def share(self, member: Hashable) -> float:
        """Which part of the engine's time a member has that trains: as much as every other visitor, divided among the
        runs of the same one."""
        with self._lock:
            training = self._trainees()
            mine = training[self._members[member].visitor] if member in self._members else 0
            return 1 / (max(1, mine) * max(1, len(training)))

    def companions(self, member: Hashable) -> int:
        """How many members of the same visitor train, with it; at least 1."""
        with self._lock:
            one = self._members.get(member)
            return max(1, self._trainees()[one.visitor]) if one is not None else 1

    def _trainees(self) -> Counter[str]:
        """How many members of each visitor train."""
        return Counter(one.visitor for name, one in self._members.items() if one.trains and self._places[name] == 0)

    @property
    def training(self) -> int:
        """How many train."""
        with self._lock:
            return self._trainees().total()

    def _arrange(self) -> list[Callable[[], None]]:
        """Gives everybody a place again; what is to be called of those for whom something has changed."""
        before, wanted_before = self._places, self._wanted
        budget, most = self._memory(), MAX_TRAINING.value
        held = sum(one.megabytes for one in self._held.values())
        self._places, self._short, self._wanted = {}, set(), set()
        # Of those in front: how many train, and what they need. They are entitled to it, though it may not be free yet.
        trained, due, entitled = 0, 0.0, set[Hashable]()
        for name in self._order():
            one = self._members[name]
            if one.trains and trained >= most:
                continue
            if entitled and due + one.megabytes > budget:
                self._short.add(name)
                continue
            trained, due = trained + one.trains, due + one.megabytes
            entitled.add(name)
            if name not in self._held and held and (self._closed or held + one.megabytes > budget):
                self._short.add(name)
                continue
            held += 0 if name in self._held else one.megabytes
            self._held[name] = one
            self._places[name] = 0
        waiting = itertools.count(1)
        self._places |= {name: next(waiting) for name in self._order() if name not in self._places}
        if self._short & entitled:
            self._wanted = self._held.keys() - entitled
        moved = [name for name in self._members if before.get(name, self._places[name]) != self._places[name]]
        asked = [name for name in self._wanted - wanted_before if name not in moved]
        return [self._members[name].moved for name in moved] + [self._held[name].moved for name in asked]

    def _order(self) -> list[Hashable]:
        """Members by their dominant share, and in the order of their coming where that is the same."""
        places, memory = MAX_TRAINING.value, max(1.0, self._memory())
        trained: Counter[str] = Counter()
        held: defaultdict[str, float] = defaultdict(float)
        shares = {}
        for name, one in self._members.items():
            trained[one.visitor] += one.trains
            held[one.visitor] += one.megabytes
            share = max(trained[one.visitor] / places, held[one.visitor] / memory)
            shares[name] = one.yields, share, one.number
        return sorted(shares, key=shares.__getitem__)


def _call(moves: list[Callable[[], None]], but: Callable[[], None] | None = None) -> None:
    for moved in moves:
        if moved is not but:
            moved()
