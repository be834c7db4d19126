"""Threads follow what is free: a slice measures what it could have had of the cores, and a later one takes so many.

The threads of a team wait, at every layer, for the one that is not running: where something else wants the cores, a
large team is slower than a single thread.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
from dask.system import CPU_COUNT

from aelib.spec.state import Progress

# Idle time is counted in hundredths of a second for each core: a shorter look at it would mean little.
WINDOW_SECONDS = 0.2
# After a pause of this length what was measured before says nothing any more.
STALE_SECONDS = 0.5

# A team that was enlarged has to be faster by this factor, or the smaller one comes back. After each time that a team
# shrinks it stays small for a while, and for twice as long where the larger one did not last.
WORTHWHILE = 1.03
FIRST_DOUBT_SECONDS, LONGEST_DOUBT_SECONDS, LASTING_SECONDS = 2.0, 64.0, 20.0
# Teams are compared over at least so long: short slices begin with cold caches, and beside some a look is taken.
COMPARED_SECONDS = 0.4

# So often a thread looks whether the others have come, before it sleeps and leaves its core to who wants it: 60 times
# less than libgomp's default. Much less would slow small layers down.
LOOKS = "5000"


def wait_briefly() -> None:
    """Bounds what a team loses whose cores are taken away all of a sudden. To be called before torch is loaded."""
    os.environ.setdefault("GOMP_SPINCOUNT", LOOKS)


@dataclass(frozen=True)
class Reading:
    """Clocks in seconds: of the wall, of the processor time that this process has had, and of the idle time of all
    cores that it may use."""

    wall: float
    used: float
    idle: float

    @classmethod
    def now(cls) -> Reading:
        allowed = set(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else None
        cores = psutil.cpu_times(percpu=True)
        # Who waits for a disk leaves its core to others.
        idle = sum(
            core.idle + getattr(core, "iowait", 0.0)
            for number, core in enumerate(cores)
            if allowed is None or number in allowed
        )
        return cls(time.monotonic(), time.process_time(), idle)


class Meter:
    """What each slice of this process could have had of the cores: what they had together and what was idle, less what
    questions took, shared out."""

    def __init__(self, read: Callable[[], Reading] = Reading.now, cores: int = CPU_COUNT) -> None:
        self._read, self._cores = read, cores
        self._lock = threading.Lock()
        self._slices = self._questions = 0
        # Since the window began: how long slices and questions took, all added up.
        self._slice_seconds = self._question_seconds = 0.0
        self._began = self._counted = read()
        self._free: float | None = None

    @property
    def free(self) -> float | None:
        """Cores for each slice, in the last window; None before the first."""
        return self._free

    @contextlib.contextmanager
    def slice(self) -> Iterator[None]:
        """A slice is at work meanwhile."""
        self._count(slices=1)
        try:
            yield
        finally:
            self._count(slices=-1)

    @contextlib.contextmanager
    def question(self) -> Iterator[None]:
        """A question is being answered meanwhile, with one thread."""
        self._count(questions=1)
        try:
            yield
        finally:
            self._count(questions=-1)

    def _count(self, slices: int = 0, questions: int = 0) -> None:
        with self._lock:
            now = self._read()
            since = now.wall - self._counted.wall
            self._counted = now
            if not self._slices and since > STALE_SECONDS:
                self._begin(now)
            self._slice_seconds += since * self._slices
            self._question_seconds += since * self._questions
            self._slices += slices
            self._questions += questions
            wall = now.wall - self._began.wall
            if slices < 0 and wall >= WINDOW_SECONDS:
                cores = (now.used - self._began.used + now.idle - self._began.idle - self._question_seconds) / wall
                self._free = max(0.0, min(cores, self._cores)) / max(1.0, self._slice_seconds / wall)
                self._begin(now)

    def _begin(self, now: Reading) -> None:
        self._began = now
        self._slice_seconds = self._question_seconds = 0.0


def fitting(free: float, threads: int) -> int:
    """How many threads pay for a team that has `threads`, where so many cores are free.

    A core that is taken for a part f of the time slows all n threads down by f, as they wait for each other: that is
    still faster than n - 1 threads on free cores only while f is below 1 / n.
    """

    def pays(size: int) -> bool:
        # What is measured wavers, so a team keeps its size with a little less than it would need to reach it.
        missing = (1.0 if size > threads else 1.5) / (size + 1)
        return free >= size - missing

    return max(size for size in range(1, math.ceil(free) + 2) if size == 1 or pays(size))


class Team:
    """How many threads the slices of a run take, from what the last ones reported."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._threads = self._most = 1
        # The steps of the last slices, and what they took.
        self._taken: deque[tuple[int, float]] = deque()
        # The team before it was enlarged, when that was, and what a step took: until it is known what that brought.
        self._smaller: tuple[int, float] | None = None
        self._enlarged_at = self._doubted_until = -math.inf
        self._doubt_seconds = FIRST_DOUBT_SECONDS

    def threads(self, most: int) -> int:
        """For the next slice, which may take `most`."""
        self._most = most
        if self._threads > most:
            self._change(most)
        return self._threads

    def landed(self, progress: Progress) -> None:
        """A slice ended."""
        if progress.threads != self._threads:
            # It was on its way when the number changed.
            return
        self._take(progress)
        if progress.free is not None:
            wanted = min(fitting(progress.free, self._threads), self._most, 2 * self._threads)
            if wanted < self._threads:
                return self._shrink(wanted)
        steps, spent = map(sum, zip(*self._taken, strict=True))
        if spent < COMPARED_SECONDS:
            return None
        seconds = spent / steps
        if self._smaller is not None:
            smaller, smaller_seconds = self._smaller
            if smaller_seconds < WORTHWHILE * seconds:
                return self._shrink(smaller)
            self._smaller = None
        if progress.free is not None and wanted > self._threads and self._clock() >= self._doubted_until:
            before = self._threads, seconds
            self._change(wanted)
            self._smaller, self._enlarged_at = before, self._clock()
        return None

    def _take(self, progress: Progress) -> None:
        """No more is kept than is needed to compare."""
        self._taken.append((progress.steps, progress.seconds))
        while sum(seconds for _, seconds in self._taken) - self._taken[0][1] >= COMPARED_SECONDS:
            self._taken.popleft()

    def _shrink(self, threads: int) -> None:
        lasted = self._clock() - self._enlarged_at >= LASTING_SECONDS
        self._doubt_seconds = FIRST_DOUBT_SECONDS if lasted else min(2 * self._doubt_seconds, LONGEST_DOUBT_SECONDS)
        self._doubted_until = self._clock() + self._doubt_seconds
        self._change(threads)

    def _change(self, threads: int) -> None:
        self._threads, self._smaller = threads, None
        self._taken.clear()


# Of this process.
METER = Meter()
