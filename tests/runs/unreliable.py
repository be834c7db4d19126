"""An engine that loses workers, scheduler, answers and messages at random moments, and a disk that is full at times.

It is `aelib.cluster.engine.Engine` on a client that keeps tasks, messages and callbacks in one thread and draws what
happens next, so that any course of events can be had again by its seed. Nothing is trained: a state is filled with its
step, and its error follows from it. Time passes only when told to.
"""

from __future__ import annotations

import errno
import random
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor
from concurrent.futures import Future as Promise
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from distributed.client import ClosedClientError
from distributed.protocol import serialize_bytes

from aelib.cluster import engine as engine_module
from aelib.cluster import tasks
from aelib.cluster.engine import Engine
from aelib.runs import Store, backoff, checkpoints, lease, lifecycle, measurements
from aelib.runs.background import Background
from aelib.runs.history import History
from aelib.runs.lifecycle import Lifecycle
from aelib.runs.measurements import Measurements
from aelib.runs.queue import TrainingQueue
from aelib.runs.record import Record
from aelib.runs.run import Run
from aelib.runs.training import Training
from aelib.spec.architecture import plan
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.fields import InvalidInput
from aelib.spec.state import WEIGHTS, Progress, Reconstructions, State
from aelib.train import pace, slices
from aelib.train.slices import Frame, ProbeMetrics, Slice

STEP_SECONDS = 0.05
FULL = OSError(errno.ENOSPC, "No space left on device", "/home/somebody/aelib/run.json")

# Where exceptions are met that nobody foresaw.
FAULTY: tuple[tuple[type, str], ...] = (
    (History, "note_slice"),
    (History, "note_measured"),
    (Training, "submit"),
    (Measurements, "diagnose"),
    (Lifecycle, "_fetched"),
)


class Clock(SimpleNamespace):
    """Stands for the module `time`."""

    now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now

    time = monotonic


