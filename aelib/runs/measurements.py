"""What the engine is asked about a run: looks at its states, what is wrong where it rests, and what PCA would reach."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from distributed import Future

from aelib.analysis.diagnosis import Measures, findings, measure
from aelib.cluster.engine import ENDED
from aelib.runs.backoff import Backoff
from aelib.runs.connection import Connection
from aelib.runs.guard import Guard
from aelib.runs.history import History
from aelib.runs.measurement_schedule import MeasurementCosts, most_in_flight
from aelib.runs.view import Reached
from aelib.spec.config import Knobs, RunConfig, with_knobs
from aelib.train import slices
from aelib.train.slices import Frame

UNMEASURED = "The newest state could not be evaluated; this is tried again."


@dataclass(eq=False)
class _Pending:
    """A look at the state after `step` batches, on its way or (`arrived`) waiting for those before it."""

    step: int
    future: Future | None = None
    arrived: bool = False
    frame: Frame | None = None


class Measurements:
    """Questions on their way, in the guard of a run. Answers go into its history, and `changed` is called. What was
    lost is asked again later: `retry` says when."""

    def __init__(
        self,
        config: RunConfig,
        connection: Connection,
        history: History,
        guard: Guard,
        changed: Callable[[], object],
    ) -> None:
        self._config, self._connection, self._history = config, connection, history
        self._guard, self._changed = guard, changed
        self.retry = Backoff()
        self.costs = MeasurementCosts()
        self._pending: deque[_Pending] = deque()
        # At which step all probe images were looked at last, and how; at which step the run was diagnosed.
        self._measured_at: tuple[int, object] | None = None
        self._diagnosed_at: int | None = None
        self._diagnosing = False
        # From which step on PCA's line was asked for last, and whether it is missing.
        self._pca_asked, self._pca_missing = 0, False

    def restore(self, step: int, knobs: Knobs) -> None:
        """A run comes from the store, where it was diagnosed at `step`."""
        self._diagnosed_at = step
        self._pca_missing = not self._history.pca
        look = self._history.last_measured
        if look is not None:
            self._measured_at = look.step, _shown(knobs)

    @property
    def busy(self) -> bool:
        return bool(self._pending) or self._diagnosing

    @property
    def room(self) -> bool:
        """May a further look be on its way while training goes on?"""
        return len(self._pending) < most_in_flight(self._config)

    @property
    def problem(self) -> str:
        return UNMEASURED if self.retry.failing else ""

    def measured(self, step: int, knobs: Knobs) -> bool:
        """Were all probe images measured, or are they being, in the state at `step` and with these knobs?"""
        return self._measured_at == (step, _shown(knobs))

    def diagnosed(self, step: int) -> bool:
        return self._diagnosed_at == step

    def measure(self, link: Future, step: int, knobs: Knobs, images: int | None = None) -> None:
        """Measures `link`, the state at `step`, on all probe images, or only on so many."""
        # Each measurement aligns its codes with those of the one before, which may be on its way.
        previous = self._pending[-1].future if self._pending else self._history.last_measured
        pending = _Pending(step)
        rest = (link, self._connection.ready.data, knobs, previous, images)
        pending.future = self._connection.tell(lambda frame: self._arrive(pending, frame), slices.measure, *rest)
        self._pending.append(pending)
        self._measured_at = (step, _shown(knobs)) if images is None else None

    def _arrive(self, pending: _Pending, frame: Frame | None) -> None:
        with self._guard():
            if pending not in self._pending:
                return
            if frame is not None:
                self.retry.succeeded()
            elif pending.future is not None and pending.future.status in ENDED:
                self.retry.failed()
                self._measured_at = None
            pending.arrived, pending.frame = True, frame
            while self._pending and self._pending[0].arrived:
                frame = self._pending.popleft().frame
                if frame is not None:
                    self._history.note_measured(frame)
                    self.costs.note(frame.metrics)
            self._changed()

    def diagnose(self, reached: Reached, knobs: Knobs, current: Callable[[], bool]) -> None:
        """Asks what is wrong with the network, with these knobs; the answer counts if the run is still there."""

        def arrived(measured: Measures | None) -> None:
            with self._guard():
                self._diagnosing = False
                if measured is None:
                    self.retry.failed()
                    self._diagnosed_at = None
                else:
                    self.retry.succeeded()
                    if current():
                        settings = with_knobs(self._config, knobs)
                        first, pca = self._history.first_error, self._history.pca
                        compared = pca[-1].mse if pca else None
                        self._history.note_findings(findings(measured, settings, first, compared))
                self._changed()

        self._connection.tell(arrived, measure, reached.link, reached.ready.data)
        self._diagnosed_at, self._diagnosing = reached.step, True

    def ask_pca(self, step: int, knobs: Knobs) -> None:
        """Asks for PCA's error with these knobs, from `step` on."""
        if self._config.colour:
            # PCA of grey images knows no colours.
            return
        ready = self._connection.ready
        self._pca_asked, self._pca_missing = step, False

        def arrived(error: float | None) -> None:
            with self._guard():
                if error is not None:
                    self.retry.succeeded()
                    self._history.note_pca(step, error)
                elif self._pca_asked == step:
                    self.retry.failed()
                    self._pca_missing = True
                self._changed()

        self._connection.tell(arrived, slices.pca_baseline, ready.data, ready.basis, self._config, knobs)

    def retry_pca(self, knobs: Knobs) -> None:
        """Asks again for what was lost, once it is time for that."""
        if self._pca_missing and self.retry.due and self._connection.open:
            self.ask_pca(self._pca_asked, knobs)

    def recall(self, planned: int) -> None:
        """Takes back looks at states beyond `planned`, which will not be reached."""
        while self._pending and self._pending[-1].step > planned:
            pending = self._pending.pop()
            self._measured_at = None
            if pending.future is not None:
                pending.future.cancel()

    def forget_findings(self) -> None:
        """The run trains further: what was found where it rested is no longer true."""
        self._history.findings = ()
        self._diagnosed_at = None

    def restart(self) -> None:
        """What is on its way belongs to states that have gone."""
        self._pending.clear()
        self._measured_at, self._diagnosing = None, False


def _shown(knobs: Knobs) -> object:
    """The knobs that change images and codes at once, without training."""
    return knobs.corruption_level, knobs.active_units
