"""What a run remembers: bounded, however long it trains."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from aelib.analysis.diagnosis import Finding
from aelib.spec.config import KNOBS, Knobs
from aelib.train.slices import Frame, SliceReport

if TYPE_CHECKING:
    from aelib.runs.record import Record

CURVE_POINTS = 800
FRAMES = 120
# Where the error falls fastest: what was seen here stays.
FIRST_STEPS = (0, 1, 2, 5, 10, 20, 50)

_STEP = attrgetter("step")


class Stepped(Protocol):
    """Whatever belongs to a step of a run."""

    @property
    def step(self) -> int: ...


T = TypeVar("T", bound=Stepped)
Item = TypeVar("Item")


def spread(items: Sequence[Item], count: int) -> list[Item]:
    """At most `count` of them with the first and the last, closer to each other at the beginning."""
    if len(items) <= count:
        return list(items)
    places = np.linspace(0, 1, count) ** 1.5 * (len(items) - 1)
    return [items[place] for place in sorted(set(places.round().astype(int).tolist()))]


class Series(Generic[T]):
    """Items in the order of their steps, about `capacity` at most: those of `FIRST_STEPS`, the newest, and others that
    are spread evenly between."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._items: list[T] = []

    def append(self, item: T) -> None:
        """Adds an item in place of any of its step or a later one."""
        self.drop_from(item.step)
        self._items.append(item)
        if len(self._items) > self._capacity:
            self._drop_one()

    def _drop_one(self) -> None:
        """Drops the item whose neighbours are nearest each other."""
        steps = [item.step for item in self._items]
        others = [i for i in range(1, len(steps) - 1) if steps[i] not in FIRST_STEPS]
        if others:
            del self._items[min(others, key=lambda i: steps[i + 1] - steps[i - 1])]

    def drop_from(self, step: int) -> None:
        """Forgets the items of `step` and later ones."""
        del self._items[bisect_left(self._items, step, key=_STEP) :]

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._items))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def newest(self) -> T | None:
        return self._items[-1] if self._items else None


@dataclass(frozen=True)
class CurvePoint:
    """Errors at a step. `train_*` and `penalty` (see `state.Progress`) are means over the slice that ended there,
    `test_*` and the free energies (see `state.Probe`) what a look at it showed; each None where there was none."""

    step: int
    train_loss: float | None
    train_mse: float | None
    test_loss: float | None
    test_mse: float | None
    penalty: float | None = None
    train_free_energy: float | None = None
    test_free_energy: float | None = None


@dataclass(frozen=True)
class Annotation:
    """A knob was turned while the run trained."""

    step: int
    knob: str
    before: float
    after: float


@dataclass(frozen=True)
class PcaBaseline:
    """PCA's mean squared error with as many numbers as the code, from this step on: it moves with the noise."""

    step: int
    mse: float


class History:
    """What happened to a run. `frames`: the recorded moments; `newest` may have images of a later step than its
    metrics. `edits` rises with whatever is to be saved although the run's step stays as it is."""

    def __init__(self) -> None:
        self._trained: Series[CurvePoint] = Series(CURVE_POINTS)
        self._tested: Series[CurvePoint] = Series(CURVE_POINTS)
        self.frames: Series[Frame] = Series(FRAMES)
        self.newest: Frame | None = None
        self.last_measured: Frame | None = None
        self.annotations: list[Annotation] = []
        self.pca: list[PcaBaseline] = []
        self.findings: tuple[Finding, ...] = ()
        # How long its batches took, wherever they were trained, and with how many threads.
        self.train_seconds = 0.0
        self.threads: set[int] = set()
        self.edits = 0

    @classmethod
    def restored(cls, record: Record) -> History:
        history = cls()
        for point in record.curve:
            (history._tested if point.train_loss is None else history._trained).append(point)
        for frame in record.frames:
            history.frames.append(frame)
        history.newest = history.last_measured = history.frames.newest
        history.annotations, history.pca, history.findings = list(record.annotations), list(record.pca), record.findings
        history.train_seconds, history.threads = record.train_seconds, set(record.threads)
        return history

    @property
    def curve(self) -> tuple[CurvePoint, ...]:
        return tuple(heapq.merge(self._trained, self._tested, key=_STEP))

    @property
    def first_error(self) -> float | None:
        """The test error of the untrained network; None where it is not known."""
        return next((point.test_mse for point in self._tested if point.step == 0), None)

    def note_slice(self, report: SliceReport) -> None:
        progress = report.progress
        if progress is not None:
            self.train_seconds += progress.seconds
            self.threads.add(progress.threads)
            self._trained.append(
                CurvePoint(report.step, progress.train_loss, progress.train_mse, None, None, progress.penalty)
            )
        if self.last_measured is not None:
            self.newest = Frame(report.images, self.last_measured.metrics)

    def note_measured(self, frame: Frame) -> None:
        metrics = frame.metrics
        self.last_measured = frame
        self.frames.append(frame)
        energies = metrics.free_energy or (None, None)
        self._tested.append(CurvePoint(metrics.step, None, None, metrics.test_loss, metrics.test_mse, None, *energies))
        ahead = self.newest is not None and self.newest.step > frame.step
        self.newest = Frame(self.newest.images, metrics) if ahead and self.newest is not None else frame
        self.edits += 1

    def note_pca(self, step: int, error: float) -> None:
        """PCA's error from this step on."""
        self.pca = [line for line in self.pca if line.step < step]
        self.pca.append(PcaBaseline(step, error))
        self.edits += 1

    def note_findings(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        self.edits += 1

    def note_knobs(self, step: int, before: Knobs, after: Knobs) -> None:
        """Knobs were turned at this step; at the first there is nothing yet to be marked."""
        changed = [name for name in KNOBS if getattr(after, name) != getattr(before, name)]
        if step:
            self.annotations += [
                Annotation(step, name, getattr(before, name), getattr(after, name)) for name in changed
            ]
        self.edits += 1

    def fall_back(self, step: int) -> None:
        """Forgets what was measured after this step."""
        for series in (self._trained, self._tested, self.frames):
            series.drop_from(step + 1)
        self.newest = self.last_measured = self.frames.newest
