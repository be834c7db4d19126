"""How long a slice may be and how many threads it takes, and how fast a run is: from what the slices before it took."""

from __future__ import annotations

import math
import time
from collections import deque

from aelib.host.cores import Team
from aelib.spec.state import Progress

SLICE_SECONDS = 0.25
# Where many take turns, slices get shorter, so that each has its turn within this time.
ROUND_SECONDS = 1.4
RATE_OVER_SLICES = 10
# A run that gets less than this part of its share of the time, because others' slices are long, makes its own slices
# longer: by this factor each time, and so many times as long at most.
LEAST_OF_SHARE, STRETCH, MOST_STRETCHED = 0.5, 1.5, 4.0


class Pace:
    """The clock of one run."""

    def __init__(self) -> None:
        self._step_seconds: float | None = None
        self._last_steps = 1
        self._team = Team()
        self._stretched = 1.0
        # When the last slices landed, at which step.
        self._landings: deque[tuple[float, int]] = deque(maxlen=RATE_OVER_SLICES)

    def next_slice(self, left: int, turns: float = 1) -> int:
        """How many steps the next slice has, where it is to end in `left` steps at the latest and each of the slices
        that are done at once is in turn for `turns` runs."""
        # First batches are slower than later ones, so the length of a slice is approached carefully.
        seconds = self._stretched * min(SLICE_SECONDS, ROUND_SECONDS / max(1, turns))
        wanted = 1 if self._step_seconds is None else round(seconds / self._step_seconds)
        most = max(1, min(wanted, 4 * self._last_steps))
        # In equal parts: no slice is so short that sending it takes longer than doing it.
        self._last_steps = math.ceil(left / math.ceil(left / most))
        return self._last_steps

    def seconds(self, steps: int) -> float:
        """What a slice of so many steps is expected to take; a whole turn where that is not known yet."""
        return SLICE_SECONDS if self._step_seconds is None else steps * self._step_seconds

    def threads(self, most: int) -> int:
        """How many the next slice takes, where it may take `most`."""
        return self._team.threads(most)

    def landed(self, progress: Progress, step: int, turns: float = 1) -> None:
        """A slice ended at `step` of a run that is in turn with others, see `next_slice`."""
        now = time.monotonic()
        if self._landings:
            part = progress.seconds * max(1, turns) / max(now - self._landings[-1][0], 1e-6)
            longer = STRETCH if part < LEAST_OF_SHARE else 1 / STRETCH
            self._stretched = min(max(self._stretched * longer, 1.0), MOST_STRETCHED)
        seconds = progress.seconds / progress.steps
        self._step_seconds = seconds if progress.steps == 1 else (seconds + (self._step_seconds or seconds)) / 2
        self._team.landed(progress)
        self._landings.append((now, step))

    def restart(self) -> None:
        """The run stood still: the time since does not count."""
        self._landings.clear()

    @property
    def step_seconds(self) -> float | None:
        """What a batch takes; None before the first."""
        return self._step_seconds

    @property
    def steps_a_second(self) -> float | None:
        """Over the last few slices; None where there are too few of them."""
        if len(self._landings) < 3:
            return None
        (began, first), (ended, last) = self._landings[0], self._landings[-1]
        return (last - first) / max(ended - began, 1e-6)
