"""Image files of any size and mode → 28×28 grey pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.config import IMAGE_SIDE
from aelib.datasets.dataset import Array

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
LONGEST_SIDE = 4096
# The rims of photographs are about 120 bright in the median; those of scanned paper, more than this.
_BRIGHT_GROUND = 160


class Unusable(Exception):
    """One file that has to be left out; the message is a clause about it, such as "is no image"."""


@dataclass(frozen=True)
class Picture:
    """`grey` is uint8 [side, side]; `size` (width, height) and `coloured` tell what it was made from."""

    grey: Array
    size: tuple[int, int]
    coloured: bool


def check_size(width: int, height: int) -> None:
    """Raises `Unusable` for sides that are too long or too unequal."""
    if max(width, height) > LONGEST_SIDE:
        raise Unusable(f"has more than {LONGEST_SIDE:,} pixels a side")
    if max(width, height) > IMAGE_SIDE * min(width, height):
        raise Unusable(f"is more than {IMAGE_SIDE} times as long as wide")


def pixels_in(data: bytes) -> int:
    """How many pixels decoding `data` would give. Reads the header only. Raises `Unusable` as `decode` does."""
    with _opened(data) as image:
        return image.width * image.height


def decode(data: bytes, side: int = IMAGE_SIDE) -> Picture:
    """The first frame of an image file, squared to `side` pixels.

    Raises `Unusable` for what is no image, damaged, or too large to decode.
    """
    with _opened(data) as image:
        size = image.size
        from PIL import ImageOps

        try:
            # JPEG only: decodes at a fraction of the size, which is many times faster for photographs.
            image.draft(None, (2 * side, 2 * side))
            upright = ImageOps.exif_transpose(image)
            return Picture(squared(grey(upright), side), size, _coloured(upright))
        except Unusable:
            raise
        except Exception:  # noqa: BLE001 - a decoder meets hostile bytes with nearly any exception.
            raise Unusable("is a damaged image") from None


def _opened(data: bytes) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    if not data:
        raise Unusable("is empty")
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unusable("is an archive" if data.startswith(b"PK\3\4") else "is no image") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(f"has more than {LONGEST_SIDE:,} pixels a side") from None
    except Exception:  # noqa: BLE001 - as above.
        raise Unusable("is a damaged image") from None
    check_size(*image.size)
    return image


def grey(image: Image.Image) -> Image.Image:
    """`image` in mode "L". What is transparent becomes the background: white behind dark strokes, else black."""
    from PIL import Image

    if image.has_transparency_data:
        layered = image.convert("RGBA")
        opacity = np.asarray(layered.getchannel("A"), dtype=np.float64)
        brightness = np.asarray(layered.convert("RGB").convert("L"))
        dark = opacity.any() and np.average(brightness, weights=opacity) < 128
        ground = Image.new("RGBA", image.size, "white" if dark else "black")
        return Image.alpha_composite(ground, layered).convert("L")
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, dtype=np.float64)
        if not np.isfinite(values).all():
            raise Unusable("holds numbers that are not finite")
        top = float(values.max())
        brightest = 65535.0 if image.mode.startswith("I;16") or top > 255 else 255.0 if top > 1 else 1.0
        return Image.fromarray(np.rint(values.clip(0, brightest) * (255 / brightest)).astype(np.uint8))
    return image.convert("L")


def squared(image: Image.Image, side: int = IMAGE_SIDE) -> Array:
    """An "L" image, padded to a square with its border's median grey and resized: uint8 [side, side]."""
    from PIL import Image, ImageOps

    shrinks = max(image.size) > side
    # Hamming's filter has no negative lobes: shrinking leaves no halo around a stroke.
    method = Image.Resampling.HAMMING if shrinks else Image.Resampling.BICUBIC
    ground = border_median(np.asarray(image)[None])
    return np.asarray(ImageOps.pad(image, (side, side), method, color=int(ground)))


def on_bright_ground(images: Array) -> bool:
    """Do uint8 [N, H, W] show dark strokes on bright paper?"""
    return border_median(images) > _BRIGHT_GROUND


def border_median(images: Array) -> float:
    """The median grey of the outermost pixels of uint8 [N, H, W]."""
    rims = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return float(np.median(np.concatenate([rim.ravel() for rim in rims])))


def _coloured(image: Image.Image) -> bool:
    return image.mode not in ("1", "L", "LA", "La") and not image.mode.startswith(("I", "F"))
