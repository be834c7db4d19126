"""A t-SNE map that grows on the engine, slice by slice in turn with training, while somebody looks at it."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from distributed import Future

from aelib.engine import Engine, EngineLost, refusal
from aelib.insight import tsne
from aelib.insight.tsne import ITERATIONS, Report, Settings, Stage
from aelib.runs import Reached

log = logging.getLogger(__name__)

SLICE_SECONDS = 0.25
FIRST_ITERATIONS = 10
LEASE_SECONDS = 20.0
MAPS_KEPT = 6

LOST = "The engine lost this map: start it again."

RUNNING, FINISHED, CANCELLED, FAILED = "running", "finished", "cancelled", "failed"


@dataclass(frozen=True)
class MapOf:
    """What a map is of. `run_id` is None where it depends on the data alone; `layers`: see `tsne.Settings`."""

    source: str
    dataset: str
    run_id: str | None
    count: int
    dims: int
    layers: int | None = None


class Embedding:
    """One map. Every method returns at once; `report` is the newest that is known of it.

    `step`: of the run whose codes are laid out; `problem`: why it failed, in a sentence. Reports come on a thread of
    the engine's: they are noted, and what is next is submitted. One slice at a time is on its way.
    """

    def __init__(self, engine: Engine, settings: Settings, reached: Reached) -> None:
        self.settings, self.step = settings, reached.step
        self.report: Report | None = None
        self.status, self.problem = RUNNING, ""
        self._engine, self._reached = engine, reached
        self._lock = threading.RLock()
        self._tip: Future | None = None
        self._flight: Future | None = None
        self._submitted = 1
        self._watched_at = time.monotonic()
        self._follow(tsne.start, reached.link, reached.ready.data, reached.ready.basis, settings)

    @property
    def stage(self) -> Future | None:
        """The newest stage, to place a picture on it; None before there is one."""
        return self._tip

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.report.iteration / ITERATIONS if self.report is not None else 0.0

    def touch(self) -> None:
        """Somebody is looking: renews the lease, and goes on where it had run out."""
        with self._lock:
            self._watched_at = time.monotonic()
            if self.status == RUNNING and self._flight is None:
                self._submit()

    def cancel(self) -> None:
        """Stops after the slice that is being worked at, and keeps the map as it is."""
        with self._lock:
            if self.status == RUNNING:
                self.status = CANCELLED
                if self._flight is not None:
                    self._flight.cancel()
                    self._flight = None

    def _submit(self) -> None:
        wanted = FIRST_ITERATIONS
        report = self.report
        if report is not None and report.slice_iterations:
            wanted = round(SLICE_SECONDS / max(report.slice_seconds / report.slice_iterations, 1e-5))
        self._submitted = max(1, min(wanted, 4 * self._submitted)) if self._tip is not None else 1
        self._follow(tsne.go_on, self._tip, self._submitted)

    def _follow(self, function: Callable[..., Stage], *arguments: object) -> None:
        # Held until the flight is noted, however fast its report is back.
        with self._lock:
            try:
                link = self._engine.follow(tsne.report, lambda report: self._landed(link, report), function, *arguments)
            except EngineLost as problem:
                self.status, self.problem = FAILED, str(problem)
                return
            self._flight = link

    def _landed(self, link: Future, report: Report | None) -> None:
        refused = refusal(link) if report is None else ""
        with self._lock:
            # Cancelled meanwhile.
            if self._flight != link:
                return
            self._flight = None
            if report is None:
                # That the engine was closed is no loss to speak of.
                if not (refused or link.cancelled()):
                    log.warning("A t-SNE map was lost: %s", link)
                self.status, self.problem = FAILED, refused or LOST
                return
            self._tip, self.report = link, report
            if report.iteration >= ITERATIONS:
                self.status = FINISHED
            elif time.monotonic() - self._watched_at <= LEASE_SECONDS:
                self._submit()


@dataclass
class Embeddings:
    """The maps of one session: one at a time is worked at, and the last few are kept."""

    _maps: OrderedDict[MapOf, Embedding] = field(default_factory=OrderedDict)

    def get(self, of: MapOf) -> Embedding | None:
        return self._maps.get(of)

    def start(self, of: MapOf, engine: Engine, settings: Settings, reached: Reached) -> None:
        """Begins a map anew. What was being worked at is cancelled."""
        self.cancel()
        self._maps.pop(of, None)
        self._maps[of] = Embedding(engine, settings, reached)
        while len(self._maps) > MAPS_KEPT:
            self._maps.popitem(last=False)

    def cancel(self) -> None:
        for embedding in self._maps.values():
            embedding.cancel()

    @property
    def running(self) -> Embedding | None:
        return next((each for each in self._maps.values() if each.status == RUNNING), None)
