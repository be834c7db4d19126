"""One run: a state machine around a chain of slices.

    starting ─► paused ⇄ training ─► finished | diverged | failed

Train submits slices, pause stops submitting, step is a slice of one batch. Two slices are always on
their way, so that the engine never waits for the app. Reports come on a thread of the engine's: they are
noted, and what is next is submitted.
"""

from __future__ import annotations

import heapq
import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from concurrent.futures import Future as Promise
from contextlib import contextmanager
from dataclasses import dataclass, replace

from distributed import Future

from aelib import datasets, slices
from aelib.config import KNOBS, InvalidInput, Knobs, RunConfig, with_knobs
from aelib.engine import ENDED, Engine, EngineLost, ReadyData
from aelib.faults import describe
from aelib.insight.diagnosis import FEW_STEPS, Finding, Measures, complete, findings, measure
from aelib.phases import Phase, phases
from aelib.runs.background import Background
from aelib.runs.backoff import Backoff
from aelib.runs.history import CURVE_POINTS, FRAMES, CurvePoint, Mark, PcaLine, Series
from aelib.runs.line import Line
from aelib.runs.looks import LookCosts, most_in_flight, schedule
from aelib.runs.pace import Pace
from aelib.runs.status import ASLEEP, UNDERWAY, Status
from aelib.runs.store import Record, Store, Summary
from aelib.slices import Frame, Glance, Report, Slice

log = logging.getLogger(__name__)

IN_FLIGHT = 2
LEASE_SECONDS = 20.0
# A server that dies loses so much of a run, and what saving takes; a new run is saved soon.
ANCHOR_SECONDS = 10.0
FIRST_ANCHOR_SECONDS = 1.0
# A state that cannot be had within this time, because there is no worker, is asked for again later.
FETCH_SECONDS = 30.0

UNMEASURED = "The newest state could not be measured; it is tried again."
FAULT = "This run failed twice at the same place; press Train to go on from the last saved state."


