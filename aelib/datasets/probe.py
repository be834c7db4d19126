"""Which test images are watched while a run trains."""

from __future__ import annotations

import numpy as np

PICTURES = 12
PROBES = 1_000


def probe_indices(test_count: int) -> np.ndarray:
    """Indices [at most 1,000] into the test images: the first twelve are shown, the rest spread evenly."""
    spread = np.linspace(0, test_count - 1, min(PROBES, test_count)).astype(int)
    first = np.arange(min(PICTURES, test_count))
    return np.concatenate([first, spread[~np.isin(spread, first)]])[:PROBES]
