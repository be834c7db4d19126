"""A drawing or a photograph of one sign → a 28×28 image such as MNIST's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aelib.datasets.bounds import Unusable
from aelib.datasets.dataset import Array
from aelib.datasets.decoding import border_median, on_bright_ground
from aelib.spec.fields import InvalidInput
from aelib.spec.images import IMAGE_SIDE

BOX = 20
# Where MNIST's images have their centre of mass, counted from the middle of the first pixel: 13.99 and 14.00 in the
# mean over the test images, and none further than half a pixel away.
CENTRE = 14.0
# Files are read at this size, so that there is something to scale.
_READ_SIDE = 4 * IMAGE_SIDE
# Fainter than this is paper: the grain of a photograph, the halo of a JPEG.
_FAINTEST = 0.2


def from_file(name: str, decode: Callable[[int], Array], *, centred: bool, exchanged: bool = False) -> Array:
    """An image file as a image for a network, uint8 [28, 28], strokes bright on black.

    `decode` gives what is in the file at so many pixels a side, uint8 [side, side], or raises `Unusable`. `centred`: as
    `as_mnist` does; else the whole image is only made small. Raises `InvalidInput`, naming the file.
    """
    try:
        image = decode(_READ_SIDE if centred else IMAGE_SIDE)
    except Unusable as reason:
        raise InvalidInput("image", name, f"a PNG or JPEG file; this one {reason}") from None
    if centred:
        return as_mnist(strokes(image, exchanged=exchanged))
    return 255 - image if on_bright_ground(image[None]) != exchanged else image


def from_drawing(drawing: Array, *, centred: bool) -> Array:
    """A drawing, uint8 [H, W], strokes bright on black, as a image for a network: uint8 [28, 28]."""
    from PIL import Image

    if centred:
        return as_mnist(drawing)
    side = (IMAGE_SIDE, IMAGE_SIDE)
    return np.asarray(Image.fromarray(drawing).resize(side, Image.Resampling.HAMMING))


def strokes(image: Array, *, exchanged: bool = False) -> Array:
    """A image of dark strokes on bright ground, or of bright ones on dark, uint8 [H, W] → bright strokes on black.

    The ground, its border's median grey, becomes 0 and the brightest stroke 255. `exchanged` takes dark for bright
    where the ground is hard to tell.
    """
    if on_bright_ground(image[None]) != exchanged:
        image = 255 - image
    ground = border_median(image[None])
    above = (image - ground).clip(0)
    # The brightest pixels of a photograph may be dust: one in a thousand is left out.
    top = float(np.percentile(above, 99.9)) or float(above.max()) or 1.0
    ink = (above / top).clip(0, 1)
    return np.asarray(np.rint(np.where(ink < _FAINTEST, 0, ink) * 255), dtype=np.uint8)


def as_mnist(image: Array) -> Array:
    """Bright strokes on black, uint8 [H, W], centred and scaled as MNIST's images were: uint8 [28, 28].

    The strokes' frame is scaled, with its aspect ratio kept, to fit a box of 20×20 pixels, and placed so that the
    centre of mass comes to the middle (LeCun, Bottou, Bengio & Haffner 1998, section III-A). It is moved by whole
    pixels, and nothing of it is cut off. Raises `InvalidInput` for a image without strokes.
    """
    from PIL import Image
    from scipy.ndimage import center_of_mass

    rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        raise InvalidInput("image", "empty", "one with at least one stroke")
    framed = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(framed.shape)
    height, width = (max(1, round(side * scale)) for side in framed.shape)
    # Hamming's filter has no negative lobes: shrinking leaves no halo around a stroke.
    method = Image.Resampling.HAMMING if scale < 1 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(framed).resize((width, height), method))
    if not small.any():
        raise InvalidInput("image", "nearly empty", "one whose strokes are visible at 20×20 pixels")
    top, left = (
        min(max(0, round(CENTRE - middle)), IMAGE_SIDE - side)
        for middle, side in zip(center_of_mass(small), small.shape, strict=True)
    )
    field = np.zeros((IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    field[top : top + height, left : left + width] = small
    return field
