"""The seeds of everything random of a run: they come from the run's seed, a purpose and an index, so that slices can be
replayed."""

from __future__ import annotations

import numpy as np

PURPOSES = {"order": 1, "noise": 2, "probe": 3, "pictures": 4, "codes": 5, "frozen": 6}


def seed_of(seed: int, purpose: str, index: int) -> int:
    """The seed of one generator."""
    # torch's CPU generator uses 32 bits of a seed; SeedSequence spreads all three numbers over them.
    return int(np.random.SeedSequence((seed, PURPOSES[purpose], index)).generate_state(1)[0])
