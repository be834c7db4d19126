"""A t-SNE map that grows on the engine, slice by slice in turn with training, while somebody looks at it."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from distributed import Future

from aelib.analysis.latent_space import tsne
from aelib.analysis.latent_space.tsne import ITERATIONS, Report, Settings, Stage
from aelib.cluster.engine import Engine, EngineLost, refusal
from aelib.runs.lease import Lease
from aelib.runs.pipeline import Pipeline
from aelib.runs.view import Reached

log = logging.getLogger(__name__)

SLICE_SECONDS = 0.25
FIRST_ITERATIONS = 10
MAPS_KEPT = 6

LOST = "t-SNE was interrupted. Restart it."


class MapStatus(StrEnum):
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"


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

    `step`: of the run whose codes are laid out; `problem`: why it failed, in a sentence. One slice at a time is on its
    way, in the turn of `visitor`, and the next one is sent when its report is there.
    """

    def __init__(self, engine: Engine, settings: Settings, reached: Reached, visitor: str) -> None:
        self.settings, self.step = settings, reached.step
        self.report: Report | None = None
        self.status, self.problem = MapStatus.RUNNING, ""
        self._engine, self._visitor = engine, visitor
        self._lock = threading.RLock()
        self._lease = Lease()
        self._pipeline: Pipeline[Report] = Pipeline(tsne.report, lambda: self._lock, self._landed, self._lost)
        self._submitted = 1
        with self._lock:
            self._send(1, tsne.start, reached.link, reached.ready.data, reached.ready.basis, settings)

    @property
    def stage(self) -> Future | None:
        """The newest stage, to place a image on it; None before there is one."""
        return self._pipeline.arrived

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        return self.report.iteration / ITERATIONS if self.report is not None else 0.0

    def touch(self) -> None:
        """Somebody is looking: renews the lease, and goes on where it had run out."""
        with self._lock:
            self._lease.renew()
            if self.status == MapStatus.RUNNING and not self._pipeline.in_flight:
                self._go_on()

    def cancel(self) -> None:
        """Stops after the slice that is being worked at, and keeps the map as it is."""
        with self._lock:
            if self.status == MapStatus.RUNNING:
                self.status = MapStatus.CANCELLED
                self._pipeline.stop()

    def _go_on(self) -> None:
        wanted = FIRST_ITERATIONS
        report = self.report
        if report is not None and report.slice_iterations:
            wanted = round(SLICE_SECONDS / max(report.slice_seconds / report.slice_iterations, 1e-5))
        self._submitted = max(1, min(wanted, 4 * self._submitted))
        self._send(self._submitted, tsne.go_on, self.stage, self._submitted)

    def _send(self, steps: int, function: Callable[..., Stage], *arguments: object) -> None:
        try:
            self._pipeline.send(self._engine, steps, function, *arguments, visitor=self._visitor, seconds=SLICE_SECONDS)
        except EngineLost as problem:
            self.status, self.problem = MapStatus.FAILED, str(problem)

    def _landed(self, report: Report) -> None:
        self.report = report
        if report.iteration >= ITERATIONS:
            self.status = MapStatus.FINISHED
        elif self._lease.held:
            self._go_on()

    def _lost(self, link: Future) -> None:
        refused = refusal(link)
        # That the engine was closed is no loss to speak of.
        if not (refused or link.cancelled()):
            log.warning("A t-SNE map was lost")
        self._pipeline.halt(self._pipeline.planned)
        self.status, self.problem = MapStatus.FAILED, refused or LOST


@dataclass
class Embeddings:
    """The maps of one session: one at a time is worked at, and the last few are kept."""

    _maps: OrderedDict[MapOf, Embedding] = field(default_factory=OrderedDict)

    def get(self, of: MapOf) -> Embedding | None:
        return self._maps.get(of)

    def start(self, of: MapOf, engine: Engine, settings: Settings, reached: Reached, visitor: str) -> None:
        """Begins a map again. What was being worked at is cancelled."""
        self.cancel()
        self._maps.pop(of, None)
        self._maps[of] = Embedding(engine, settings, reached, visitor)
        while len(self._maps) > MAPS_KEPT:
            self._maps.popitem(last=False)

    def cancel(self) -> None:
        for embedding in self._maps.values():
            embedding.cancel()

    @property
    def running(self) -> Embedding | None:
        return next((each for each in self._maps.values() if each.status == MapStatus.RUNNING), None)
