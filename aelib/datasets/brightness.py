"""Which numbers become black and white: one range for a whole set, so that its images stay comparable."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from aelib.datasets.bounds import Refused
from aelib.datasets.dataset import Array


@dataclass(frozen=True)
class Scale:
    """`low` becomes 0 and `low + span` 255."""

    low: float
    span: float
    note: str = ""

    def __call__(self, values: Array) -> Array:
        """`values` of any shape and numeric dtype as uint8."""
        if values.dtype == np.uint8 and (self.low, self.span) == (0.0, 255.0):
            return values
        return np.rint((values.astype(np.float64) - self.low) * (255 / self.span)).clip(0, 255).astype(np.uint8)


def scale_of(low: float, high: float) -> Scale:
    """The scale for values from `low` to `high`: that of bytes or of the unit interval where they fit one, else their
    own. Raises `Refused` for what is not finite."""
    if not math.isfinite(high - low):
        raise Refused("numbers that are finite, and there are NaN, infinite or extremely large ones")
    if low >= 0 and 128 <= high <= 255:
        return Scale(0.0, 255.0)
    if low >= 0 and high <= 1:
        return Scale(0.0, 1.0, "Pixel values from 0 to 1 were scaled to 0 to 255.")
    if low >= -1 and high <= 1:
        return Scale(-1.0, 2.0, "Pixel values from -1 to 1 were scaled to 0 to 255.")
    note = f"Pixel values from {low:g} to {high:g}, the range of the whole set, were scaled to 0 to 255."
    return Scale(low, (high - low) or 1.0, note)
