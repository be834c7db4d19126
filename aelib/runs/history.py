"""What a run remembers: bounded, however long it trains."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

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
