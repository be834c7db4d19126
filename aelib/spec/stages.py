"""The stages of a network as it is drawn: layers with weights, and which of their units are shown.

Pooling and doubling belong to the layer with weights in front of them. The last layer has no stage: what comes out of
it is the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np

from aelib.spec.architecture import Layer, Plan, Shape
from aelib.spec.images import evenly_spaced

# So many units of a vector are shown; and so many feature maps, more of them where they are small.
MOST_UNITS, MOST_MAPS, MOST_SMALL_MAPS = 128, 4, 8
SMALL_MAP, WIDEST_MAP = 7, 14

Part = Literal["encoder", "decoder"]


@dataclass(frozen=True)
class Stage:
    """A layer with weights. What comes out after the first `after` layers of its `part` is its activations; `number`
    counts the stages of the part from 0. `code`: are these activations the code?"""

    part: Part
    number: int
    layer: Layer
    after: int
    shape: Shape
    code: bool

    @property
    def units(self) -> int:
        """How many units, or feature maps, it has."""
        return self.shape[0]

    @property
    def shown(self) -> np.ndarray:
        """Which of its units or feature maps are shown, int64, evenly spaced."""
        if len(self.shape) == 1:
            return evenly_spaced(self.units, MOST_UNITS)
        return evenly_spaced(self.units, MOST_SMALL_MAPS if self.shape[1] <= SMALL_MAP else MOST_MAPS)

    @property
    def pooling(self) -> int:
        """One value shown is the mean of a square of so many values in width and height."""
        return 1 if len(self.shape) == 1 else -(-self.shape[1] // WIDEST_MAP)

    @property
    def cells(self) -> Shape:
        """The shape of what is shown: (units,) or (maps, side, side)."""
        count = len(self.shown)
        return (count,) if len(self.shape) == 1 else (count, *(-(-side // self.pooling) for side in self.shape[1:]))


def stages(network: Plan) -> tuple[Stage, ...]:
    """Those of the encoder, the last of which is the code, and those of the decoder, without the one that ends in the
    image."""
    encoder, decoder = _of("encoder", network.encoder), _of("decoder", network.decoder)
    return (*encoder, *decoder[:-1])


def cell_count(network: Plan) -> int:
    """How many numbers all stages show."""
    return sum(prod(stage.cells) for stage in stages(network))


def _of(part: Part, layers: tuple[Layer, ...]) -> list[Stage]:
    begins = [index for index, layer in enumerate(layers) if layer.weights]
    ends = [*begins[1:], len(layers)]
    found = []
    for number, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        # Flattening changes no number: the maps before it can be looked at.
        after = end - 1 if layers[end - 1].kind == "flatten" else end
        code = part == "encoder" and number == len(begins) - 1
        found.append(Stage(part, number, layers[begin], after, layers[after - 1].shape_out, code))
    return found
