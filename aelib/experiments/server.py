"""The experiments of a server: their runs are trained on its engine, one after another, behind people's own.

They belong to nobody and count against nobody's limit. Of a run only its numbers are kept; what was being trained when
an experiment is stopped, or the server, is lost, and nothing else.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import Future

from aelib import datasets
from aelib.analysis.experiments import Values, measure, part_of
from aelib.cluster.engine import Engine, EngineLost
from aelib.experiments.local import run_values
from aelib.experiments.results import Asked, Question, Results
from aelib.host import limits
from aelib.host.faults import describe
from aelib.runs import Runs
from aelib.spec.config import Knobs
from aelib.spec.fields import InvalidInput
from aelib.train import slices
from aelib.train.pace import Pace
from aelib.train.slices import SliceReport

log = logging.getLogger(__name__)

# In whose turn experiments are computed, and with which part of a visitor's share of the time.
VISITOR, WEIGHT = "experiments", 0.25
# So often it is looked whether somebody has stopped the experiment, and whether its place has come.
LOOK_SECONDS = 0.25
# What measuring a run is expected to take.
MEASURING_SECONDS = 1.0
# How often a run that was lost with the engine is begun again.
ATTEMPTS = 3
FAULT = "This experiment could not be completed (see the server log). What was measured is kept: press Run to continue."
LOST = "The connection to the training process was lost. What was measured is kept: press Run to continue."


class _Stopped(Exception):
    """Somebody stopped the experiment."""


class _Lost(Exception):
    """The engine has lost the run that was being trained."""


@dataclass(frozen=True)
class Progress:
    """An experiment that waits or runs. `place`: how many are before it; of `total` runs `done` are measured; `share`
    of the next one is trained, from 0 to 1, and `waits` says that people's runs go first."""

    place: int
    done: int
    total: int
    share: float = 0.0
    waits: bool = False


class Experiments:
    """Starts and stops the experiments of a server, for all its visitors. Every method returns at once."""

    def __init__(self, runs: Callable[[], Runs], home: Path) -> None:
        self.results = Results(home)
        self._runs = runs
        self._lock = threading.Lock()
        self._waiting: list[Asked] = []
        self._problems: dict[Asked, str] = {}
        self._stopped = threading.Event()
        self._worker: threading.Thread | None = None
        self._share, self._waits = 0.0, False

    def start(self, asked: Asked) -> None:
        """Answers what is not known yet, after the experiments that were started before."""
        with self._lock:
            if asked in self._waiting:
                return
            self._problems.pop(asked, None)
            self._waiting.append(asked)
            if self._worker is None:
                self._stopped.clear()
                self._worker = threading.Thread(target=self._work, name="experiments", daemon=True)
                self._worker.start()

    def stop(self, asked: Asked) -> None:
        """What is measured is kept."""
        with self._lock:
            if asked not in self._waiting:
                return
            if self._waiting[0] == asked:
                self._stopped.set()
            else:
                self._waiting.remove(asked)

    def progress(self, asked: Asked) -> Progress | None:
        """None for one that neither runs nor waits."""
        with self._lock:
            if asked not in self._waiting:
                return None
            place, share, waits = self._waiting.index(asked), self._share, self._waits
        questions = [question for _, _, question in asked.questions()]
        done = sum(self.results.get(question) is not None for question in questions)
        return Progress(place, done, len(questions), *((share, waits) if place == 0 else ()))

    def problem(self, asked: Asked) -> str:
        """Why the last attempt ended before its end, in a sentence; "" where it did not."""
        return self._problems.get(asked, "")

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._worker = None
                    return
                asked = self._waiting[0]
                self._stopped.clear()
            try:
                self._answer_all(asked)
            except _Stopped:
                pass
            except InvalidInput as problem:
                self._problems[asked] = str(problem)
            except (EngineLost, _Lost, CancelledError):
                self._problems[asked] = LOST
            except Exception as error:  # noqa: BLE001 - the next experiment has its turn whatever became of this one
                log.error("Experiment %s failed: %s", asked.design.id, describe(error))
                self._problems[asked] = FAULT
            with self._lock:
                self._waiting.remove(asked)

    def _answer_all(self, asked: Asked) -> None:
        for _, _, question in asked.questions():
            if self.results.get(question) is None:
                self.results.put(question, self._answer(question))

    def _answer(self, question: Question) -> Values:
        for attempt in range(1, ATTEMPTS + 1):
            run = _ExperimentRun(self._runs(), question, self._stopped, self._note)
            try:
                return run.values()
            except (_Lost, EngineLost):
                if attempt == ATTEMPTS:
                    raise
                self._wait()
            finally:
                run.end()
                self._note(0.0, False)
        raise AssertionError("an attempt returns or raises")

    def _wait(self) -> None:
        if self._stopped.wait(LOOK_SECONDS):
            raise _Stopped

    def _note(self, share: float, waits: bool) -> None:
        self._share, self._waits = share, waits


