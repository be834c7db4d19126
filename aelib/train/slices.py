"""The tasks that the engine runs. A run is a chain of them: `first_slice`, then `next_slice` again and again.

What stays on the worker is a `Slice`; what comes to the app is its `report`, and now and then a `look`.
torch is imported inside the tasks, so that the web server can name them without loading it.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from aelib.host.cores import METER
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.state import Progress, State

if TYPE_CHECKING:
    from aelib.datasets import Dataset
    from aelib.train.resident import Basis, Data
    from aelib.train.trainer import Live


@dataclass(frozen=True)
class Look:
    """What some of the probe images, or all, showed at a step: errors and free energies (see `state.Probe`), and the
    codes as `points` float32 [probes, 2], turned towards the look before; NaN for an image that was not looked at.
    `seconds`: what it cost a
    processor."""

    step: int
    test_loss: float
    test_mse: float
    points: np.ndarray
    seconds: float
    free_energy: tuple[float, float] | None = None

    @property
    def images(self) -> int:
        """How many images were looked at."""
        return int(np.isfinite(self.points[:, 0]).sum())


@dataclass(frozen=True)
class Glance:
    """The twelve pictures at a step: what went into the network and what came out, uint8 [12, 784] (`output` in
    colour [12, 3 × 784]). `mask`: bool [12, 784], the pixels removed from what went in; None where none can be."""

    step: int
    seen: np.ndarray
    output: np.ndarray
    mask: np.ndarray | None = field(default=None, kw_only=True)


# Stands for the pictures of a state that comes from the store: whoever looks at it takes them anew.
NO_GLANCE = Glance(-1, np.empty((0, 0), np.uint8), np.empty((0, 0), np.uint8))


@dataclass(frozen=True)
class Frame(Glance):
    """One moment: the pictures of a step, and the newest look, of this step or an earlier one."""

    look: Look

    @classmethod
    def of(cls, glance: Glance, look: Look) -> Frame:
        return cls(glance.step, glance.seen, glance.output, look, mask=glance.mask)


class Warm:
    """A state while it is still alive on the worker that reached it, for whoever goes on from there first.

    It does not travel: elsewhere, for whoever comes second, and for other knobs the state is brought to life anew.
    """

    def __init__(self, live: Live | None = None) -> None:
        self._live = [] if live is None else [live]

    def take(self, knobs: Knobs) -> Live | None:
        # Two threads may ask at once, and a list gives its only item once.
        with contextlib.suppress(IndexError):
            live = self._live.pop()
            return live if live.knobs == knobs else None
        return None

    def __reduce__(self) -> tuple[type[Warm], tuple[()]]:
        return Warm, ()


@dataclass(frozen=True)
class Slice:
    """A link of the chain: the state reached, how it got there, and a glance at it.

    A chain that diverged stays at its last good state.
    """

    state: State
    progress: Progress | None
    glance: Glance
    diverged: bool = False
    warm: Warm = field(default_factory=Warm, compare=False, repr=False)


@dataclass(frozen=True)
class Report:
    """What the app gets to know of a slice, which ended at `step`."""

    step: int
    progress: Progress | None
    glance: Glance
    diverged: bool


def load_data(dataset: Dataset) -> Data:
    """See `training.prepare`."""
    from aelib.train.trainer import prepare

    return prepare(dataset)


def fit_basis(data: Data) -> Basis:
    from aelib.train.projection import fit_pca

    return fit_pca(data)


def pca_line(data: Data, basis: Basis, config: RunConfig, knobs: Knobs) -> float:
    """PCA's error on the probe images with as many numbers as the run's code has."""
    from aelib.spec.architecture import plan
    from aelib.train.projection import pca_error

    return pca_error(data, basis, config, knobs, plan(config).code_units)


def first_slice(config: RunConfig, data: Data, knobs: Knobs) -> Slice:
    """The untrained network, and what it makes of the pictures."""
    from aelib.train import hardware
    from aelib.train.trainer import Live, init

    with hardware.one_thread():
        state = init(config, data)
        live = Live(state, knobs, data.train.device)
        glance = _glance(live, data)
    assert glance is not None, "an untrained network is within bounds"
    return Slice(state, None, glance, warm=Warm(live))


def next_slice(previous: Slice, data: Data, knobs: Knobs, steps: int, threads: int = 1) -> Slice:
    """`steps` batches further, computed by so many threads (or AELIB_THREADS). They are an argument, because sums in
    another order may end in other last digits: a slice that is replayed is the same to the bit."""
    from aelib.train import hardware
    from aelib.train.trainer import Live

    def further(threads: int) -> Slice:
        live = previous.warm.take(knobs) or Live(previous.state, knobs, data.train.device)
        progress = live.advance(data, steps)
        glance = _glance(live, data)
        if glance is None or not progress.healthy:
            return Slice(previous.state, None, previous.glance, diverged=True)
        return Slice(live.freeze(), replace(progress, threads=threads), glance, warm=Warm(live))

    if previous.diverged:
        return previous
    with METER.slice():
        link = hardware.computed(threads, further)
    return link if link.progress is None else replace(link, progress=replace(link.progress, free=METER.free))


def report(link: Slice) -> Report:
    return Report(link.state.step, link.progress, link.glance, link.diverged)


def look(link: Slice, data: Data, knobs: Knobs, previous: Frame | None, images: int | None = None) -> Frame | None:
    """Pictures, errors and codes of a link, the codes turned towards those of the look before; at `images` of the probe
    images only, or at all.

    No part of the chain: training goes on meanwhile. None where the numbers are beyond all bounds.
    """
    from aelib.train.projection import align, flatten_codes
    from aelib.train.trainer import probe, snapshot

    # Of this thread alone, which may have to wait for others.
    started = time.thread_time()
    state, glance = link.state, link.glance
    if glance.step != state.step or Knobs.of(state.config) != knobs:
        seen = snapshot(state, data, knobs, glance=True)
        if not seen.healthy:
            return None
        glance = Glance(seen.step, seen.seen, seen.output, mask=seen.mask)
    found = probe(state, data, knobs, images)
    points = np.full((len(data.probe), 2), np.nan, np.float32)
    points[found.which] = flatten_codes(found.codes, state.config.seed)
    if previous is not None and found.codes.shape[1] > 2:
        points = align(points, previous.look.points)
    seconds = time.thread_time() - started
    return Frame.of(glance, Look(state.step, found.test_loss, found.test_mse, points, seconds, found.free_energy))


def _glance(live: Live, data: Data) -> Glance | None:
    """None where the state has lost its mind: its numbers would be of no use to anybody."""
    seen = live.snapshot(data, glance=True)
    return Glance(seen.step, seen.seen, seen.output, mask=seen.mask) if seen.healthy else None