@dataclass(frozen=True)
class RunView:
    """A run as it is at one moment, for drawing. `frames` are the recorded ones, `newest` may be only a glance.
    `rate`: pictures a second; `seconds_left`: of the budget. `phases`: those that have begun. `findings`:
    what there is to say of the network where the run rests. `place`: 0, or the run's
    place among those that wait until others have trained."""

    id: str
    config: RunConfig
    knobs: Knobs
    status: Status
    message: str
    asleep: bool
    place: int
    step: int
    budget: int
    steps_per_epoch: float
    rate: float | None
    seconds_left: float | None
    version: int
    curve: tuple[CurvePoint, ...]
    frames: tuple[Frame, ...]
    newest: Frame | None
    marks: tuple[Mark, ...]
    pca: tuple[PcaLine, ...]
    phases: tuple[Phase, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Reached:
    """The newest state of a run: its `link` on the engine, with the run's data beside it."""

    step: int
    link: Future
    ready: ReadyData


@dataclass(eq=False)
class _Flight:
    """A slice on its way."""

    link: Future
    steps: int


@dataclass(eq=False)
class _Looking:
    """A look at the state after `step` batches, on its way or (`arrived`) waiting for those before it."""

    step: int
    future: Future | None = None
    arrived: bool = False
    frame: Frame | None = None


class Run:
    """A training run. Every method returns at once; what it leads to shows in `view()`."""

    def __init__(
        self,
        id: str,
        owner: str,
        config: RunConfig,
        engine: Promise[Engine],
        store: Store,
        line: Line,
        background: Background,
    ) -> None:
        self.id, self.owner, self.config = id, owner, config
        self.created = time.time()
        self._promised_engine, self._store, self._line, self._background = engine, store, line, background
        self._lock = threading.RLock()
        self._engine: Engine | None = None
        self._ready: ReadyData | None = None
        # What is to be done first when engine and data are there; are they being fetched, and why could they not be?
        self._first: list[Callable[[], object]] = []
        self._opening, self._unopened = False, ""

        self._status: Status = Status.STARTING
        self._message = ""
        self._after_start: Status = Status.PAUSED
        self._step_after_start = False
        self._knobs = Knobs.of(config)
        self._budget, self._steps_per_epoch, self._train_count = 0, 1.0, config.batch_size
        self._step = self._planned = 0
        self._train_seconds = 0.0
        self._threads: set[int] = set()
        self._trained: Series[CurvePoint] = Series(CURVE_POINTS)
        self._tested: Series[CurvePoint] = Series(CURVE_POINTS)
        self._frames: Series[Frame] = Series(FRAMES)
        self._newest: Frame | None = None
        self._marks: list[Mark] = []
        self._pca: list[PcaLine] = []
        self._version = 0

        # The chain: its newest link, the last one that the app holds itself, and what is on its way.
        self._tip: Slice | Future | None = None
        self._root: Slice | None = None
        self._reached: Reached | None = None
        self._flights: deque[_Flight] = deque()
        self._last_looked: Frame | None = None
        self._looking: deque[_Looking] = deque()
        # At which step all probe images were looked at last, and how.
        self._looked_at: tuple[int, object] | None = None
        # What is wrong with the network, and the step at which that was asked.
        self._findings: tuple[Finding, ...] = ()
        self._diagnosed_at: int | None = None
        self._diagnosing = False
        # What the store was last given, and why it could not take it, in a sentence.
        self._saved: object = None
        self._unsaved = ""
        self._edits = 0
        # The link that is being fetched to be saved.
        self._anchoring: Slice | Future | None = None
        self._saving = self._discarded = self._released = False
        # When a vain save, and a vain question to the engine, are tried again.
        self._saves, self._questions = Backoff(), Backoff()
        # From which step on PCA's line was asked for last, and whether it is missing.
        self._pca_asked, self._pca_missing = 0, False
        # At which saved step an unforeseen exception was met last.
        self._rescued_at: int | None = None
        self._anchored_at = self._watched_at = time.monotonic()
        self._place = 0

        self._pace = Pace()
        self._look_costs = LookCosts()

    @classmethod
    def restored(cls, record: Record, engine: Promise[Engine], store: Store, line: Line, background: Background) -> Run:
        """A run from the store. One that trained when nobody looked any more, or when the server died, sleeps: it goes
        on once somebody looks."""
        run = cls(record.id, record.owner, record.config, engine, store, line, background)
        run.created, run._knobs = record.created, record.knobs
        run._status = Status.PAUSED if record.status == Status.STARTING else record.status
        run._watched_at = -math.inf
        run._message, run._budget, run._train_seconds = record.message, record.budget, record.train_seconds
        run._steps_per_epoch, run._threads = record.steps_per_epoch, set(record.threads)
        # Until the data are there: of fewer images than a batch is to have, all make one, so that as many steps result.
        run._train_count = round(record.steps_per_epoch * record.config.batch_size)
        run._step = run._planned = record.state.step
        if run._status == Status.TRAINING and run._step >= run._budget > 0:
            # That it had come to its end could not be saved any more.
            run._status = Status.FINISHED
        for point in record.curve:
            (run._tested if point.train_loss is None else run._trained).append(point)
        for frame in record.frames:
            run._frames.append(frame)
        run._marks, run._pca = list(record.marks), list(record.pca)
        run._findings, run._diagnosed_at = record.findings, record.state.step
        run._newest = newest = run._frames.newest
        if newest is not None:
            run._last_looked = newest
            run._root = run._tip = Slice(
                record.state, None, Glance(newest.step, newest.seen, newest.output, mask=newest.mask)
            )
            run._looked_at = (newest.step, run._looks_depend_on)
        run._saved = run._stamp
        return run

    # What a person does.

    def train(self) -> None:
        """Trains until the budget is used up; a finished run gets its budget once more."""
        with self._guarded():
            self._rescued_at = None
            if not self._underway(then=Status.TRAINING):
                return
            if self._planned >= self._budget:
                self._budget = self._planned + self.config.steps(self._train_count)
            self._set(Status.TRAINING)
            self._pace.restart()
            self._watched_at = time.monotonic()
            self._go_on()

    def _underway(self, then: Status) -> bool:
        """Is there a state to train further? If not, the first one is asked for, and what comes `then` is noted."""
        if self._tip is None and self._status != Status.STARTING:
            self.start(then_train=then == Status.TRAINING)
        elif self._status == Status.STARTING and then == Status.TRAINING:
            self._after_start = Status.TRAINING
        return self._status != Status.STARTING

    def pause(self) -> None:
        """Stops after the slice that is being trained."""
        with self._guarded():
            if self._status == Status.STARTING:
                self._after_start, self._step_after_start = Status.PAUSED, False
            elif self._status == Status.TRAINING:
                self._set(Status.PAUSED)
                self._recall()
                self._pump()

    def step(self) -> None:
        """Trains one batch."""
        with self._guarded():
            if not self._underway(then=Status.PAUSED):
                self._step_after_start = True
                return
            if self._status == Status.TRAINING:
                self._recall()
            self._set(Status.PAUSED)
            self._go_on(self._one_batch)

    def _one_batch(self) -> None:
        if self._tip is None:
            # The state to train further was lost meanwhile.
            self.start(then_train=False)
            self._step_after_start = True
            return
        self._budget = max(self._budget, self._planned + 1)
        self._submit(1)

    def turn(self, knobs: Knobs) -> None:
        """Gives the next slice other knobs and marks the change."""
        with self._guarded():
            changed = [name for name in KNOBS if getattr(knobs, name) != getattr(self._knobs, name)]
            if not changed:
                return
            if self._planned:
                self._marks += [
                    Mark(self._planned, name, getattr(self._knobs, name), getattr(knobs, name)) for name in changed
                ]
            self._knobs = knobs
            self._edits += 1
            self._version += 1
            if self._status != Status.STARTING:
                self._go_on(self._ask_pca if "corruption_level" in changed else None)

    def touch(self) -> None:
        """Somebody is looking: renews the lease and wakes a sleeping run."""
        with self._guarded():
            slept = self._asleep
            self._watched_at = time.monotonic()
            if slept:
                self._pace.restart()
                self._version += 1
            if slept or self._unopened:
                self._go_on()

    def view(self) -> RunView:
        with self._lock:
            batch = self.config.batch(self._train_count)
            left = max(0, self._budget - self._step) * batch
            speed = self._pace.steps_a_second if self._status == Status.TRAINING else None
            rate = speed * batch if speed else None
            return RunView(
                self.id,
                self.config,
                self._knobs,
                self._status,
                self._message or self._unopened or self._unsaved or (UNMEASURED if self._questions.failing else ""),
                self._asleep,
                self._place,
                self._step,
                self._budget,
                self._steps_per_epoch,
                rate,
                left / rate if rate else None,
                self._version,
                self._curve,
                tuple(self._frames),
                self._newest,
                tuple(self._marks),
                tuple(self._pca),
                tuple(phase for phase in phases(self.config, self._train_count) if phase.begin < max(1, self._step)),
                self._findings,
            )

    @property
    def version(self) -> int:
        """Rises with every change of `view()`."""
        return self._version

    @property
    def status(self) -> Status:
        return self._status

    @property
    def resting(self) -> bool:
        """Is nothing on its way, and everything in the store that can be?"""
        with self._lock:
            kept = self._saved == self._stamp or self._status == Status.FAILED
            on_its_way = self._anchoring is not None or self._saving or self._diagnosing
            return kept and not (on_its_way or self._flights or self._looking)

    def release(self) -> bool:
        """Gives this run up where nobody looks and the store has all of it: whoever asks next gets it from there."""
        with self._lock:
            stored = self._saved is not None and not self._unsaved
            if self._questions.failing and not self._questions.rare:
                # What is missing may still come.
                stored = False
            if self.resting and not self.watched and stored:
                self._released = True
            return self._released

    @property
    def watched(self) -> bool:
        """Did somebody look within the lease?"""
        return time.monotonic() - self._watched_at <= LEASE_SECONDS

    @property
    def settings(self) -> RunConfig:
        """The config, with the knobs as they are now."""
        return with_knobs(self.config, self._knobs)

    def reached(self) -> Reached | None:
        """The newest state, to ask the engine about; None as long as there is none or it is on its way there."""
        with self._guarded():
            if not self._open:
                if self._tip is not None:
                    self._go_on()
                return None
            assert self._engine is not None and self._ready is not None
            root = self._root
            if self._reached is not None and self._reached.link.status not in ENDED:
                if self._reached.ready is not self._ready:
                    # The data were lost, and are there again.
                    self._reached = replace(self._reached, ready=self._ready)
            elif root is not None and root.state.step == self._step:
                self._reached = None
                self._reached = Reached(root.state.step, self._engine.keep(root, visitor=self.owner), self._ready)
            else:
                self._reached = None
        return self._reached

    @property
    def train_seconds(self) -> float:
        """How long its batches took so far, wherever they were trained."""
        return self._train_seconds

    @property
    def untouched(self) -> bool:
        """Is it as it was at its start, with nothing to come?"""
        return self._status == Status.PAUSED and self._planned == 0

    def summary(self) -> Summary:
        with self._lock:
            newest = self._frames.newest
            error = newest.look.test_mse if newest is not None else None
            status = ASLEEP if self._asleep else self._status
            return Summary(self.id, self.owner, self.created, self.config, status, self._step, error)

    def discard(self) -> None:
        """Stops for good, before the run is deleted: nothing of it will be saved any more."""
        with self._guarded():
            self._discarded = True
            self._set(Status.PAUSED)
            self._line.leave(self)
            self._recall()

    def attend(self) -> None:
        """Does whatever is due, whether anything else happens to the run or not: lets it fall asleep if nobody looks,
        and tries again what had failed. To be called every few seconds."""
        with self._guarded():
            if self._unsaved and self._saves.due:
                self._saved = None
            if self._pca_missing and self._questions.due and self._open:
                self._ask_pca(self._pca_asked)
            if self._status == Status.FAILED:
                return
            if self._open or not self.resting or (self._unmeasured and self._status not in UNDERWAY):
                self._go_on()
            else:
                self._pump()

    @property
    def _unmeasured(self) -> bool:
        """Is there something to ask of the state at which it rests?"""
        looked = self._looked_at == (self._step, self._looks_depend_on)
        return self._tip is not None and (not looked or self._to_diagnose)

    def sleep(self) -> None:
        """Falls asleep at once, as if nobody had looked for long: it goes on when somebody does."""
        with self._guarded():
            self._watched_at = -math.inf
            if self._unsaved:
                self._saved = None
            self._recall()
            self._pump()

    # The chain.

    def start(self, then_train: bool) -> None:
        """Sends a new run's first slice."""
        with self._guarded():
            self._set(Status.STARTING)
            self._after_start, self._step_after_start = Status.TRAINING if then_train else Status.PAUSED, False
            self._go_on()

    def _begin(self) -> None:
        assert self._engine is not None and self._ready is not None
        self._ask_pca()
        self._look(self._follow(0, slices.first_slice, self.config, self._ready.data, self._knobs))

    @property
    def _open(self) -> bool:
        """Are engine and data there, and have not been lost meanwhile?"""
        return self._ready is not None and not self._ready.lost

    def _go_on(self, first: Callable[[], object] | None = None) -> None:
        """Does `first`, and then what the run needs next, once engine and data are there: at once, or after fetching
        them in the background. Where the engine is lost, that is tried again whenever somebody looks."""
        if first is not None:
            self._first.append(first)
        if not self._open:
            self._ready = None
            if not self._opening:
                self._opening = True
                self._background.submit(self.owner, self._find_engine_and_data)
            return
        with self._guarded():
            while self._first:
                self._first.pop(0)()
        self._pump()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """The lock, and a way on from whatever goes wrong while it is held: nobody else looks after this run."""
        with self._lock:
            try:
                yield
            except EngineLost as problem:
                self._wait_for_engine(problem)
            except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on or says that it failed
                log.error("Run %s… met an unforeseen exception: %s", self.id[:4], describe(error))
                self._rescue()

    def _rescue(self) -> None:
        """Goes on from the last saved state; where that has just been tried, the run fails."""
        if self._discarded or self._released:
            return
        step = self._root.state.step if self._root is not None else 0
        tried, self._rescued_at = self._rescued_at == step, step
        if tried:
            self._fail(FAULT)
            return
        with self._guarded():
            self._go_on_from_root()

    def _wait_for_engine(self, problem: EngineLost) -> None:
        self._ready = None
        self._unopened = str(problem)
        self._version += 1

    def _find_engine_and_data(self) -> None:
        try:
            engine = self._promised_engine.result()
            dataset = datasets.load(self.config.dataset)
            datasets.check_classes(self.config, dataset)
            ready = engine.data(self.config.dataset)
        except EngineLost as problem:
            with self._guarded():
                self._opening = False
                self._wait_for_engine(problem)
        except InvalidInput as problem:
            self._could_not_open(str(problem))
        except CancelledError:
            # The server stops before its engine was started.
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the run has to say it
            log.error("Run %s… could not be opened: %s", self.id[:4], describe(error))
            self._could_not_open("The engine could not be started; the server's log says why.")
        else:
            self._opened(engine, ready, len(dataset.train_images))

    def _opened(self, engine: Engine, ready: ReadyData, train_count: int) -> None:
        with self._guarded():
            self._opening = False
            if self._unopened:
                self._unopened = ""
                self._version += 1
            self._engine, self._ready = engine, ready
            self._train_count = train_count
            self._steps_per_epoch = train_count / self.config.batch(train_count)
            self._budget = self._budget or self.config.steps(train_count)
            self._go_on()

    def _could_not_open(self, message: str) -> None:
        with self._guarded():
            self._opening = False
            self._first.clear()
            self._fail(message)

    def _submit(self, steps: int) -> Future:
        assert self._engine is not None and self._ready is not None
        threads = self._pace.threads(self._engine.threads_for(self._line.training))
        return self._follow(steps, slices.next_slice, self._tip, self._ready.data, self._knobs, steps, threads)

    def _submit_next(self, turns: float) -> None:
        """Sends the next slice on its way, which ends where the run is to be looked at or before."""
        looks = schedule(self._budget, self._pace.step_seconds, self._look_costs)
        stop = looks.next_step(self._planned, self._budget)
        link = self._submit(self._pace.next_slice(stop - self._planned, turns))
        if self._planned == self._budget:
            self._look(link)
        elif self._planned == stop and len(self._looking) < most_in_flight(self.config):
            self._look(link, looks.images)

    def _look(self, link: Future, images: int | None = None) -> None:
        """Looks at `link`, the state after all that is planned, while training goes on: at all probe images, or only at
        so many `images`."""
        assert self._engine is not None and self._ready is not None
        # Each turns its codes towards those of the look before, which may be on its way.
        previous = self._looking[-1].future if self._looking else self._last_looked
        looking = _Looking(self._planned)
        rest = (link, self._ready.data, self._knobs, previous, images)
        looking.future = self._engine.tell(
            lambda frame: self._looked(looking, frame), slices.look, *rest, visitor=self.owner
        )
        self._looking.append(looking)
        self._looked_at = (self._planned, self._looks_depend_on) if images is None else None

    def _follow(self, steps: int, function: Callable[..., Slice], *arguments: object) -> Future:
        """Sends a slice of `steps` batches on its way."""
        assert self._engine is not None
        # The lock is held: however fast the report is back, it finds the slice among the flights.
        link = self._engine.follow(
            slices.report,
            lambda report: self._landed(link, report),
            function,
            *arguments,
            visitor=self.owner,
            seconds=self._pace.seconds(steps),
        )
        self._tip = link
        self._planned += steps
        self._flights.append(_Flight(link, steps))
        return link

    def _recall(self) -> None:
        """Takes back all slices but the one that is being trained."""
        while len(self._flights) > 1:
            flight = self._flights.pop()
            flight.link.cancel()
            self._planned -= flight.steps
        while self._looking and self._looking[-1].step > self._planned:
            looking = self._looking.pop()
            if looking.future is not None:
                looking.future.cancel()
            self._looked_at = None
        if self._flights:
            self._tip = self._flights[0].link

    def _landed(self, link: Future, report: Report | None) -> None:
        """A slice arrived, or (None) never will. Those of a run arrive in the order of their departure, as each is made
        of the one before; only a report that was lost comes later, and is not waited for."""
        with self._guarded():
            flight = next((flight for flight in self._flights if flight.link is link), None)
            if flight is None:
                return
            if report is None:
                if link.cancelled():
                    self._go_on_from_root()
                else:
                    log.warning("Run %s… lost a slice", self.id[:4])
                    self._fail("The engine lost this run's last slice; press Train to go on from the last saved state.")
                return
            while self._flights.popleft() is not flight:
                pass
            if self._ready is not None:
                self._reached = Reached(report.step, link, self._ready)
            self._note(report)
            self._pump()

    def _note(self, report: Report) -> None:
        """Takes a report into the history."""
        self._version += 1
        self._step = report.step
        progress = report.progress
        if report.diverged:
            self._flights.clear()
            self._planned = report.step
            self._set(Status.DIVERGED)
            self._message = (
                f"The error grew beyond all bounds after step {report.step:,}: the steps are too large. "
                "The last good state is kept. Try a learning rate ten times smaller."
            )
            return
        if progress is not None:
            self._train_seconds += progress.seconds
            self._threads.add(progress.threads)
            self._pace.landed(progress, report.step)
            self._trained.append(
                CurvePoint(report.step, progress.train_loss, progress.train_mse, None, None, progress.penalty)
            )
        if self._last_looked is not None:
            self._newest = Frame.of(report.glance, self._last_looked.look)
        if self._status == Status.STARTING:
            self._set(self._after_start)
            self._anchored_at = time.monotonic() - ANCHOR_SECONDS + FIRST_ANCHOR_SECONDS
            if self._step_after_start:
                self._step_after_start = False
                self._go_on(self._one_batch)
        if self._status == Status.TRAINING and self._step >= self._budget:
            self._set(Status.FINISHED)

    def _looked(self, looking: _Looking, frame: Frame | None) -> None:
        """A look arrived, or (None) never will."""
        with self._guarded():
            if looking not in self._looking:
                return
            if frame is not None:
                self._questions.succeeded()
            elif looking.future is not None and looking.future.status in ENDED:
                self._unanswered()
                self._looked_at = None
            looking.arrived, looking.frame = True, frame
            while self._looking and self._looking[0].arrived:
                frame = self._looking.popleft().frame
                if frame is not None:
                    self._note_look(frame)
            self._pump()

    def _unanswered(self) -> None:
        """What the engine was asked is asked again later."""
        self._questions.failed()
        self._version += 1

    def _note_look(self, frame: Frame) -> None:
        """Takes a look into the history."""
        look = frame.look
        self._last_looked = frame
        self._look_costs.note(look)
        self._frames.append(frame)
        energies = look.free_energy or (None, None)
        self._tested.append(CurvePoint(look.step, None, None, look.test_loss, look.test_mse, None, *energies))
        ahead = self._newest is not None and self._newest.step > frame.step
        self._newest = Frame.of(self._newest, look) if ahead and self._newest is not None else frame
        self._edits += 1
        self._version += 1

    @property
    def _curve(self) -> tuple[CurvePoint, ...]:
        return tuple(heapq.merge(self._trained, self._tested, key=lambda point: point.step))

    @property
    def _looks_depend_on(self) -> object:
        """The knobs that change pictures and codes at once, without training."""
        return self._knobs.corruption_level, self._knobs.active_units

    @property
    def _stamp(self) -> object:
        """What is to be saved has changed when this has."""
        return self._stamp_at(self._step)

    def _stamp_at(self, step: int) -> object:
        return step, self._status, self._edits

    @property
    def _asleep(self) -> bool:
        return self._status == Status.TRAINING and not self.watched

    def _pump(self) -> None:
        """Submits whatever the run needs next. Called after everything that may change that."""
        with self._guarded():
            self._submit_what_is_next()

    def _submit_what_is_next(self) -> None:
        if self._released or self._discarded:
            return
        training = self._may_train()
        if self._ready is None or self._engine is None or self._anchoring is not None:
            return
        if self._tip is None:
            if self._status == Status.STARTING:
                self._begin()
            return
        anchor_due = time.monotonic() - self._anchored_at > ANCHOR_SECONDS and not self._saving
        # Where runs take turns, the engine has enough to do: a second slice would only make knobs wait.
        turns = 1 / (self._line.share(self) * self._engine.lanes)
        most = IN_FLIGHT if turns <= 1 else 1
        while training and not anchor_due and len(self._flights) < most and self._planned < self._budget:
            self._submit_next(turns)
        if self._flights or (self._saving and not training):
            return
        if training and anchor_due:
            self._anchor()
        elif not training and (self._looking or self._diagnosing):
            return
        elif not training and self._unmeasured and self._questions.due:
            self._measure()
        elif not training and self._saved != self._stamp:
            self._anchor()

    def _measure(self) -> None:
        """Asks for what is not known yet of the state at which it rests."""
        reached = self.reached()
        if reached is not None:
            if self._looked_at != (self._step, self._looks_depend_on):
                self._look(reached.link)
            else:
                self._diagnose(reached)
        elif self._open:
            self._go_on_from_root()

    @property
    def _to_diagnose(self) -> bool:
        """Does it rest where there is something to say? A network that has hardly begun is no finding."""
        rests = self._status == Status.FINISHED or (self._status == Status.PAUSED and self._step >= FEW_STEPS)
        whole = complete(self.config, self._train_count, self._step)
        return rests and whole and self._diagnosed_at != self._step

    def _diagnose(self, reached: Reached) -> None:
        """Asks what is wrong with the network."""
        assert self._engine is not None
        first = next((point.test_mse for point in self._tested if point.step == 0), None)

        def arrived(measured: Measures | None) -> None:
            with self._guarded():
                self._diagnosing = False
                if measured is None:
                    self._diagnosed_at = None
                    self._unanswered()
                    return
                self._questions.succeeded()
                if self._step == reached.step and self._status != Status.TRAINING:
                    self._findings = findings(measured, self.settings, first)
                    self._edits += 1
                    self._version += 1
                self._pump()

        self._engine.tell(arrived, measure, reached.link, reached.ready.data, visitor=self.owner)
        self._diagnosed_at, self._diagnosing = reached.step, True

    def _may_train(self) -> bool:
        """Does it want to, and is it its turn?"""
        if self._status != Status.TRAINING or self._asleep:
            self._line.leave(self)
            place, may = 0, False
        else:
            place = self._line.join(self, self.owner, self._moved)
            may = place == 0
        if place != self._place:
            self._place = place
            self._version += 1
        return may

    def _moved(self) -> None:
        """Another run made room, and its thread has other things to do."""

        def go_on() -> None:
            with self._guarded():
                self._go_on()

        self._background.submit(self.owner, go_on)

    def _ask_pca(self, start: int | None = None) -> None:
        """Asks for PCA's error with the knobs as they are: from step `start` on, or from where they were turned."""
        assert self._engine is not None and self._ready is not None
        if self.config.colour:
            # PCA of grey pictures knows no colours.
            return
        data, basis = self._ready.data, self._ready.basis
        start = self._planned if start is None else start
        self._pca_asked, self._pca_missing = start, False

        def arrived(error: float | None) -> None:
            with self._guarded():
                if error is None:
                    if self._pca_asked == start:
                        self._pca_missing = True
                        self._unanswered()
                    return
                self._questions.succeeded()
                self._pca = [line for line in self._pca if line.step < start]
                self._pca.append(PcaLine(start, error))
                self._edits += 1
                self._version += 1
                self._pump()

        self._engine.tell(arrived, slices.pca_line, data, basis, self.config, self._knobs, visitor=self.owner)

    # Keeping it.

    def _anchor(self) -> None:
        """Fetches the state and saves it. The next slice starts from it, so that the engine can forget the chain."""
        self._anchoring = self._tip
        self._background.submit(self.owner, self._fetch_and_save, self._tip)

    def _fetch_and_save(self, tip: Slice | Future) -> None:
        try:
            assert self._engine is not None
            link = tip if isinstance(tip, Slice) else self._engine.fetch(tip, FETCH_SECONDS)
        except Exception as error:  # noqa: BLE001 - the run survives whatever the cluster reports
            self._not_fetched(tip, error)
            return
        with self._guarded():
            # Whoever fell back meanwhile wants none of it.
            if self._anchoring is tip:
                self._root = root = replace(link, progress=None, diverged=False)
                if self._tip is tip:
                    self._tip = root
                self._background.submit(self.owner, self._save, self._record(root), self._stamp_at(root.state.step))
                self._anchoring, self._saving = None, True
                self._anchored_at = time.monotonic()
                # Training goes on meanwhile.
                self._pump()

    def _not_fetched(self, tip: Slice | Future, error: Exception) -> None:
        with self._guarded():
            if self._anchoring is not tip:
                return
            self._anchoring = None
            if isinstance(error, TimeoutError):
                self._saved = self._stamp
                self._note_save("no worker answers")
            elif isinstance(error, CancelledError):
                self._go_on_from_root()
            else:
                log.warning("Run %s…: its state could not be fetched: %s", self.id[:4], describe(error))
                self._fail("The engine lost this run's state; press Train to go on from the last saved one.")

    def _save(self, record: Record, stamp: object) -> None:
        problem = ""
        try:
            if not self._discarded:
                self._store.save(record)
        except Exception as error:  # noqa: BLE001 - whatever the disk says, the run goes on
            log.warning("Run %s… could not be saved: %s", self.id[:4], describe(error))
            problem = getattr(error, "strerror", None) or type(error).__name__
        with self._guarded():
            self._saving = False
            if self._discarded:
                # It was deleted while it was being written.
                self._store.delete(self.id)
            self._saved = stamp
            self._note_save(problem)
            self._pump()

    def _note_save(self, problem: str) -> None:
        """Notes that it was saved, or why not; what was not saved is saved again later."""
        unsaved = ""
        if problem:
            unsaved = f"This run could not be saved ({problem}); it goes on, but a restart would lose it."
            self._saves.failed()
        else:
            self._saves.succeeded()
        if unsaved != self._unsaved:
            self._unsaved = unsaved
            self._version += 1

    def _record(self, link: Slice) -> Record:
        return Record(
            id=self.id,
            owner=self.owner,
            created=self.created,
            config=self.config,
            knobs=self._knobs,
            status=self._status,
            message=self._message,
            budget=self._budget,
            train_seconds=self._train_seconds,
            state=link.state,
            curve=[point for point in self._curve if point.step <= link.state.step],
            marks=list(self._marks),
            pca=list(self._pca),
            findings=self._findings,
            frames=[frame for frame in self._frames if frame.step <= link.state.step],
            steps_per_epoch=self._steps_per_epoch,
            threads=sorted(self._threads),
        )

    def _fail(self, message: str) -> None:
        self._fall_back()
        self._set(Status.FAILED)
        self._line.leave(self)
        self._message = message

    def _go_on_from_root(self) -> None:
        """The scheduler went away and took along what it had: what was trained since is trained anew."""
        self._fall_back()
        if self._tip is not None:
            self._go_on()
        else:
            wanted = self._after_start if self._status == Status.STARTING else self._status
            self.start(then_train=wanted == Status.TRAINING)

    def _fall_back(self) -> None:
        """Goes back to the last state that the app holds itself. A run that had come to its end later comes there
        again."""
        self._flights.clear()
        self._tip, self._reached = self._root, None
        self._anchoring, self._diagnosing = None, False
        self._looking.clear()
        self._looked_at = self._ready = None
        self._pace.restart()
        step = self._root.state.step if self._root is not None else 0
        if self._status in (Status.FINISHED, Status.DIVERGED) and step < self._step:
            self._set(Status.TRAINING)
        self._step = self._planned = step
        for series in (self._trained, self._tested, self._frames):
            series.drop_from(step + 1)
        self._newest = self._last_looked = self._frames.newest
        self._version += 1

    def _set(self, status: Status) -> None:
        if status != self._status:
            self._message = ""
        if status == Status.TRAINING:
            self._findings = ()
        self._status = status
        self._version += 1
