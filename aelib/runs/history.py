"""What a run remembers: bounded, however long it trains."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

CURVE_POINTS = 800
FRAMES = 120


class Thinned(Generic[T]):
    """A series of at most `capacity` items, evenly spread over everything appended, plus the newest.

    When it is full, every second item goes, and from then on only every second is kept.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._stride = 1
        self._appended = 0
        self._kept: list[T] = []
        self._newest: T | None = None

    def append(self, item: T) -> None:
        if self._appended % self._stride == 0:
            if len(self._kept) >= self._capacity:
                self._kept = self._kept[::2]
                self._stride *= 2
            if self._appended % self._stride == 0:
                self._kept.append(item)
        self._newest = item
        self._appended += 1

    def drop_after(self, keep: Callable[[T], bool]) -> None:
        """Forgets the items that `keep` refuses, when a run has to go back to an earlier state."""
        newest = [item for item in self if keep(item)][-1:]
        self._kept = [item for item in self._kept if keep(item)]
        self._newest = newest[0] if newest else None
        # What comes next is kept as if only the kept ones had ever been there.
        self._appended = len(self._kept) * self._stride

    def __iter__(self) -> Iterator[T]:
        yield from self._kept
        if self._newest is not None and (not self._kept or self._newest is not self._kept[-1]):
            yield self._newest

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def newest(self) -> T | None:
        return self._newest


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
class Mark:
    """A knob was turned while the run trained."""

    step: int
    knob: str
    before: float
    after: float


@dataclass(frozen=True)
class PcaLine:
    """PCA's mean squared error with as many numbers as the code, from this step on: it moves with the noise."""

    step: int
    mse: float
