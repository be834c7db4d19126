"""All runs of this server: those in memory, and those in the store."""

from __future__ import annotations

import math
import secrets
import threading
import time
from concurrent.futures import Future as Promise
from concurrent.futures import wait
from dataclasses import replace
from pathlib import Path

from aelib import datasets
from aelib.cluster.engine import Engine
from aelib.host import limits, memory
from aelib.host.addresses import neighbours, share_of
from aelib.host.settings import MAX_RUNS, MAX_STORED, MEMORY
from aelib.runs.background import Background
from aelib.runs.queue import TrainingQueue
from aelib.runs.record import Record
from aelib.runs.run import Run
from aelib.runs.status import ASLEEP, Status
from aelib.runs.store import Label, Store, Summary, Unreadable
from aelib.spec.config import RunConfig
from aelib.train.slices import Frame

CLOSING_SECONDS = 5.0
GIVING_BACK_SECONDS = 30.0
# Of the workers' memory, so much is for runs: the rest is for torch, data and questions.
PART_OF_MEMORY = 0.5


class Full(Exception):
    """The server has no room for the run; the message is one sentence for the user."""


class Runs:
    """Starts, finds, lists and deletes runs. An id or an owner's name is a secret: who knows it may use it. `queue`:
    who may train."""

    def __init__(self, engine: Promise[Engine], home: Path) -> None:
        self._engine = engine
        self._home, self._store = home, Store(home)
        self.queue = TrainingQueue(self._memory)
        self._background = Background()
        self._lock = threading.Lock()
        self._runs: dict[str, Run] = {}
        self._gave_back_at = time.monotonic()

    def create(self, config: RunConfig, owner: str, *, train: bool, address: str | None = None) -> Run:
        """A new run of a checked config, training at once or waiting at step 0, for `owner`, who is at a network
        `address` (None: not known). Raises `InvalidInput` for one that is beyond this server's limits, and `Full`."""
        for limit in limits.constraints():
            limit.check(config)
        self._check_memory(config)
        self._check_room(owner, address)
        run = Run(_secret(), owner, config, self._engine, self._store, self.queue, self._background)
        self._keep(run)
        run.start(then_train=train)
        return run

    def take_in(self, record: Record, address: str | None = None) -> Run:
        """A run that comes from elsewhere, kept as its owner's. Raises as `create` does, and `OSError` where the disk
        does not take it."""
        for limit in limits.constraints():
            limit.check(record.settings)
        self._check_memory(record.config)
        self._check_room(record.owner, address)
        self._store.save(record)
        return self.get(record.id)

    def get(self, run_id: str) -> Run:
        """The run, from memory or from the store. Raises `Unreadable`."""
        with self._lock:
            run = self._runs.pop(run_id, None)
            if run is not None:
                self._runs[run_id] = run
                return run
        run = Run.restored(self._store.load(run_id), self._engine, self._store, self.queue, self._background)
        return self._keep(run)

    def find(self, run_id: str) -> Run | None:
        """The run if it is in memory; None for one that rests in the store, and where there is none."""
        with self._lock:
            return self._runs.get(run_id)

    def list(self, *owners: str) -> list[Summary]:
        """The owners' runs, newest first."""
        stored = {
            summary.id: replace(summary, status=ASLEEP) if summary.status == Status.TRAINING else summary
            for summary in self._store.list(*owners)
        }
        with self._lock:
            living = [run for run in self._runs.values() if run.owner in owners]
        for run in living:
            stored[run.id] = replace(run.summary(), label=self._store.label(run.id))
        return sorted(stored.values(), key=lambda summary: -summary.created)

    def set_label(self, run_id: str, label: Label, *owners: str) -> None:
        """Keeps what one of its `owners` calls the run. Raises `Unreadable` where they have no such run, and `OSError`
        where the disk does not take it."""
        if run_id not in {summary.id for summary in self.list(*owners)}:
            raise Unreadable("Run not found: it was deleted, or it is somebody else's.")
        self._store.set_label(run_id, label)

    def newest_frame(self, run_id: str) -> Frame | None:
        """The last recorded moment of a run, from memory or from the store; None where there is none."""
        with self._lock:
            run = self._runs.get(run_id)
        return run.view().newest if run is not None else self._store.newest_frame(run_id)

    def newly_damaged(self, *owners: str) -> int:
        """How many stored runs of these owners turned out to be damaged since this was asked last."""
        return self._store.newly_damaged(*owners)

    def delete(self, run_id: str) -> None:
        with self._lock:
            run = self._runs.pop(run_id, None)
        if run is not None:
            run.discard()
        self._store.delete(run_id)

    @property
    def engine(self) -> Engine | None:
        """The engine, or None while it starts. Raises what kept it from starting."""
        return self._engine.result() if self._engine.done() else None

    def watched(self) -> int:
        """How many runs somebody is looking at."""
        with self._lock:
            return sum(run.watched for run in self._runs.values())

    def sweep(self) -> None:
        """Looks after every run, and gives back the memory of those that nobody looks at and that are in the store."""
        engine = self._started
        if engine is not None:
            engine.recover_reports()
            self.queue.review(closed=engine.short_of_memory())
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            run.attend()
        with self._lock:
            for run in runs:
                if run.release():
                    self._runs.pop(run.id, None)
        if time.monotonic() - self._gave_back_at > GIVING_BACK_SECONDS:
            memory.give_back()
            self._gave_back_at = time.monotonic()

    def rest(self) -> None:
        """Brings every run to rest in the store, as if nobody had looked for long."""
        with self._lock:
            runs = list(self._runs.values())
        for run in runs:
            run.sleep()
        deadline = time.monotonic() + CLOSING_SECONDS
        while time.monotonic() < deadline and not all(run.resting for run in runs):
            time.sleep(0.05)

    def close(self) -> None:
        """Brings every run to rest and stops the engine: the server is going down."""
        self.rest()
        with self._lock:
            for run in self._runs.values():
                run.stop()
        if self._engine.cancel():
            return
        # One that is just being started is waited for: Dask would otherwise end it half way, with a traceback.
        wait([self._engine], CLOSING_SECONDS)
        engine = self._started
        if engine is not None:
            engine.close()

    @property
    def _started(self) -> Engine | None:
        """The engine, or None while it starts and where it could not be started."""
        started = self._engine.done() and not self._engine.cancelled() and self._engine.exception() is None
        return self._engine.result() if started else None

    def _memory(self) -> float:
        """How many megabytes all runs may need together."""
        given = MEMORY.given()
        if given is not None:
            return given
        engine = self._started
        return math.inf if engine is None else engine.megabytes * PART_OF_MEMORY

    def _keep(self, run: Run) -> Run:
        with self._lock:
            # Two tabs may have asked for the same stored run at once; both get the one that came first.
            return self._runs.setdefault(run.id, run)

    def data_sets(self) -> set[str]:
        """The names of the data that runs use, in memory or in the store."""
        with self._lock:
            living = {run.config.dataset for run in self._runs.values()}
        return {datasets.whole(name) for name in living | self._store.data_sets()}

    def _check_memory(self, config: RunConfig) -> None:
        """A run that needs more than all runs may have would wait for as long as others train."""
        needed, most = limits.megabytes_in_all(config), self._memory()
        if needed > most:
            raise Full(
                f"Training this network needs about {needed:,.0f} MB of memory, and this server has {most:,.0f} MB for "
                "all runs together. Choose smaller layers or a smaller batch."
            )

    def _check_room(self, owner: str, address: str | None) -> None:
        mine, most = len(self.list(owner)), MAX_RUNS.value
        if mine >= most:
            raise Full(f"You keep {mine:,} runs and have reached the limit of {most:,}. Delete one under “My runs”.")
        help = "Delete some of yours under “My runs”, or ask the administrator."
        if self._store.count() >= MAX_STORED.value:
            raise Full(f"The server is full ({MAX_STORED.value:,} runs). {help}")
        near, share = neighbours(self._home, owner, address), share_of(MAX_STORED.value)
        if address is not None and len(self.list(*near)) >= share:
            raise Full(f"Visitors from your network address have reached their limit of {share:,} runs. {help}")


def _secret() -> str:
    return secrets.token_urlsafe(12)


new_owner = _secret
