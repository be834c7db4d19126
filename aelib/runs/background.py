"""What runs do beside training: opening, fetching, saving. Visitors take turns there, too."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import PriorityQueue
from typing import Any

from aelib.turns import Turn, Turns

THREADS = 4
# What a piece of work is expected to take; what it took is counted.
EXPECTED_SECONDS = 0.05


class Background:
    """Some threads for all runs of a server."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="runs")
        self._turns = Turns()
        self._numbers = itertools.count()
        self._waiting: PriorityQueue[tuple[float, int, Turn, Callable[[], object]]] = PriorityQueue()

    def submit(self, visitor: str, function: Callable[..., object], *arguments: Any) -> None:
        """Calls `function(*arguments)` on one of the threads, in the visitor's turn. It may not raise."""
        turn = self._turns.take(visitor, EXPECTED_SECONDS)
        self._waiting.put((turn.start, next(self._numbers), turn, partial(function, *arguments)))
        self._threads.submit(self._do_next)

    def _do_next(self) -> None:
        *_, turn, work = self._waiting.get()
        began = time.monotonic()
        try:
            work()
        finally:
            self._turns.end(turn, time.monotonic() - began)
