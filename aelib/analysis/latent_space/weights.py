"""What the units of a network's first layer look for: their weights, laid out like the pixels that they weigh."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np

from aelib.spec.images import IMAGE_SIDE
from aelib.train.slices import Slice

# More images than this are no longer looked at one by one.
MOST = 60


@dataclass(frozen=True)
class Incoming:
    """The weights of K units of the first layer, by which they multiply what they see.

    `units`: int64 [K], ascending. `images`: float32 [K, 784] in [-1, 1]: the weights of each, divided by the largest
    of them in amount, which is in `largest` float32 [K]. `total`: how many units the layer has; `side`: how many
    pixels a unit sees in width and height: all 28, or 3 through the filter of a convolution, which is enlarged here.
    """

    units: np.ndarray
    images: np.ndarray
    largest: np.ndarray
    total: int
    side: int


def incoming(link: Slice, units: tuple[int, ...] | None) -> Incoming:
    """The weights of these units; with None, of those whose weights have the largest norms, `MOST` at most."""
    arrays = link.state.weights
    # Of a layer that makes a distribution: the weights of its middle.
    weights = arrays["encoder.0.mean.weight" if "encoder.0.mean.weight" in arrays else "encoder.0.weight"]
    flat = np.nan_to_num(weights.reshape(len(weights), -1), posinf=0.0, neginf=0.0)
    which = _strongest(flat) if units is None else np.array(units, dtype=np.int64)
    largest = np.abs(flat[which]).max(1)
    # Zero stays zero: a unit may have lost all its weights.
    scaled = flat[which] / np.where(largest > 0, largest, 1)[:, None]
    side = isqrt(flat.shape[1])
    pixels = np.arange(IMAGE_SIDE) * side // IMAGE_SIDE
    images = scaled.reshape(-1, side, side)[:, pixels][:, :, pixels]
    return Incoming(which, images.reshape(len(which), -1), largest, len(flat), side)


def _strongest(flat: np.ndarray) -> np.ndarray:
    order = np.argsort(-np.linalg.norm(flat, axis=1), kind="stable")
    return np.sort(order[:MOST])
