"""The tasks that the engine runs. A run is a chain of them: `first_slice`, then `next_slice` again and again.

What stays on the worker is a `Slice`; what comes to the app is its `report`. torch is imported inside
the tasks, so that the web server can name them without loading it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.config import Knobs, RunConfig
from aelib.state import Progress, State

if TYPE_CHECKING:
    from aelib.projection import Basis
    from aelib.training import Data


@dataclass(frozen=True)
class Look:
    """What the probe images showed at a step: errors (see `state.Probe`), and the codes as `points`
    float32 [probes, 2], turned towards the look before. `seconds`: what it cost."""

    step: int
    test_loss: float
    test_mse: float
    points: np.ndarray
    seconds: float


@dataclass(frozen=True)
class Frame:
    """One moment: pictures uint8 [12, 784] of this step, and the newest look, of this step or an earlier one."""

    step: int
    seen: np.ndarray
    output: np.ndarray
    look: Look

    @property
    def whole(self) -> bool:
        """Are pictures and look of the same step?"""
        return self.look.step == self.step


@dataclass(frozen=True)
class Slice:
    """A link of the chain: the state reached, how it got there, and what it looks like.

    A chain that diverged stays at its last good state.
    """

    state: State
    progress: Progress | None
    frame: Frame
    diverged: bool = False


@dataclass(frozen=True)
class Report:
    """What the app gets to know of a slice."""

    progress: Progress | None
    frame: Frame
    diverged: bool

    @property
    def step(self) -> int:
        return self.frame.step


def load_data(name: str, train_images: np.ndarray, test_images: np.ndarray) -> Data:
    """See `training.prepare`."""
    from aelib.training import prepare

    return prepare(name, train_images, test_images)


def fit_basis(data: Data) -> Basis:
    from aelib.projection import fit_pca

    return fit_pca(data)


def pca_line(data: Data, basis: Basis, config: RunConfig, knobs: Knobs) -> float:
    """PCA's error on the probe images with as many numbers as the run's code has."""
    from aelib.architecture import plan
    from aelib.projection import pca_error

    return pca_error(data, basis, config, knobs, plan(config).code_units)


def first_slice(config: RunConfig, data: Data, knobs: Knobs) -> Slice:
    """The untrained network, and what it makes of the pictures."""
    from aelib.training import init

    state = init(config, data)
    frame = _take_frame(state, data, knobs, None, look=True)
    assert frame is not None, "an untrained network is within bounds"
    return Slice(state, None, frame)


def next_slice(previous: Slice, data: Data, knobs: Knobs, steps: int, look: bool) -> Slice:
    """`steps` batches further (0: none), with a look or only a glance at the result."""
    from aelib.training import advance

    if previous.diverged:
        return previous
    state, progress = advance(previous.state, data, knobs, steps) if steps else (previous.state, None)
    frame = _take_frame(state, data, knobs, previous.frame.look, look)
    if frame is None or (progress is not None and not progress.healthy):
        return Slice(previous.state, None, previous.frame, diverged=True)
    return Slice(state, progress, frame)


def report(link: Slice) -> Report:
    return Report(link.progress, link.frame, link.diverged)


def _take_frame(state: State, data: Data, knobs: Knobs, previous: Look | None, look: bool) -> Frame | None:
    """None where the state has lost its mind: its numbers would be of no use to anybody."""
    from aelib.projection import align, flatten_codes
    from aelib.training import snapshot

    started = time.perf_counter()
    seen = snapshot(state, data, knobs, glance=not look)
    if not seen.healthy:
        return None
    newest = previous
    if seen.probe is not None:
        points = flatten_codes(seen.probe.codes, state.config.seed)
        if previous is not None and seen.probe.codes.shape[1] > 2:
            points = align(points, previous.points)
        seconds = time.perf_counter() - started
        newest = Look(seen.step, seen.probe.test_loss, seen.probe.test_mse, points, seconds)
    assert newest is not None
    return Frame(seen.step, seen.seen, seen.output, newest)
