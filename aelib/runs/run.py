"""One run: what a person does with it, and what others see of it.

    starting ─► paused ⇄ training ─► finished | diverged | failed

Train submits slices, pause stops submitting, step is a slice of one batch. Two slices are always on their way, so that
the engine never waits for the app. Reports come on a thread of the engine's: they are noted, and what is next is
submitted.
"""

from __future__ import annotations

from concurrent.futures import Future as Promise

from aelib.cluster.engine import Engine
from aelib.runs.background import Background
from aelib.runs.history import History
from aelib.runs.lifecycle import Lifecycle
from aelib.runs.queue import TrainingQueue
from aelib.runs.record import Record
from aelib.runs.status import ASLEEP, UNDERWAY, Status
from aelib.runs.store import Store, StoredState, Summary
from aelib.runs.view import Reached, RunView
from aelib.spec.config import Knobs, RunConfig, with_knobs
from aelib.spec.phases import phases


class Run(Lifecycle):
    """A training run. Every method returns at once; what it leads to shows in `view()`."""

    @classmethod
    def restored(
        cls, record: Record, engine: Promise[Engine], store: Store, queue: TrainingQueue, background: Background
    ) -> Run:
        """A run from the store. One that trained when nobody looked any more, or when the server died, sleeps: it goes
        on once somebody looks."""
        history = History.restored(record)
        run = cls(record.id, record.owner, record.config, engine, store, queue, background, history)
        run.created, run._knobs, run._message, run._budget = record.created, record.knobs, record.message, record.budget
        run._status = Status.PAUSED if record.status == Status.STARTING else record.status
        run._lease.end()
        run._steps_per_epoch = record.steps_per_epoch
        # Until the data are there: of fewer images than a batch is to have, all make one, so that as many steps result.
        run._train_count = round(record.steps_per_epoch * record.config.batch_size)
        run._step = run._training.planned = record.state.step
        if run._status == Status.TRAINING and run._step >= run._budget > 0:
            # That it had come to its end could not be saved any more.
            run._status = Status.FINISHED
        run._measurements.restore(record.state.step, record.knobs)
        last = StoredState(store, record.id, record.state.config, record.state.step)
        run._training.tip = last
        run._checkpoints.restore(last, run._stamp)
        return run

    # What a person does.

    def train(self) -> None:
        """Trains until the budget is used up; a finished run gets its budget once more."""
        with self._guard():
            self._rescued_at = None
            if not self._underway(then=Status.TRAINING):
                return
            if self._training.planned >= self._budget:
                self._budget = self._training.planned + self.config.steps(self._train_count)
            self._set(Status.TRAINING)
            self._training.pace.restart()
            self._lease.renew()
            self._go_on()

    def _underway(self, then: Status) -> bool:
        """Is there a state to train further? If not, the first one is asked for, and what comes `then` is noted."""
        if self._training.tip is None and self._status != Status.STARTING:
            self.start(then_train=then == Status.TRAINING)
        elif self._status == Status.STARTING and then == Status.TRAINING:
            self._after_start = Status.TRAINING
        return self._status != Status.STARTING

    def pause(self) -> None:
        """Stops after the slice that is being trained."""
        with self._guard():
            if self._status == Status.STARTING:
                self._after_start, self._step_after_start = Status.PAUSED, False
            elif self._status == Status.TRAINING:
                self._set(Status.PAUSED)
                self._training.recall()
                self._pump()

    def step(self) -> None:
        """Trains one batch."""
        with self._guard():
            if not self._underway(then=Status.PAUSED):
                self._step_after_start = True
                return
            if self._status == Status.TRAINING:
                self._training.recall()
            self._set(Status.PAUSED)
            self._go_on(self._one_batch)

    def turn(self, knobs: Knobs) -> None:
        """Gives the next slice other knobs and marks the change."""
        with self._guard():
            if knobs == self._knobs:
                return
            noise = knobs.corruption_level != self._knobs.corruption_level
            self._history.note_knobs(self._training.planned, self._knobs, knobs)
            self._knobs = knobs
            self._version += 1
            if self._status != Status.STARTING:
                self._go_on(self._ask_pca if noise else None)

    def _ask_pca(self) -> None:
        self._measurements.ask_pca(self._training.planned, self._knobs)

    def touch(self) -> None:
        """Somebody is looking: renews the lease and wakes a sleeping run."""
        with self._guard():
            slept = self._asleep
            self._lease.renew()
            if slept:
                self._training.pace.restart()
                self._version += 1
            if slept or self._connection.problem or self._status == Status.STARTING:
                self._go_on()

    # What others see.

    def view(self) -> RunView:
        with self._guard.lock:
            history = self._history
            batch = self.config.batch(self._train_count)
            left = max(0, self._budget - self._step) * batch
            speed = self._training.pace.steps_a_second if self._status == Status.TRAINING else None
            rate = speed * batch if speed else None
            problems = (self._connection.problem, self._checkpoints.problem, self._measurements.problem)
            begun = (phase for phase in phases(self.config, self._train_count) if phase.begin < max(1, self._step))
            return RunView(
                id=self.id,
                config=self.config,
                knobs=self._knobs,
                status=self._status,
                message=next(filter(None, (self._message, *problems)), ""),
                asleep=self._asleep,
                place=self._training.place,
                shortage=self._training.shortage,
                step=self._step,
                budget=self._budget,
                steps_per_epoch=self._steps_per_epoch,
                rate=rate,
                seconds_left=left / rate if rate else None,
                version=self._version,
                curve=history.curve,
                frames=tuple(history.frames),
                newest=history.newest,
                annotations=tuple(history.annotations),
                pca=tuple(history.pca),
                phases=tuple(begun),
                findings=history.findings,
            )

    def summary(self) -> Summary:
        with self._guard.lock:
            newest = self._history.frames.newest
            error = newest.metrics.test_mse if newest is not None else None
            status = ASLEEP if self._asleep else self._status
            # The names of a run that trains stay as they are: a browser sends them back.
            config = self.config if self._status == Status.TRAINING else with_knobs(self.config, self._knobs)
            line = self._history.pca[-1].mse if self._history.pca else None
            seconds = self._history.train_seconds
            return Summary(self.id, self.owner, self.created, config, status, self._step, error, line, seconds)

    def reached(self) -> Reached | None:
        """The newest state, to ask the engine about; None as long as there is none or it is on its way there."""
        with self._guard():
            if self._training.tip is not None and not self._connection.open:
                self._go_on()
            elif self._connection.open and (self._status in UNDERWAY or self._training.may_return()):
                return self._newest()
        return None

    @property
    def version(self) -> int:
        """Rises with every change of `view()`."""
        return self._version

    @property
    def status(self) -> Status:
        return self._status

    @property
    def trains(self) -> bool:
        """Does it train, or will it once it has started?"""
        starting = self._status == Status.STARTING and self._after_start == Status.TRAINING
        return starting or self._status == Status.TRAINING

    @property
    def trained_steps(self) -> int:
        """How many batches it has learned from."""
        return self._step

    @property
    def watched(self) -> bool:
        """Did somebody look within the lease?"""
        return self._lease.held

    @property
    def settings(self) -> RunConfig:
        """The config, with the knobs as they are now."""
        return with_knobs(self.config, self._knobs)

    @property
    def train_seconds(self) -> float:
        """How long its batches took so far, wherever they were trained."""
        return self._history.train_seconds

    @property
    def untouched(self) -> bool:
        """Is it as it was at its start, with nothing to come?"""
        return self._status == Status.PAUSED and self._training.planned == 0

    @property
    def resting(self) -> bool:
        """Is nothing on its way, and everything in the store that can be?"""
        with self._guard.lock:
            kept = self._checkpoints.covers(self._stamp) or self._status == Status.FAILED
            return kept and not (self._checkpoints.busy or self._training.in_flight or self._measurements.busy)

    # What the server does with it.

    def attend(self) -> None:
        """Does whatever is due, whether anything else happens to the run or not: lets it fall asleep if nobody looks,
        and tries again what had failed. To be called every few seconds."""
        with self._guard():
            self._checkpoints.retry()
            self._measurements.retry_pca(self._knobs)
            if self._status == Status.FAILED:
                return
            needs_engine = not self.resting or (self._unmeasured and self._status not in UNDERWAY)
            if self._connection.open or needs_engine:
                self._go_on()
            else:
                self._pump()

    def sleep(self) -> None:
        """Falls asleep at once, as if nobody had looked for long: it goes on when somebody does."""
        with self._guard():
            self._lease.end()
            self._checkpoints.retry(at_once=True)
            self._training.recall()
            self._pump()

    def release(self) -> bool:
        """Gives this run up where nobody looks and the store has all of it: whoever asks next gets it from there."""
        with self._guard.lock:
            complete = self._checkpoints.stored and not self._measurements.retry.soon
            if self.resting and not self.watched and complete:
                self._released = True
                self._training.end()
                # At once, not when Python looks for objects that only have each other.
                self._training.tip = self._training.arrived = None
                self._checkpoints.forget()
            return self._released

    def stop(self) -> None:
        """Does nothing any more: the server stops."""
        with self._guard.lock:
            self._released = True

    def discard(self) -> None:
        """Stops for good, before the run is deleted: nothing of it will be saved any more."""
        with self._guard():
            self._discarded = True
            self._checkpoints.discard()
            self._set(Status.PAUSED)
            self._training.end()
            self._training.recall()
