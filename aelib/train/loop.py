"""A run without an engine, for the command line: the same slices, one after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dask.system import CPU_COUNT

from aelib.spec.config import Knobs, RunConfig
from aelib.train.pace import Pace
from aelib.train.resident import Data
from aelib.train.slices import Slice, first_slice, next_slice


def trained(
    config: RunConfig, data: Data, steps: int, next_stop: Callable[[int, float | None], int] | None = None
) -> Iterator[Slice]:
    """The slices of a run of `steps` batches, as they end, with as many threads as there are cores free (or
    AELIB_THREADS). One that diverged is the last, and holds the last good state.

    `next_stop(step, seconds of a batch)`: where the slice that begins after `step` has to end at the latest.
    """
    knobs, pace = Knobs.of(config), Pace()
    link = first_slice(config, data, knobs)
    while link.state.step < steps and not link.diverged:
        step = link.state.step
        stop = steps if next_stop is None else min(steps, next_stop(step, pace.step_seconds))
        link = next_slice(link, data, knobs, pace.next_slice(stop - step), pace.threads(CPU_COUNT))
        if link.progress is not None:
            pace.landed(link.progress, link.state.step)
        yield link
