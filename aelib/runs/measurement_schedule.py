"""When a run is looked at, and at how many test images: often at first, then evenly, and for a twentieth of the time
that it trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aelib.runs.history import FIRST_STEPS
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.images import PROBES
from aelib.train.slices import ProbeMetrics

# So many looks are spread over the budget; or fewer, where slices between them would be shorter than they are worth.
MOMENTS = 58
FEWEST_MOMENTS = 24
SHORTEST_SLICE = 0.02
# Who waits for a long run sees it change so often, if that is not too expensive.
LIVE_SECONDS = 1.0
# What all looks together may take of the time that a run trains. A run of less than 5 s may be looked at for as long
# as one of 5 s.
SHARE = 0.05
SHORT_RUN_SECONDS = 5.0
# How many test images a look may show, where all would take too long.
SAMPLES = (PROBES, 500, 250, 100, 50)
# As long as nobody knows what a look takes.
FIRST_SAMPLE = 250
# A look that waits for its turn keeps the state that it is to look at: so many bytes in all, of so many a weight with
# an optimizer's memory.
WAITING_BYTES = 64e6
BYTES_A_WEIGHT = 12
MOST_WAITING = 40


@dataclass(frozen=True)
class Schedule:
    """Looks at `FIRST_STEPS`, and `moments` looks at equal distances, of which the last is at the end of the budget;
    all but this one at `images` of the test images."""

    moments: int
    images: int

    def next_step(self, step: int, budget: int) -> int:
        """The first step after `step` that is to be looked at; the last of the budget at the latest."""
        begin = next((first for first in FIRST_STEPS if first > step), budget)
        count = step * self.moments // budget + 1
        return min(begin, -(-count * budget // self.moments), budget)


def schedule(budget: int, step_seconds: float | None, measured_seconds: Mapping[int, float]) -> Schedule:
    """When to look at a run of `budget` batches that take `step_seconds` each (None: not known yet), where a look at so
    many images took so many `measured_seconds`."""
    if step_seconds is None:
        return Schedule(1, FIRST_SAMPLE)
    total = budget * step_seconds
    moments = MOMENTS if total >= MOMENTS * SHORTEST_SLICE else FEWEST_MOMENTS
    whole = _expected(PROBES, measured_seconds)
    if whole is not None:
        moments = max(moments, int(total / max(LIVE_SECONDS, whole / SHARE)))
    moments = min(moments, budget)
    # The first look and the last are at all images.
    allowed = (SHARE * max(total, SHORT_RUN_SECONDS) - 2 * (whole or 0)) / (moments + len(FIRST_STEPS) - 2)
    for images in SAMPLES:
        expected = _expected(images, measured_seconds)
        if expected is not None and expected <= allowed:
            return Schedule(moments, images)
    return Schedule(moments, SAMPLES[-1] if measured_seconds else FIRST_SAMPLE)


def _expected(images: int, measured_seconds: Mapping[int, float]) -> float | None:
    """How long a look at so many images takes at most, told from those that had no more, or else about, from others."""
    fewer = [seconds * images / of for of, seconds in measured_seconds.items() if of <= images]
    more = [seconds * images / of for of, seconds in measured_seconds.items() if of > images]
    return min(fewer or more, default=None)


def most_in_flight(config: RunConfig) -> int:
    """How many looks may be on their way while training goes on; what would be one more is left out."""
    return int(max(1, min(MOST_WAITING, WAITING_BYTES / (BYTES_A_WEIGHT * plan(config).weights))))


class MeasurementCosts(dict[int, float]):
    """How many seconds a look at so many images took: the least, because the first is slower than any later one."""

    def note(self, look: ProbeMetrics) -> None:
        self[look.images] = min(look.seconds, self.get(look.images, look.seconds))
