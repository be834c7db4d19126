"""The slices of a training run: how many are sent, how long they are, and which of the states are looked at."""

from __future__ import annotations

from collections.abc import Callable

from distributed import Future

from aelib.host import limits
from aelib.runs.checkpoints import loaded
from aelib.runs.connection import Connection
from aelib.runs.guard import Guard
from aelib.runs.measurement_schedule import schedule
from aelib.runs.measurements import Measurements
from aelib.runs.pipeline import Pipeline
from aelib.runs.queue import TrainingQueue
from aelib.runs.status import Shortage
from aelib.runs.store import StoredState
from aelib.spec.config import Knobs, RunConfig
from aelib.train import slices
from aelib.train.pace import Pace
from aelib.train.slices import Slice, SliceReport

IN_FLIGHT = 2


class Training(Pipeline[SliceReport]):
    """A run's pipeline, and its place among the runs that want to train: 0 for one that may, else how many wait until
    it may. `moved` is called when that has changed, from another run's thread."""

    def __init__(
        self,
        config: RunConfig,
        connection: Connection,
        measurements: Measurements,
        queue: TrainingQueue,
        guard: Guard,
        landed: Callable[[SliceReport], object],
        lost: Callable[[Future], object],
        moved: Callable[[], None],
    ) -> None:
        super().__init__(slices.report, guard, landed, lost)
        self._config, self._connection, self._measurements = config, connection, measurements
        self._queue, self._moved = queue, moved
        self.pace = Pace()
        self.place = 0
        self._megabytes = limits.megabytes_in_all(config)

    def may(self, wanted: bool, *, first_slice: bool = False) -> bool:
        """Is it the run's turn, where it wants to train, or only to send its first slice?"""
        if not wanted:
            self.leave()
            return False
        self.place = self._join(trains=not first_slice)
        return self.place == 0

    def _join(self, trains: bool) -> int:
        visitor, megabytes = self._connection.visitor, self._megabytes
        return self._queue.join(self, visitor, self._moved, megabytes=megabytes, trains=trains)

    @property
    def shortage(self) -> Shortage:
        """What does it wait for, where it waits?"""
        return self._queue.shortage(self)

    @property
    def in_the_way(self) -> bool:
        """Do others wait for the memory that it has?"""
        return self._queue.is_wanted(self)

    def may_return(self) -> bool:
        """May a state that is not on the engine any more be brought there, for questions about it?"""
        if self._queue.holds(self):
            return True
        let_in = self._join(trains=False) == 0
        if let_in:
            self._queue.leave(self)
        return let_in

    def let_go(self, last: Slice | StoredState) -> None:
        """Nothing of it stays on the engine: it goes on from its `last` state."""
        self.tip, self.arrived = last, None
        self._queue.free(self)

    def leave(self) -> None:
        """Others may train in its place."""
        self._queue.leave(self)
        self.place = 0

    def end(self) -> None:
        """It wants nothing any more."""
        self.leave()
        self._queue.free(self)

    @property
    def turns(self) -> float:
        """For how many runs like this one each of the slices that are done at once is in turn."""
        return 1 / (self._queue.share(self) * self._connection.engine.lanes)

    @property
    def companions(self) -> int:
        """How many runs of its visitor train, with it."""
        return self._queue.companions(self)

    def begin(self, knobs: Knobs) -> None:
        """Sends the first slice, the untrained network."""
        ready = self._connection.ready
        self._measurements.ask_pca(0, knobs)
        link = self._send(0, slices.first_slice, self._config, ready.data, knobs)
        self._measurements.measure(link, 0, knobs)

    def submit(self, steps: int, knobs: Knobs) -> Future:
        """Sends a slice of so many batches."""
        engine, data = self._connection.engine, self._connection.ready.data
        threads = self.pace.threads(engine.threads_for(self._queue.training))
        tip = loaded(self.tip) if isinstance(self.tip, StoredState) else self.tip
        return self._send(steps, slices.next_slice, tip, data, knobs, steps, threads)

    def _send(self, steps: int, function: Callable[..., Slice], *arguments: object) -> Future:
        visitor, seconds = self._connection.visitor, self.pace.seconds(steps)
        return self.send(self._connection.engine, steps, function, *arguments, visitor=visitor, seconds=seconds)

    def fill(self, budget: int, knobs: Knobs) -> None:
        """Sends as many slices as are to be on their way."""
        # Where runs take turns, the engine has enough to do: a second slice would only make knobs wait.
        most = IN_FLIGHT if self.turns <= 1 else 1
        while self.in_flight < most and self.planned < budget:
            self._submit_next(budget, knobs)

    def _submit_next(self, budget: int, knobs: Knobs) -> None:
        """Sends the next slice, which ends where the run is to be looked at or before."""
        measurements = self._measurements
        looks = schedule(budget, self.pace.step_seconds, measurements.costs)
        stop = looks.next_step(self.planned, budget)
        link = self.submit(self.pace.next_slice(stop - self.planned, self.turns), knobs)
        if self.planned == budget:
            measurements.measure(link, self.planned, knobs)
        elif self.planned == stop and measurements.room:
            measurements.measure(link, self.planned, knobs, looks.images)

    def recall(self) -> None:
        super().recall()
        self._measurements.recall(self.planned)

    def restart(self, tip: object, step: int) -> None:
        super().restart(tip, step)
        self._queue.free(self)
        self._measurements.restart()
        self.pace.restart()
