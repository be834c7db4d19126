"""Something long that the engine does slice by slice: what is on its way there, and what has arrived."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from distributed import Future

from aelib.cluster.engine import Engine

R = TypeVar("R")


@dataclass(eq=False)
class _SliceInFlight:
    """A slice on its way."""

    link: Future
    steps: int


class Pipeline(Generic[R]):
    """A chain of slices, each made of the one before. Its links stay on the engine; what comes here is what `report`
    says of them.

    `tip`: the newest link, arrived or not, or a value to start from; `arrived`: the newest one that has arrived;
    `planned`: how many steps lie before the tip. `landed` is called with each report, `lost` with a link that will
    never come; both on another thread, within `guard()`.
    """

    def __init__(
        self,
        report: Callable[[Any], R],
        guard: Callable[[], AbstractContextManager[object]],
        landed: Callable[[R], object],
        lost: Callable[[Future], object],
    ) -> None:
        self._report, self._guard, self._landed, self._lost = report, guard, landed, lost
        self._in_flight: deque[_SliceInFlight] = deque()
        self.tip: Any = None
        self.arrived: Future | None = None
        self.planned = 0

    @property
    def in_flight(self) -> int:
        """How many slices are on their way."""
        return len(self._in_flight)

    def send(
        self, engine: Engine, steps: int, function: Callable[..., Any], *arguments: object, visitor: str, seconds: float
    ) -> Future:
        """Sends a slice of so many steps on its way, to be computed by `function(*arguments)`. Whose turn it is in, and
        what it is expected to take: see `Engine.submit`."""
        # The guard is held: however fast the report is back, it finds the slice among the flights.
        link = engine.follow(
            self._report,
            lambda report: self._arrive(link, report),
            function,
            *arguments,
            visitor=visitor,
            seconds=seconds,
        )
        self.tip = link
        self.planned += steps
        self._in_flight.append(_SliceInFlight(link, steps))
        return link

    def recall(self) -> None:
        """Takes back all slices but the one that is being computed."""
        while len(self._in_flight) > 1:
            self._take_back()
        if self._in_flight:
            self.tip = self._in_flight[0].link

    def stop(self) -> None:
        """Takes back all slices."""
        while self._in_flight:
            self._take_back()
        self.tip = self.arrived

    def halt(self, step: int) -> None:
        """What is on its way changes nothing any more: the chain ends at `step`."""
        self._in_flight.clear()
        self.planned = step

    def restart(self, tip: Any, step: int) -> None:
        """Goes on from `tip`, which is at `step`: nothing that is on its way counts any more."""
        self._in_flight.clear()
        self.tip, self.arrived, self.planned = tip, None, step

    def _take_back(self) -> None:
        sent = self._in_flight.pop()
        self.planned -= sent.steps
        sent.link.cancel()

    def _arrive(self, link: Future, report: R | None) -> None:
        """Slices arrive in the order of their departure, as each is made of the one before; only a report that was lost
        comes later, and is not waited for. None: it will never come."""
        with self._guard():
            sent = next((sent for sent in self._in_flight if sent.link is link), None)
            if sent is None:
                return
            if report is None:
                self._lost(link)
                return
            while self._in_flight.popleft() is not sent:
                pass
            self.arrived = link
            self._landed(report)
