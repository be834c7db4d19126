"""The saved states of a run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import TypeAlias

from distributed import Future

from aelib.cluster.engine import Engine
from aelib.host.faults import describe
from aelib.runs.backoff import Backoff
from aelib.runs.connection import Later
from aelib.runs.guard import Guard
from aelib.runs.record import Record
from aelib.runs.store import Store, StoredState
from aelib.train.slices import NO_IMAGES, Slice

log = logging.getLogger(__name__)

# What a run goes on from.
Tip: TypeAlias = Slice | Future | StoredState

# A server that dies loses so much of a run, and what saving takes; a new run is saved soon.
CHECKPOINT_SECONDS = 10.0
FIRST_CHECKPOINT_SECONDS = 1.0
# Where it takes long, it is done so rarely that saving takes at most this part of the time, for all runs of a visitor.
SHARE = 0.1
# What it is expected to take before it was done: states go through the event loop of the server, which is only one.
SECONDS_A_MEGABYTE = 0.01
# A state that cannot be had within this time, because there is no worker, is asked for again later.
FETCH_SECONDS = 30.0


def loaded(tip: Slice | StoredState) -> Slice:
    """The state in memory. Raises `Unreadable` where the store has it no more."""
    return Slice(tip.load(), None, NO_IMAGES) if isinstance(tip, StoredState) else tip


class Checkpoints:
    """Fetches states of a run from the engine and saves them. `last` is the newest, from which the run can go on
    whatever becomes of the engine; it is in the server's memory only until it is in the store. `megabytes`: about the
    size of a state; `companions`: how many runs of its visitor train, with it.

    `fetched` is called with the link that was asked for and its state, and returns what is to be stored; `lost` with
    whether the link was cancelled with its scheduler; `changed` when a save has ended; all within the guard.
    `problem`: why the newest state is not in the store, in a sentence.
    """

    def __init__(
        self,
        name: str,
        store: Store,
        later: Later,
        guard: Guard,
        fetched: Callable[[Tip, Slice], tuple[Record, Hashable]],
        lost: Callable[[bool], object],
        changed: Callable[[], object],
        *,
        megabytes: float,
        companions: Callable[[], int],
    ) -> None:
        self._name, self._store, self._later, self._guard = name, store, later, guard
        self._fetched, self._lost, self._changed = fetched, lost, changed
        self._companions = companions
        self.last: Slice | StoredState | None = None
        self.problem = ""
        self._retry = Backoff()
        self._asked: Tip | None = None
        self._saving = self._discarded = False
        # The stamp of what the store has, or could not take.
        self._stored: Hashable | None = None
        self._began = time.monotonic()
        self._took = SECONDS_A_MEGABYTE * megabytes
        self._plan(CHECKPOINT_SECONDS)

    def restore(self, last: StoredState, stamp: Hashable) -> None:
        """A run comes from the store."""
        self.last, self._stored = last, stamp

    @property
    def step(self) -> int:
        """Of the last one; 0 where there is none."""
        if self.last is None:
            return 0
        return self.last.step if isinstance(self.last, StoredState) else self.last.state.step

    @property
    def due(self) -> bool:
        """Is it time for one while the run trains?"""
        return time.monotonic() > self._next_at and not self._saving

    def _plan(self, least: float) -> None:
        """The next one is due after `least` seconds, or later.

        The first ones of runs that a visitor starts together are due one after another, because each counts those that
        were started before.
        """
        self._next_at = time.monotonic() + max(least, self._companions() * self._took / SHARE)

    @property
    def fetching(self) -> bool:
        return self._asked is not None

    @property
    def busy(self) -> bool:
        return self.fetching or self._saving

    @property
    def saving(self) -> bool:
        return self._saving

    @property
    def stored(self) -> bool:
        """Is there a stored run, as new as it could be?"""
        return self._stored is not None and not self.problem

    def covers(self, stamp: Hashable) -> bool:
        """Was so much of the run given to the store?"""
        return self._stored == stamp

    def soon(self) -> None:
        """The first one is due."""
        self._plan(FIRST_CHECKPOINT_SECONDS)

    def take(self, tip: Tip, engine: Engine, stamp: Hashable) -> None:
        """Fetches the state and saves it; `stamp` changes with whatever is to be saved."""
        self._asked, self._began = tip, time.monotonic()
        self._later(self._fetch, tip, engine, stamp)

    def retry(self, at_once: bool = False) -> None:
        """What could not be saved counts as not tried, once it is time for that."""
        if self.problem and (at_once or self._retry.due):
            self._stored = None

    def restart(self) -> None:
        """Whoever fell back to the last one wants none that is being fetched."""
        self._asked = None

    def forget(self) -> None:
        """The store has all of it, and that is enough."""
        self.last = None

    def discard(self) -> None:
        """Saves nothing any more."""
        self._discarded = True

    def _fetch(self, tip: Tip, engine: Engine, stamp: Hashable) -> None:
        try:
            link: Slice = loaded(tip) if isinstance(tip, Slice | StoredState) else engine.fetch(tip, FETCH_SECONDS)
        except Exception as error:  # noqa: BLE001 - the run survives whatever the cluster reports
            with self._guard():
                if self._asked is tip:
                    self._asked = None
                    self._not_fetched(error, stamp)
            return
        with self._guard():
            if self._asked is not tip:
                return
            self.last = replace(link, progress=None, diverged=False)
            record, stamp = self._fetched(tip, self.last)
            self._later(self._save, record, stamp)
            self._asked, self._saving = None, True
            self._plan(CHECKPOINT_SECONDS)
            # Training goes on meanwhile.
            self._changed()

    def _not_fetched(self, error: Exception, stamp: Hashable) -> None:
        if isinstance(error, TimeoutError):
            self._ended(stamp, "no worker answers")
            return
        cancelled = isinstance(error, CancelledError)
        if not cancelled:
            log.warning("%s: its state could not be fetched: %s", self._name, describe(error))
        self._lost(cancelled)

    def _save(self, record: Record, stamp: Hashable) -> None:
        problem = ""
        try:
            if not self._discarded:
                self._store.save(record)
        except Exception as error:  # noqa: BLE001 - whatever the disk says, the run goes on
            log.warning("%s could not be saved: %s", self._name, describe(error))
            problem = getattr(error, "strerror", None) or type(error).__name__
        with self._guard():
            self._saving, self._took = False, time.monotonic() - self._began
            self._plan(CHECKPOINT_SECONDS)
            if not problem and isinstance(self.last, Slice) and self.last.state is record.state:
                self.last = StoredState(self._store, record.id, record.state.config, record.state.step)
            if self._discarded:
                # It was deleted while it was being written.
                self._store.delete(record.id)
            self._ended(stamp, problem)

    def _ended(self, stamp: Hashable, problem: str) -> None:
        """It was saved, or not for this reason: then it is saved again later."""
        self._stored = stamp
        if problem:
            self._retry.failed()
            self.problem = (
                f"This run could not be saved ({problem}). It continues, but would be lost if the server restarts."
            )
        else:
            self._retry.succeeded()
            self.problem = ""
        self._changed()
