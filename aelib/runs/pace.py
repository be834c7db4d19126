"""How long a slice may be, when a look is due, and how fast a run is: all from what the slices before it took."""

from __future__ import annotations

import time
from collections import deque

from aelib.slices import Look
from aelib.state import Progress

SLICE_SECONDS = 0.25
# Where many take turns, slices get shorter, so that each has its turn within this time.
ROUND_SECONDS = 1.4
# What looking may cost: after a look, training goes on for this many times as long before the next, but not
# longer than people like to wait.
TRAINING_PER_LOOKING = 20
LONGEST_UNLOOKED = 4.0
RATE_OVER_SLICES = 10


class Pace:
    """The clock of one run."""

    def __init__(self) -> None:
        self._step_seconds: float | None = None
        self._last_steps = 1
        self._look_seconds = float("inf")
        self._unlooked_seconds = 0.0
        # When the last slices landed, at which step.
        self._landings: deque[tuple[float, int]] = deque(maxlen=RATE_OVER_SLICES)

    def next_slice(self, left: int, turns: float = 1) -> tuple[int, bool]:
        """(steps, with a look?) of the next slice, where the budget has `left` steps and each of the slices that are
        done at once is in turn for `turns` runs."""
        # First batches are slower than later ones, so the length of a slice is approached carefully.
        seconds = min(SLICE_SECONDS, ROUND_SECONDS / max(1, turns))
        wanted = 1 if self._step_seconds is None else round(seconds / self._step_seconds)
        self._last_steps = steps = max(1, min(wanted, 4 * self._last_steps, left))
        self._unlooked_seconds += steps * (self._step_seconds or 0)
        due = self._unlooked_seconds >= min(TRAINING_PER_LOOKING * self._look_seconds, LONGEST_UNLOOKED)
        return steps, due

    def looking(self) -> None:
        """A look was asked for."""
        self._unlooked_seconds = 0.0

    def landed(self, progress: Progress, step: int) -> None:
        """A slice ended at `step`."""
        seconds = progress.seconds / progress.steps
        self._step_seconds = seconds if progress.steps == 1 else (seconds + (self._step_seconds or seconds)) / 2
        self._landings.append((time.monotonic(), step))

    def looked(self, look: Look) -> None:
        """A look arrived."""
        # The first look is slower than any later one.
        self._look_seconds = min(look.seconds, self._look_seconds)

    def restart(self) -> None:
        """The run stood still: the time since does not count."""
        self._landings.clear()

    @property
    def steps_a_second(self) -> float | None:
        """Over the last few slices; None where there are too few of them."""
        if len(self._landings) < 3:
            return None
        (began, first), (ended, last) = self._landings[0], self._landings[-1]
        return (last - first) / max(ended - began, 1e-6)
