"""A visitor's hand on a tab: while it moves, what the tab has asked for and takes long gives way to what follows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# The hand rests when it has not moved for this long: people who move a slider step by step pause for less.
REST_SECONDS = 0.6


class Hand:
    """Thread-safe: pages are drawn in threads of their own, and what the hand does arrives by a WebSocket."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._moved_at: float | None = None
        self._interrupted: dict[str, Callable[[], object]] = {}

    @property
    def rests(self) -> bool:
        return self._moved_at is None or self._clock() - self._moved_at >= REST_SECONDS

    def interrupts(self, name: str, interrupt: Callable[[], object]) -> None:
        """Has the hand's next movement call `interrupt`, once; of each `name` only the newest."""
        with self._lock:
            self._interrupted[name] = interrupt

    def moves(self) -> None:
        """The hand has moved: interrupts what is not to go on meanwhile."""
        with self._lock:
            self._moved_at = self._clock()
            interrupted, self._interrupted = self._interrupted, {}
        for interrupt in interrupted.values():
            interrupt()
