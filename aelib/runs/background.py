"""What runs do beside training: opening, fetching, saving. Visitors take turns there, too."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from bisect import insort
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aelib.cluster.turns import Turn, Turns
from aelib.host.faults import describe

log = logging.getLogger(__name__)

THREADS = 4
# So many of them one visitor may have at once where others wait, or will: a state takes a second to fetch and to save.
MOST_OF_ONE = 2
# What a piece of work is expected to take; what it took is counted.
EXPECTED_SECONDS = 0.05


@dataclass(order=True, frozen=True)
class _Job:
    """A piece of work; `number` tells those of equal turns apart."""

    start: float
    number: int
    turn: Turn = field(compare=False)
    work: Callable[[], object] = field(compare=False)


class Background:
    """Some threads for all runs of a server."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="runs")
        self._turns = Turns()
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._waiting: list[_Job] = []
        self._at_work: Counter[Hashable] = Counter()

    def submit(self, visitor: str, function: Callable[..., object], *arguments: Any) -> None:
        """Calls `function(*arguments)` on one of the threads, in the visitor's turn. It may not raise."""
        turn = self._turns.take(visitor, EXPECTED_SECONDS)
        with self._lock:
            insort(self._waiting, _Job(turn.start, next(self._numbers), turn, partial(function, *arguments)))
        self._threads.submit(self._do_next)

    def _do_next(self) -> None:
        while (job := self._next()) is not None:
            began = time.monotonic()
            try:
                job.work()
            except Exception as error:  # noqa: BLE001 - other work has to be done
                log.error("Work in the background failed: %s", describe(error))
            self._turns.end(job.turn, time.monotonic() - began)
            with self._lock:
                self._at_work -= Counter([job.turn.who])

    def _next(self) -> _Job | None:
        """The first job whose visitor is not at work with many already: those that are passed over are done by the
        threads that do the others of this visitor."""
        with self._lock:
            for job in self._waiting:
                if self._at_work[job.turn.who] < MOST_OF_ONE:
                    self._waiting.remove(job)
                    self._at_work[job.turn.who] += 1
                    return job
        return None
