"""A measurement of an experiment: a function of a finished run, registered by name. It runs on a worker.

Its version is part of the question that its numbers are stored under: whoever changes what it measures raises it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aelib.spec.images import evenly_spaced
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Basis, Data

Values = dict[str, float]
Function = Callable[[Slice, "Data", "Basis", "Data | None"], Values]


@dataclass(frozen=True)
class Measurement:
    """`function(link, data, basis, foreign)`: the run's last slice, its data with their PCA, and, where the measurement
    is `foreign`, another data set, else None."""

    name: str
    version: int
    foreign: bool
    function: Function


MEASUREMENTS: dict[str, Measurement] = {}


def measurement(version: int, *, foreign: bool = False) -> Callable[[Function], Function]:
    """Registers a measurement under its function's name."""

    def register(function: Function) -> Function:
        name = function.__name__
        MEASUREMENTS[name] = Measurement(name, version, foreign, function)
        return function

    return register


# ---- questions to the engine ------------------------------------------------------------------------------------


def measure(link: Slice, data: Data, basis: Basis, foreign: Data | None, name: str) -> Values:
    """What the measurement called `name` finds."""
    return {key: float(value) for key, value in MEASUREMENTS[name].function(link, data, basis, foreign).items()}


def part_of(data: Data, images: int) -> Data:
    """The same data with only so many training images, spread evenly over all of them."""
    import torch

    which = torch.from_numpy(evenly_spaced(len(data.train), images)).to(data.train.device)
    train = data.train[which]
    return replace(
        data, train=train, train_labels=data.train_labels[which], mean_pixel=float(train.float().mean()) / 255
    )
