"""The colour of a class in images that a network has to colour. Apart from the colours of dots, which mean classes
on every page: these are targets of training, all equally light, so that nothing but the hue tells them apart."""

from __future__ import annotations

from functools import cache

import numpy as np

from aelib.datasets.dataset import Dataset
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput

# At this CIE lightness the least vivid of ten hues is as vivid as can be.
LIGHTNESS = 70.0
_STEPS = 400


@cache
def class_hues(count: int) -> np.ndarray:
    """RGB of `count` classes, float32 [count, 3] in [0, 1]: evenly spaced hues of the CIE LUV colour space, of equal
    lightness, each as vivid as sRGB can show it (the idea of A. Boronine's HSLuv)."""
    from skimage.color.colorconv import luv2rgb, rgb2luv

    angle = 2 * np.pi * np.arange(count)[:, None] / count
    chroma = np.linspace(0, 180, _STEPS)
    luv = np.stack(np.broadcast_arrays(LIGHTNESS, chroma * np.cos(angle), chroma * np.sin(angle)), axis=-1)
    rgb = luv2rgb(luv)
    # What sRGB cannot show is clipped, and comes back as another colour.
    shown = np.abs(rgb2luv(rgb) - luv).max(axis=-1) < 0.5
    most = np.cumprod(shown, axis=1).sum(axis=1) - 1
    hues: np.ndarray = rgb[np.arange(count), most].astype(np.float32)
    hues.setflags(write=False)
    return hues


def check_classes(config: RunConfig, dataset: Dataset) -> None:
    """Raises `InvalidInput` where the data lack the classes that the run needs."""
    if config.colour and not dataset.has_classes:
        raise InvalidInput("colour", "true", "false: colourization needs class labels, and this dataset has none")
