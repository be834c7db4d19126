"""Which images to show, and how their errors are distributed. Plain NumPy: the web server does this itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from aelib.spec.images import SHOWN

Way = Literal["random", "best", "worst", "percentile"]


@dataclass(frozen=True)
class Spread:
    """How a measure is distributed within the class of number `label`: how many images, mean, and percentiles 5 to
    95."""

    label: int
    name: str
    count: int
    mean: float
    low: float
    quarter: float
    median: float
    three_quarters: float
    high: float


def pick(
    way: Way, among: np.ndarray, error: np.ndarray | None = None, *, seed: int = 0, percentile: float = 50
) -> np.ndarray:
    """At most 12 of the indices `among`, int [≤ 12]: at random, or by `error` [all images] the best, the worst, or
    those whose error is nearest to a percentile of all errors `among`."""
    count = min(SHOWN, len(among))
    if way == "random":
        return np.asarray(np.random.default_rng(seed).choice(among, count, replace=False))
    assert error is not None, "who picks by error has to know it"
    order = among[np.argsort(error[among], kind="stable")]
    if way == "best":
        return np.asarray(order[:count])
    if way == "worst":
        return np.asarray(order[::-1][:count])
    middle = round(percentile / 100 * (len(order) - 1))
    first = min(max(0, middle - count // 2), len(order) - count)
    return np.asarray(order[first : first + count])


def decibels(mse: np.ndarray) -> np.ndarray:
    """PSNR in dB of mean squared errors (peak 1), at most 100."""
    return np.asarray(-10 * np.log10(np.maximum(mse, 1e-10)))


def spreads(values: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> list[Spread]:
    """The distribution of `values` [N] in every class that has images."""
    found = []
    for number, name in enumerate(classes):
        mine = values[labels == number]
        if len(mine):
            percentiles = np.percentile(mine, (5, 25, 50, 75, 95))
            found.append(Spread(number, name, len(mine), float(mine.mean()), *map(float, percentiles)))
    return found
