"""Whose turn it is: start-time fair queueing (Goyal, Vin and Cheng 1996) between the visitors of a server."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Turn:
    """A task of `who` that is expected to take so many `seconds`, each of which counts as `1 / weight`. Of all tasks
    that wait, the one with the lowest `start` goes first."""

    who: Hashable
    start: float
    seconds: float
    weight: float = 1.0


class Turns:
    """All who send tasks get equal time, or as much as their weights say, however many tasks each of them sends.

    The tasks of each start one after another on a clock of their own, which the tasks of others do not advance. Whoever
    sent nothing for a while starts at the present of all (`_now`): before everything that others have sent in advance,
    but time that was not used is not saved up.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0.0
        # When the next task of each starts.
        self._next: dict[Hashable, float] = {}
        self._waiting = 0

    def take(self, who: Hashable, seconds: float, weight: float = 1.0) -> Turn:
        """The turn of somebody's next task."""
        with self._lock:
            turn = Turn(who, max(self._now, self._next.get(who, 0.0)), seconds, weight)
            self._next[who] = turn.start + seconds / weight
            self._waiting += 1
            return turn

    def end(self, turn: Turn, seconds: float) -> None:
        """The task came to its end after so many seconds, or was taken back after none."""
        with self._lock:
            self._now = max(self._now, turn.start)
            self._next[turn.who] += (seconds - turn.seconds) / turn.weight
            self._waiting -= 1
            if not self._waiting:
                # Nobody is owed anything where nobody waits.
                self._next.clear()
