"""The shape of an image, and which test images are watched while a run trains: each such number is said here once."""

from __future__ import annotations

import numpy as np

IMAGE_SIDE = 28
PIXELS = IMAGE_SIDE * IMAGE_SIDE
# Red, green and blue, plane after plane.
COLOUR_PLANES = 3
# So many images are shown in a row of reconstructions.
SHOWN = 12
# The decoded images behind the map of a code of two numbers: so many, each so many pixels wide and high.
GRID_COLUMNS, GRID_ROWS, GRID_SIDE = 18, 8, 14
# So many test images are watched for errors and codes.
PROBES = 1_000


def evenly_spaced(available: int, count: int) -> np.ndarray:
    """Indices int64 [at most `count`] into `available` images, from the first to the last."""
    return np.linspace(0, available - 1, min(count, available)).astype(np.int64)


def probe_indices(test_count: int) -> np.ndarray:
    """Indices [at most 1,000] into the test images: the first twelve are shown, the others are evenly spaced."""
    spread = evenly_spaced(test_count, PROBES)
    first = np.arange(min(SHOWN, test_count))
    return np.concatenate([first, spread[~np.isin(spread, first)]])[:PROBES]
