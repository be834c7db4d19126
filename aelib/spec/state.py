"""What travels between the engine and the rest: plain NumPy, so that nobody needs torch to hold it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aelib.spec.config import RunConfig

# What the arrays of a state are named after: weights, and what the optimizer or a Boltzmann machine remembers.
WEIGHTS, OPTIMIZER, MACHINE = "weights/", "optimizer/", "machine/"

# Pixels lie in [0, 1], so an error per pixel above this means that the numbers are running away.
EXPLODED = 100.0


def _bounded(error: float) -> bool:
    return math.isfinite(error) and error < EXPLODED


@dataclass(frozen=True)
class State:
    """A run after `step` batches: weights and the optimizer's memory, read-only float32 arrays by name."""

    config: RunConfig
    step: int
    arrays: Mapping[str, np.ndarray]

    @classmethod
    def frozen(cls, config: RunConfig, step: int, arrays: Mapping[str, np.ndarray]) -> State:
        """A state whose arrays refuse to be written to."""
        for array in arrays.values():
            array.flags.writeable = False
        return cls(config, step, arrays)

    @property
    def weights(self) -> dict[str, np.ndarray]:
        return {name.removeprefix(WEIGHTS): array for name, array in self.arrays.items() if name.startswith(WEIGHTS)}

    @property
    def memory(self) -> dict[str, np.ndarray]:
        """What its method remembers beside the weights (see `aelib.train.rules`)."""
        return {name: array for name, array in self.arrays.items() if not name.startswith(WEIGHTS)}


@dataclass(frozen=True)
class Progress:
    """What a slice did: means over its `steps` batches, and how long they took. `train_mse`: of outputs clipped to
    [0, 1], against a target without noise. `penalty`: what the regularizer adds to the loss, its weight included; None
    without one. `threads`: how many computed it; `free`: how many cores it could have had, None where that was not
    measured (see `aelib.host.cores`)."""

    steps: int
    seconds: float
    train_loss: float
    train_mse: float
    penalty: float | None = None
    threads: int = 1
    free: float | None = None

    @property
    def healthy(self) -> bool:
        return _bounded(self.train_loss)


@dataclass(frozen=True)
class Activations:
    """What the images shown bring about in each stage of a network (see `aelib.spec.stages`).

    `cells`: uint8 [12, cells of all stages]: 128 is 0, and 1 and 255 are minus and plus the `scales` float32 [stages],
    the largest absolute activation of each; 0 where all of them are 0, or the stage does not take part yet.
    """

    cells: np.ndarray
    scales: np.ndarray


@dataclass(frozen=True)
class Reconstructions:
    """The images shown of a state.

    `corrupted`, `output`: what went into the network and what came out, uint8 [12, 784], in colour [12, 3 × 784];
    `mask`: bool [12, 784], the pixels removed from `corrupted`; None where the corruption removes none. `error`: the
    output's mean squared error before it was clipped to what a pixel can show; 0 where it is not known. `activations`:
    between the two; None where they were not kept.
    """

    step: int
    corrupted: np.ndarray
    output: np.ndarray
    mask: np.ndarray | None = None
    error: float = 0.0
    activations: Activations | None = None

    @property
    def healthy(self) -> bool:
        """Are the numbers still of this world?"""
        return _bounded(self.error)


@dataclass(frozen=True)
class DecodedGrid:
    """What a decoder makes of places all over a code of two numbers.

    `images`: uint8 [rows × columns, planes × 196] (see `aelib.spec.images`), from the top left, 14 × 14 pixels each.
    `area`: float32 [4], the lowest and highest first number, then second, of the cells' outer edges.
    """

    images: np.ndarray
    area: np.ndarray


@dataclass(frozen=True)
class CodeActivity:
    """How sparse codes are: `shares` float32 [units shown], of how many of the images each unit that is shown (see
    `aelib.spec.stages`) is active; `mean`: how many of all units an image makes active. A unit is active where its
    activation is above a tenth of the largest of all, in amount."""

    shares: np.ndarray
    mean: float


@dataclass(frozen=True)
class Probe:
    """What a state makes of those probe images that `which` [N] counts up, corrupted as in training.

    `test_loss`: against the run's target; `test_mse`: of outputs clipped to [0, 1], as every error of an image that is
    shown, against the clean images (in colour: coloured). `codes`: float32 [N, code units]. `free_energy`: while a
    Boltzmann machine learns, its means over (as many training images, these images), in nats. `grid`: None unless the
    code has two numbers and the whole network takes part.
    """

    test_loss: float
    test_mse: float
    codes: np.ndarray
    which: np.ndarray
    free_energy: tuple[float, float] | None = None
    grid: DecodedGrid | None = None
