"""What a run does by itself: what comes next, and how it goes on where something was lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future as Promise
from functools import partial

from distributed import Future

from aelib.analysis.diagnosis import FEW_STEPS, complete
from aelib.cluster.engine import ENDED, Engine, EngineLost
from aelib.host import limits
from aelib.runs.background import Background
from aelib.runs.checkpoints import Checkpoints, Tip, loaded
from aelib.runs.connection import Connection
from aelib.runs.guard import Guard
from aelib.runs.history import History
from aelib.runs.lease import Lease
from aelib.runs.measurements import Measurements
from aelib.runs.queue import TrainingQueue
from aelib.runs.record import Record
from aelib.runs.status import Status
from aelib.runs.store import Store
from aelib.runs.training import Training
from aelib.runs.view import Reached
from aelib.spec.config import Knobs, RunConfig
from aelib.train.slices import Slice, SliceReport

log = logging.getLogger(__name__)

FAULT = "This run failed twice at the same step. Press Train to resume from the last checkpoint."
LOST_SLICE = "The connection to the training process was lost. Press Train to resume from the last checkpoint."
LOST_STATE = "The training process lost this run's state. Press Train to resume from the last checkpoint."


class Lifecycle:
    """A run without its buttons. `Connection` finds the engine, `Training` sends slices, `Measurements` asks about
    states, `Checkpoints` saves them, `History` remembers; all of them within one guard."""

    def __init__(
        self,
        id: str,
        owner: str,
        config: RunConfig,
        engine: Promise[Engine],
        store: Store,
        queue: TrainingQueue,
        background: Background,
        history: History | None = None,
    ) -> None:
        self.id, self.owner, self.config = id, owner, config
        self.created = time.time()
        self._status, self._message = Status.STARTING, ""
        self._after_start, self._step_after_start = Status.PAUSED, False
        self._knobs = Knobs.of(config)
        self._budget, self._steps_per_epoch, self._train_count = 0, 1.0, config.batch_size
        self._step = 0
        self._version = 0
        self._discarded = self._released = False
        # What is to be done first when engine and data are there.
        self._first: list[Callable[[], object]] = []
        # At which saved step an unforeseen exception was met last.
        self._rescued_at: int | None = None

        name, later = f"Run {id[:4]}…", partial(background.submit, owner)
        self._later = later
        self._lease = Lease()
        self._history = history or History()
        self._guard = guard = Guard(name, self._engine_lost, self._rescue)
        self._connection = Connection(name, owner, config, engine, later, guard, self._opened, self._refused)
        self._measurements = Measurements(config, self._connection, self._history, guard, self._changed)
        self._training = Training(
            config, self._connection, self._measurements, queue, guard, self._landed, self._lost, self._moved
        )
        self._checkpoints = Checkpoints(
            name,
            store,
            later,
            guard,
            self._fetched,
            self._state_lost,
            self._changed,
            megabytes=limits.megabytes_of_state(config),
            companions=lambda: self._training.companions,
        )

    # What comes next.

    def start(self, then_train: bool) -> None:
        """Sends a new run's first slice."""
        with self._guard():
            self._set(Status.STARTING)
            self._after_start, self._step_after_start = Status.TRAINING if then_train else Status.PAUSED, False
            self._go_on()

    def _go_on(self, first: Callable[[], object] | None = None) -> None:
        """Does `first`, and then what the run needs next, once engine and data are there: at once, or after fetching
        them in the background. Where the engine is lost, that is tried again whenever somebody looks."""
        if first is not None:
            self._first.append(first)
        if self._given_up or not self._connection.make():
            return
        with self._guard():
            while self._first:
                self._first.pop(0)()
        self._pump()

    def _one_batch(self) -> None:
        if self._training.tip is None:
            # The state to train further was lost meanwhile.
            self.start(then_train=False)
            self._step_after_start = True
            return
        self._budget = max(self._budget, self._training.planned + 1)
        self._training.submit(1, self._knobs)

    @property
    def _given_up(self) -> bool:
        """Does it do nothing any more, whoever still has it?"""
        return self._released or self._discarded

    def _opened(self, train_count: int) -> None:
        self._version += 1
        self._train_count = train_count
        self._steps_per_epoch = train_count / self.config.batch(train_count)
        self._budget = self._budget or self.config.steps(train_count)
        self._go_on()

    def _changed(self) -> None:
        self._version += 1
        self._pump()

    def _pump(self) -> None:
        """Submits whatever the run needs next. Called after everything that may change that."""
        with self._guard():
            if not self._given_up:
                self._submit_what_is_next()

    def _submit_what_is_next(self) -> None:
        may_go_on = self._may_go_on()
        if not self._connection.made or self._checkpoints.fetching:
            return
        if self._training.tip is None:
            if self._status == Status.STARTING and may_go_on:
                self._training.begin(self._knobs)
        elif self._status == Status.TRAINING and may_go_on:
            self._go_on_training()
        elif not (self._training.in_flight or self._checkpoints.saving or self._measurements.busy):
            self._come_to_rest()

    def _may_go_on(self) -> bool:
        """Does it want to send slices, and is it its turn?"""
        place, starting = self._training.place, self._status == Status.STARTING
        wanted = starting or (self._status == Status.TRAINING and not self._asleep)
        may = self._training.may(wanted, first_slice=starting and self._after_start != Status.TRAINING)
        if not may and not self._lease.held:
            # Nobody waits with it: it starts where there is room when it is looked after next.
            self._training.leave()
        if place != self._training.place:
            self._version += 1
        return may

    def _go_on_training(self) -> None:
        if not self._checkpoints.due:
            self._training.fill(self._budget, self._knobs)
        elif not self._training.in_flight:
            self._save()

    def _come_to_rest(self) -> None:
        """Asks for what is not known yet of the state at which it rests, and saves it."""
        if self._unmeasured and self._measurements.retry.due:
            self._measure()
        elif not self._checkpoints.covers(self._stamp):
            self._save()
        elif self._checkpoints.last is not None and self._checkpoints.step == self._step:
            if self._training.in_the_way:
                self._training.let_go(self._checkpoints.last)
            elif isinstance(self._training.tip, Slice):
                # By now the store has it, too.
                self._training.tip = self._checkpoints.last

    @property
    def _unmeasured(self) -> bool:
        """Is there something to ask of the state at which it rests?"""
        looked = self._measurements.measured(self._step, self._knobs)
        return self._training.tip is not None and (not looked or self._to_diagnose)

    @property
    def _to_diagnose(self) -> bool:
        """Does it rest where there is something to say? A network that has hardly begun is no finding."""
        rests = self._status == Status.FINISHED or (self._status == Status.PAUSED and self._step >= FEW_STEPS)
        whole = complete(self.config, self._train_count, self._step)
        return rests and whole and not self._measurements.diagnosed(self._step)

    def _newest(self) -> Reached | None:
        link, checkpoint = self._training.arrived, self._checkpoints.last
        if link is None or link.status in ENDED:
            if checkpoint is None or self._checkpoints.step != self._step:
                return None
            link = self._training.arrived = self._connection.keep(loaded(checkpoint))
        return Reached(self._step, link, self._connection.ready)

    def _measure(self) -> None:
        if not self._connection.make():
            return
        reached = self._newest()
        if reached is None:
            self._go_on_from_checkpoint()
        elif not self._measurements.measured(self._step, self._knobs):
            self._measurements.measure(reached.link, self._step, self._knobs)
        else:
            still = lambda: self._step == reached.step and self._status != Status.TRAINING  # noqa: E731
            self._measurements.diagnose(reached, self._knobs, still)

    @property
    def _asleep(self) -> bool:
        return self._status == Status.TRAINING and not self._lease.held

    def _moved(self) -> None:
        """Another run made room, and its thread has other things to do."""

        def go_on() -> None:
            with self._guard():
                self._go_on()

        self._later(go_on)

    def _landed(self, report: SliceReport) -> None:
        """Takes a report into the history."""
        self._version += 1
        self._step = report.step
        if report.diverged:
            self._training.halt(report.step)
            self._set(Status.DIVERGED)
            self._message = (
                f"Training diverged at step {report.step:,}. The last good state was kept; try a ten times smaller "
                "learning rate."
            )
        else:
            self._history.note_slice(report)
            if report.progress is not None:
                self._training.pace.landed(report.progress, report.step, self._training.turns)
            if self._status == Status.STARTING:
                self._started()
            if self._status == Status.TRAINING and self._step >= self._budget:
                self._set(Status.FINISHED)
        self._pump()

    def _started(self) -> None:
        self._set(self._after_start)
        self._checkpoints.soon()
        if self._step_after_start:
            self._step_after_start = False
            self._go_on(self._one_batch)

    def _set(self, status: Status) -> None:
        if status != self._status:
            self._message = ""
        if status == Status.TRAINING:
            self._measurements.forget_findings()
        self._status = status
        self._version += 1

    # Keeping it.

    @property
    def _stamp(self) -> Hashable:
        return self._stamp_at(self._step)

    def _stamp_at(self, step: int) -> Hashable:
        """What is to be saved has changed when this has."""
        return step, self._status, self._history.edits

    def _save(self) -> None:
        self._checkpoints.take(self._training.tip, self._connection.engine, self._stamp)

    def _fetched(self, tip: Tip, last: Slice) -> tuple[Record, Hashable]:
        """The next slice starts from what was fetched, so that the engine can forget the chain: unless that is still
        short, as it is at the first time, and not worth sending a state there."""
        if self._training.tip is tip and (self._checkpoints.stored or self._status != Status.TRAINING):
            self._training.tip = last
        state, history = last.state, self._history
        record = Record(
            id=self.id,
            owner=self.owner,
            created=self.created,
            config=self.config,
            knobs=self._knobs,
            status=self._status,
            message=self._message,
            budget=self._budget,
            train_seconds=history.train_seconds,
            state=state,
            curve=[point for point in history.curve if point.step <= state.step],
            annotations=list(history.annotations),
            pca=list(history.pca),
            findings=history.findings,
            frames=[frame for frame in history.frames if frame.step <= state.step],
            steps_per_epoch=self._steps_per_epoch,
            threads=sorted(history.threads),
        )
        return record, self._stamp_at(state.step)

    # Where something was lost.

    def _engine_lost(self, problem: EngineLost) -> None:
        self._connection.lost(problem)
        self._version += 1

    def _refused(self, sentence: str) -> None:
        self._first.clear()
        self._fail(sentence)

    def _lost(self, link: Future) -> None:
        if link.cancelled():
            self._go_on_from_checkpoint()
        else:
            log.warning("Run %s… lost a slice", self.id[:4])
            self._fail(LOST_SLICE)

    def _state_lost(self, cancelled: bool) -> None:
        if cancelled:
            self._go_on_from_checkpoint()
        else:
            self._fail(LOST_STATE)

    def _rescue(self) -> None:
        """Goes on from the last saved state after an unforeseen exception; where that has just been tried, the run
        fails."""
        if self._given_up:
            return
        step = self._checkpoints.step
        tried, self._rescued_at = self._rescued_at == step, step
        if tried:
            self._fail(FAULT)
            return
        with self._guard():
            self._go_on_from_checkpoint()

    def _fail(self, message: str) -> None:
        self._fall_back()
        self._set(Status.FAILED)
        self._training.end()
        self._message = message

    def _go_on_from_checkpoint(self) -> None:
        """The scheduler went away and took along what it had: what was trained since is trained again."""
        self._fall_back()
        if self._training.tip is not None:
            self._go_on()
        else:
            wanted = self._after_start if self._status == Status.STARTING else self._status
            self.start(then_train=wanted == Status.TRAINING)

    def _fall_back(self) -> None:
        """Goes back to the last state that the app holds itself. A run that had come to its end later comes there
        again."""
        step = self._checkpoints.step
        self._checkpoints.restart()
        self._connection.drop()
        self._training.restart(self._checkpoints.last, step)
        self._history.fall_back(step)
        if self._status in (Status.FINISHED, Status.DIVERGED) and step < self._step:
            self._set(Status.TRAINING)
        self._step = step
        self._version += 1
