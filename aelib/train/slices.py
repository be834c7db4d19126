"""The tasks that the engine runs. A run is a chain of them: `first_slice`, then `next_slice` again and again.

What stays on the worker is a `Slice`; what comes to the app is its `report`, and now and then a `Frame`.
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
from aelib.spec.state import CodeActivity, DecodedGrid, Progress, Reconstructions, State

if TYPE_CHECKING:
    from aelib.datasets import Dataset
    from aelib.train.resident import Basis, Data
    from aelib.train.trainer import Trainer


@dataclass(frozen=True)
class ProbeMetrics:
    """What some of the probe images, or all, showed at a step: errors and free energies (see `state.Probe`), and the
    codes as `points` float32 [probes, 2], aligned with those measured before; NaN for an image that was not measured.
    `seconds`: processor time that it took; `grid`: see `state.Probe`; `activity`: where a penalty asks for
    sparse codes."""

    step: int
    test_loss: float
    test_mse: float
    points: np.ndarray
    seconds: float
    free_energy: tuple[float, float] | None = None
    grid: DecodedGrid | None = None
    activity: CodeActivity | None = None

    @property
    def images(self) -> int:
        """How many images were measured."""
        return int(np.isfinite(self.points[:, 0]).sum())


# Stands for the images of a state that comes from the store: whoever measures it makes them again.
NO_IMAGES = Reconstructions(-1, np.empty((0, 0), np.uint8), np.empty((0, 0), np.uint8))


@dataclass(frozen=True)
class Frame:
    """One moment of a run: the images of a step, and the newest metrics, of this step or an earlier one."""

    images: Reconstructions
    metrics: ProbeMetrics

    @property
    def step(self) -> int:
        return self.images.step


class Warm:
    """The trainer of a state on the worker that reached it, for whoever goes on from there first.

    It does not travel: elsewhere, for whoever comes second, and for other knobs a trainer is made again.
    """

    def __init__(self, trainer: Trainer | None = None) -> None:
        self._live = [] if trainer is None else [trainer]

    def take(self, knobs: Knobs) -> Trainer | None:
        # Two threads may ask at once, and a list gives its only item once.
        with contextlib.suppress(IndexError):
            trainer = self._live.pop()
            return trainer if trainer.knobs == knobs else None
        return None

    def __reduce__(self) -> tuple[type[Warm], tuple[()]]:
        return Warm, ()


@dataclass(frozen=True)
class Slice:
    """A link of the chain: the state reached, how it got there, and what it makes of the images shown.

    A chain that diverged stays at its last good state.
    """

    state: State
    progress: Progress | None
    images: Reconstructions
    diverged: bool = False
    warm: Warm = field(default_factory=Warm, compare=False, repr=False)


@dataclass(frozen=True)
class SliceReport:
    """What the app gets to know of a slice, which ended at `step`."""

    step: int
    progress: Progress | None
    images: Reconstructions
    diverged: bool


def load_data(dataset: Dataset) -> Data:
    """See `trainer.prepare`."""
    from aelib.train.trainer import prepare

    return prepare(dataset)


def fit_basis(data: Data) -> Basis:
    from aelib.train.projection import fit_pca

    return fit_pca(data)


def pca_baseline(data: Data, basis: Basis, config: RunConfig, knobs: Knobs) -> float:
    """PCA's error on the probe images with as many numbers as the run's code has."""
    from aelib.spec.architecture import plan
    from aelib.train.projection import pca_error

    return pca_error(data, basis, config, knobs, plan(config).code_units)


def corrupted_images(data: Data, corruption: str, level: float, seed: int) -> tuple[np.ndarray, np.ndarray | None]:
    """See `trainer.corrupted_images`; the images uint8 [12, 784]."""
    from aelib.train.inference import as_bytes
    from aelib.train.trainer import corrupted_images

    corrupted, removed = corrupted_images(data, corruption, level, seed)
    return as_bytes(corrupted), removed


def first_slice(config: RunConfig, data: Data, knobs: Knobs) -> Slice:
    """The untrained network, and what it makes of the images."""
    from aelib.train import hardware
    from aelib.train.trainer import Trainer, init

    with hardware.one_thread():
        state = init(config, data)
        trainer = Trainer(state, knobs, data.train.device)
        shown = trainer.snapshot(data)
    return Slice(state, None, shown, warm=Warm(trainer))


def next_slice(previous: Slice, data: Data, knobs: Knobs, steps: int, threads: int = 1) -> Slice:
    """`steps` batches further, computed by so many threads (or AELIB_THREADS). They are an argument, because sums in
    another order may end in other last digits: a slice that is replayed is the same to the bit."""
    from aelib.train import hardware
    from aelib.train.trainer import Trainer

    def further(threads: int) -> Slice:
        trainer = previous.warm.take(knobs) or Trainer(previous.state, knobs, data.train.device)
        progress = trainer.advance(data, steps)
        shown = trainer.snapshot(data)
        if not (shown.healthy and progress.healthy):
            return Slice(previous.state, None, previous.images, diverged=True)
        return Slice(trainer.state(), replace(progress, threads=threads), shown, warm=Warm(trainer))

    if previous.diverged:
        return previous
    with METER.slice():
        link = hardware.computed(threads, further)
    return link if link.progress is None else replace(link, progress=replace(link.progress, free=METER.free))


def report(link: Slice) -> SliceReport:
    return SliceReport(link.state.step, link.progress, link.images, link.diverged)


def measure(link: Slice, data: Data, knobs: Knobs, previous: Frame | None, images: int | None = None) -> Frame | None:
    """Images, errors and codes of a link, the codes aligned with those of `previous`; of so many of the probe `images`,
    or of all.

    No part of the chain: training goes on meanwhile. None where the numbers have grown beyond all bounds.
    """
    from aelib.train.projection import align, code_activity, flatten_codes
    from aelib.train.trainer import probe, snapshot

    # Of this thread alone, which may have to wait for others.
    started = time.thread_time()
    state, shown = link.state, link.images
    if shown.step != state.step or Knobs.of(state.config) != knobs:
        shown = snapshot(state, data, knobs)
        if not shown.healthy:
            return None
    found = probe(state, data, knobs, images)
    points = np.full((len(data.probe), 2), np.nan, np.float32)
    points[found.which] = flatten_codes(found.codes, state.config.seed)
    if previous is not None and found.codes.shape[1] > 2:
        points = align(points, previous.metrics.points)
    seconds = time.thread_time() - started
    activity = code_activity(found.codes, state.config)
    errors = found.test_loss, found.test_mse
    metrics = ProbeMetrics(state.step, *errors, points, seconds, found.free_energy, found.grid, activity)
    return Frame(shown, metrics)
