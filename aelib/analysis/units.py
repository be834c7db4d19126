"""What one unit of a network looks for, or draws, as an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.latent_space.weights import incoming
from aelib.spec.config import Knobs
from aelib.spec.images import PIXELS, SHOWN
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Data

# Of so many probe images the standard deviation of a code unit is taken.
MEASURED = 250


@dataclass(frozen=True)
class UnitImage:
    """`image`: float32 [784] in [-1, 1], differences as shares of `largest`; of the state after `step` batches."""

    step: int
    image: np.ndarray
    largest: float


def weights_of(link: Slice, unit: int) -> UnitImage:
    """The weights of a unit of the first layer, or of a filter, laid out like the pixels (see `incoming`)."""
    found = incoming(link, (unit,))
    return UnitImage(link.state.step, found.images[0], float(found.largest[0]))


def direction_of(link: Slice, data: Data, knobs: Knobs, unit: int, shown: int) -> UnitImage:
    """How the output for one of the images shown changes when a unit of its code, or a feature map, rises by the
    standard deviation that it has over test images."""
    import torch

    from aelib.spec.corruptions import corrupt
    from aelib.train.inference import decode, encode
    from aelib.train.randomness import generator

    state = link.state
    config = state.config

    def code(images: torch.Tensor, purpose: str) -> torch.Tensor:
        noise = generator(config.seed, purpose, images.device)
        clean = images.float().div_(255)
        return encode(state, corrupt(clean, config.corruption, knobs.corruption_level, noise))

    start = code(data.probe[:SHOWN], "pictures")[shown : shown + 1]
    spread = code(data.probe[:MEASURED], "probe")[:, unit].std(0, unbiased=False)
    raised = start.clone()
    raised[:, unit] += spread
    before, after = decode(state, torch.cat((start, raised)))
    # In colour: the mean of the three planes.
    change = (after - before).view(-1, PIXELS).mean(0).cpu().numpy()
    change = np.nan_to_num(change, posinf=0.0, neginf=0.0)
    largest = float(np.abs(change).max())
    return UnitImage(state.step, change / (largest or 1.0), largest)