class _ExperimentRun:
    """One run of an experiment on the engine: a chain of slices, of which only the report comes here, and at its end a
    measurement. It takes a place among those that train while people leave one."""

    def __init__(
        self, runs: Runs, question: Question, stopped: threading.Event, note: Callable[[float, bool], None]
    ) -> None:
        self._runs, self._question, self._stopped, self._note = runs, question, stopped, note
        self._moved = threading.Event()

    def values(self) -> Values:
        """Trains and measures. Raises `_Stopped`, `_Lost`, `EngineLost`, and `InvalidInput` for data that are not
        there."""
        engine, config = self._engine(), self._question.config
        for limit in limits.constraints():
            limit.check(config)
        data, basis, count = self._data(engine)
        foreign = None if self._question.foreign is None else engine.data(self._question.foreign).data
        knobs, pace, steps, seconds = Knobs.of(config), Pace(), 0, 0.0
        budget = config.steps(count)
        self._await_place(0.0)
        link, report = self._follow(engine, pace.seconds(0), slices.first_slice, config, data, knobs)
        while steps < budget and not report.diverged:
            self._await_place(steps / budget)
            threads = pace.threads(engine.threads_for(self._runs.queue.training))
            turns = 1 / (self._runs.queue.share(self) * engine.lanes * WEIGHT)
            at_once = pace.next_slice(budget - steps, turns)
            link, report = self._follow(
                engine, pace.seconds(at_once), slices.next_slice, link, data, knobs, at_once, threads
            )
            if report.progress is not None:
                pace.landed(report.progress, report.step, turns)
                seconds += report.progress.seconds
            steps = report.step if not report.diverged else steps
            self._note(steps / budget, False)
        measurement = self._question.measurement.name
        asked = engine.submit(
            measure, link, data, basis, foreign, measurement, visitor=VISITOR, seconds=MEASURING_SECONDS, weight=WEIGHT
        )
        found: Values | None = self._fetched(engine, asked)
        if found is None:
            raise _Lost
        return found | run_values(report.step, seconds, report.diverged)

    def end(self) -> None:
        """Others may have its place and its memory."""
        self._runs.queue.leave(self)
        self._runs.queue.free(self)

    def _engine(self) -> Engine:
        while (engine := self._runs.engine) is None:
            self._look()
        return engine

    def _data(self, engine: Engine) -> tuple[Future, Future, int]:
        """(data, PCA, number of training images)."""
        name, images = self._question.config.dataset, self._question.images
        count = len(datasets.load(name).train_images)
        ready = engine.data(name)
        if images is None or images >= count:
            return ready.data, ready.basis, count
        part = engine.ask(part_of, ready.data, images, visitor=VISITOR)
        return part, engine.ask(slices.fit_basis, part, visitor=VISITOR), images

    def _await_place(self, share: float) -> None:
        """Until people's runs leave one."""
        while True:
            self._moved.clear()
            megabytes = limits.megabytes_in_all(self._question.config)
            if self._runs.queue.join(self, VISITOR, self._moved.set, megabytes=megabytes, yields=True) == 0:
                return
            self._note(share, True)
            self._look()

    def _follow(
        self, engine: Engine, seconds: float, function: Callable[..., Any], *arguments: Any
    ) -> tuple[Future, SliceReport]:
        """The next slice, and its report once it is there."""
        landed: queue.SimpleQueue[SliceReport | None] = queue.SimpleQueue()
        link = engine.follow(
            slices.report, landed.put, function, *arguments, visitor=VISITOR, seconds=seconds, weight=WEIGHT
        )
        while True:
            try:
                report = landed.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                if self._stopped.is_set():
                    link.release()
                    raise _Stopped from None
                continue
            if report is None:
                raise _Lost
            return link, report

    def _fetched(self, engine: Engine, asked: Future) -> Any:
        while True:
            try:
                return engine.fetch(asked, LOOK_SECONDS)
            except TimeoutError:
                if self._stopped.is_set():
                    asked.release()
                    raise _Stopped from None

    def _look(self) -> None:
        """Waits a little, and looks whether somebody has stopped it."""
        self._moved.wait(LOOK_SECONDS)
        if self._stopped.is_set():
            raise _Stopped
