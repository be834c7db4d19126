"""A run that is trained without an engine, recorded as the app records its own."""

from __future__ import annotations

import secrets
import time

from aelib.analysis.diagnosis import Finding
from aelib.runs.history import History
from aelib.runs.measurement_schedule import MeasurementCosts, Schedule, schedule
from aelib.runs.record import Record
from aelib.runs.status import Status
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.state import State
from aelib.train import slices
from aelib.train.resident import Data
from aelib.train.slices import Slice


class Recording:
    """The curve and the moments of a run of `budget` batches: `next_stop` says where its slices have to end, `note`
    takes in each of them."""

    def __init__(self, config: RunConfig, data: Data, budget: int) -> None:
        self._config, self._data, self._budget = config, data, budget
        self._knobs = Knobs.of(config)
        self._history, self._costs = History(), MeasurementCosts()
        self._plan, self._stop = Schedule(1, 0), 0
        self._measure(slices.first_slice(config, data, self._knobs))

    def next_stop(self, step: int, step_seconds: float | None) -> int:
        """The step at which the slice that begins after `step` has to end at the latest; a batch takes so long."""
        self._plan = schedule(self._budget, step_seconds, self._costs)
        self._stop = self._plan.next_step(step, self._budget)
        return self._stop

    def note(self, link: Slice) -> None:
        """A slice has ended."""
        self._history.note_slice(slices.report(link))
        if link.state.step == self._budget:
            self._measure(link)
        elif link.state.step == self._stop:
            self._measure(link, self._plan.images)

    def _measure(self, link: Slice, images: int | None = None) -> None:
        frame = slices.measure(link, self._data, self._knobs, self._history.last_measured, images)
        if frame is not None:
            self._history.note_measured(frame)
            self._costs.note(frame.metrics)

    def record(self, state: State, findings: tuple[Finding, ...]) -> Record:
        """The run at its end, with an id of its own and nobody's."""
        config, history, data = self._config, self._history, self._data
        if not config.colour:
            # PCA of grey images knows no colours.
            history.note_pca(0, slices.pca_baseline(data, slices.fit_basis(data), config, self._knobs))
        return Record(
            id=secrets.token_urlsafe(12),
            owner="",
            created=time.time(),
            config=config,
            knobs=self._knobs,
            status=Status.FINISHED,
            message="",
            budget=self._budget,
            train_seconds=history.train_seconds,
            state=state,
            curve=list(history.curve),
            annotations=[],
            pca=list(history.pca),
            findings=findings,
            frames=list(history.frames),
            steps_per_epoch=len(data.train) / config.batch(len(data.train)),
            threads=sorted(history.threads),
        )