class Inline(Executor):
    """Does at once what it is given."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Promise[Any]:
        function(*arguments, **options)
        return Promise()


class Later(Background):
    """Keeps what it is given until it is told to do the next."""

    def __init__(self) -> None:
        self.jobs: list[Callable[[], Any]] = []

    def submit(self, visitor: str, function: Callable[..., object], *arguments: Any) -> None:
        self.jobs.append(lambda: function(*arguments))


class Task:
    """What a Dask future is to its holder, and to the client what it is to do."""

    def __init__(self, client: Client, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self.client, self.function, self.arguments = client, function, arguments
        self.status, self.value = "pending", None
        self.callbacks: list[Callable[[Task], Any]] = []

    def cancelled(self) -> bool:
        return self.status == "cancelled"

    def cancel(self) -> None:
        self.end("cancelled")

    def add_done_callback(self, callback: Callable[[Task], Any]) -> None:
        self.callbacks.append(callback)

    def end(self, status: str) -> None:
        self.status = status
        for callback in self.callbacks:
            self.client.messages.append(partial(callback, self))
        self.callbacks.clear()

    @property
    def needs(self) -> list[Task]:
        return [argument for argument in self.arguments if isinstance(argument, Task)]


class Client:
    """What the engine uses of a Dask client."""

    scheduler = SimpleNamespace(address="tcp://nowhere:1")

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.status = chance, "running"
        self.tasks: list[Task] = []
        self.messages: list[Callable[[], Any]] = []
        self.away = False

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        return {"workers": {"w": {"resources": {}, "nthreads": 1}}}

    def subscribe_topic(self, _: str, handler: Callable[[Any], Any]) -> None:
        self.handler = handler

    def register_plugin(self, _: object) -> None:
        pass

    def submit(self, function: Callable[..., Any], *arguments: Any, **_: Any) -> Task:
        if self.status == "closed":
            raise ClosedClientError
        task = Task(self, function, arguments)
        self.tasks.append(task)
        return task

    def report(self, _: str, number: int, took: float, said: Any, delay: float = 0.0) -> None:
        """Stands for what a worker sends."""
        self.messages.append(lambda: self.handler((0.0, (number, took, serialize_bytes(said)))))

    # What happens.

    def work(self) -> None:
        """A worker does one of the tasks that can be done."""
        waiting = [task for task in self.tasks if task.status in ("pending", "lost")]
        for task in waiting:
            ended = {needed.status for needed in task.needs} & {"cancelled", "error"}
            if ended:
                return task.end(ended.pop())
        ready = [task for task in waiting if all(needed.status == "finished" for needed in task.needs)]
        if not ready:
            return None
        task = self.chance.choice(ready)
        values = [argument.value if isinstance(argument, Task) else argument for argument in task.arguments]
        task.value = task.function(*values)
        task.end("finished")
        return None

    def lose_worker(self) -> None:
        """A worker dies: what it has not said is never said, and what it alone had is computed again."""
        self.messages = [message for message in self.messages if self.chance.random() < 0.5]
        for task in self.tasks:
            if task.status == "finished" and self.chance.random() < 0.3:
                task.status = "lost"

    def give_up(self) -> None:
        """A task has been on too many workers that died."""
        waiting = [task for task in self.tasks if task.status in ("pending", "lost")]
        if waiting:
            self.chance.choice(waiting).end("error")

    def lose_scheduler(self) -> None:
        self.status, self.away = "closed", True
        for task in self.tasks:
            if task.status != "error":
                task.end("cancelled")
        self.tasks.clear()

    def forget(self) -> None:
        """Dask forgets what nobody holds; here, what is old enough."""
        del self.tasks[:-60]


class FlakyEngine(Engine):
    def __init__(self, client: Client) -> None:
        super().__init__(client)  # type: ignore[arg-type]
        self._postman = Inline()  # type: ignore[assignment]

    def fetch(self, future: Any, seconds: float) -> Any:
        if future.status in ("pending", "lost"):
            raise TimeoutError
        if future.status != "finished":
            raise CancelledError if future.cancelled() else RuntimeError("KilledWorker")
        return future.value


class FlakyStore(Store):
    full = False

    def save(self, record: Record) -> None:
        if self.full:
            raise FULL
        super().save(record)


def error_at(step: int) -> float:
    return 1 / (1 + step)


def _slice(config: RunConfig, step: int, progress: Progress | None) -> Slice:
    arrays = {WEIGHTS + name: np.full(shape, step, np.float32) for name, shape in plan(config).parameters.items()}
    images = np.zeros((12, 784), np.uint8)
    return Slice(State.frozen(config, step, arrays), progress, Reconstructions(step, images, images))


def _first(config: RunConfig, data: object, knobs: Knobs) -> Slice:
    return _slice(config, 0, None)


def _next(previous: Slice, data: object, knobs: Knobs, steps: int, threads: int = 1) -> Slice:
    progress = Progress(steps, steps * STEP_SECONDS, 0.1, 0.1)
    return _slice(previous.state.config, previous.state.step + steps, progress)


def _measure(link: Slice, data: object, knobs: Knobs, previous: Frame | None, count: int | None = None) -> Frame:
    step, images = link.state.step, np.zeros((12, 784), np.uint8)
    metrics = ProbeMetrics(step, error_at(step), error_at(step), np.zeros((50, 2), np.float32), 0.001)
    return Frame(Reconstructions(step, images, images), metrics)


class Room:
    """A server with a `run` on an unreliable engine; everything that happens is drawn by `seed`."""

    def __init__(self, config: RunConfig, home: Path, seed: int, patch: pytest.MonkeyPatch) -> None:
        self.chance, self.clock, self.background = random.Random(seed), Clock(), Later()
        self.client = Client(self.chance)
        for module in (backoff, checkpoints, lease, lifecycle, pace, tasks, engine_module):
            patch.setattr(module, "time", self.clock)
        for name, function in (("first_slice", _first), ("next_slice", _next), ("measure", _measure)):
            patch.setattr(slices, name, function)
        for name in ("load_data", "fit_basis"):
            patch.setattr(slices, name, lambda *_: None)
        patch.setattr(slices, "pca_baseline", lambda *_: 0.02)
        patch.setattr(measurements, "measure", lambda *_: True)
        patch.setattr(measurements, "findings", lambda *_: ())
        patch.setattr(tasks, "report", self.client.report)
        patch.setattr(engine_module, "_client_of", self._connect)
        self.engine, self.store = FlakyEngine(self.client), FlakyStore(home)
        self._promise: Promise[Engine] = Promise()
        self._promise.set_result(self.engine)
        self._swept_at = self.clock.now
        self.watched, self.faults = True, 0
        for owner, name in FAULTY:
            patch.setattr(owner, name, self._faulty(getattr(owner, name)))
        self.run = Run(f"{seed:016}", "me", config, self._promise, self.store, TrainingQueue(), self.background)
        self.run.start(then_train=True)

    def _faulty(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, which does not return where a fault is due."""

        def tried(*arguments: Any) -> Any:
            done = method(*arguments)
            if self.faults:
                self.faults -= 1
                raise ValueError("no such thing")
            return done

        return tried

    def _connect(self, address: str) -> Client:
        if self.client.away:
            raise InvalidInput("AELIB_SCHEDULER", address, "another one")
        self.client.status = "running"
        return self.client

    def pass_time(self) -> None:
        """One thing happens."""
        background, messages = self.background.jobs, self.client.messages
        what = self.chance.choice(("work", "work", "message", "message", "background", "wait"))
        if what == "work":
            self.client.work()
            self.client.forget()
        elif what == "message" and messages:
            messages.pop(0)()
        elif what == "background" and background:
            background.pop(self.chance.randrange(len(background)))()
        else:
            self.clock.now += self.chance.uniform(0, 1 if self.watched else 10)
        if self.watched:
            self.run.touch()
        if self.clock.now - self._swept_at > 5:
            self._sweep()

    def _sweep(self) -> None:
        self._swept_at = self.clock.now
        self.engine.recover_reports()
        self.run.attend()
        if self.run.release():
            self._reopen()

    def _reopen(self) -> None:
        """Somebody opens the run by its address."""
        record = self.store.load(self.run.id)
        self.run = Run.restored(record, self._promise, self.store, TrainingQueue(), self.background)

    def misfortune(self) -> None:
        """One thing goes wrong."""
        what = self.chance.choice(("worker", "worker", "given up", "scheduler", "disk", "fault", "nobody", "server"))
        if what == "worker":
            self.client.lose_worker()
        elif what == "given up":
            self.client.give_up()
        elif what == "scheduler":
            self.client.lose_scheduler()
        elif what == "disk":
            self.store.full = not self.store.full
        elif what == "fault":
            self.faults += 1
        elif what == "nobody":
            self.watched = not self.watched
        elif what == "server" and self.store.list("me"):
            self.client.lose_scheduler()
            self.client.away = False
            self.client.messages.clear()
            self.background.jobs.clear()
            self.run.discard()
            self._reopen()

    def all_is_well_again(self) -> None:
        self.client.away = self.store.full = False
        self.watched, self.faults = True, 0
