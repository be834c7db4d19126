"""Image files of any size and mode → 28×28 grey images."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from aelib.datasets.bounds import MOST_IMAGES, Budget, Refused, Unusable
from aelib.datasets.brightness import scale_of
from aelib.datasets.dataset import Array
from aelib.spec.images import IMAGE_SIDE

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "JPEG2000", "AVIF")
LONGEST_SIDE = 4096
# A JPEG is decoded at a fraction of its size, so the largest cameras will do (Pillow itself warns above); but a
# progressive one is held in memory as a whole, two bytes a number.
_LARGEST_JPEG, _LARGEST_PROGRESSIVE = 175_000_000, 50_000_000
# Decoding a JPEG at an eighth of its sides takes a quarter of the time of all its pixels.
_DRAFT_COST = 4
# The rims of photographs are about 120 bright in the median; those of scanned paper, more than this.
_BRIGHT_GROUND = 160


@dataclass(frozen=True)
class DecodedImage:
    """`values` [side, side]: uint8 of 8-bit images, or float32 of others, not scaled yet: their range is that of the
    set. `low` and `high` are the extreme values before resizing; `size` (width, height) and `coloured` tell what it
    was made from."""

    values: Array
    low: float
    high: float
    size: tuple[int, int]
    coloured: bool

    @property
    def wide(self) -> bool:
        """Does it have more than the 256 levels of a byte?"""
        return bool(self.values.dtype != np.uint8)


def check_size(width: int, height: int, longest: int = LONGEST_SIDE) -> None:
    """Raises `Unusable` for sides that are too long or too unequal."""
    if max(width, height) > longest:
        raise Unusable(f"has more than {longest:,} pixels a side")
    if max(width, height) > IMAGE_SIDE * min(width, height):
        raise Unusable(f"is more than {IMAGE_SIDE} times as long as wide")


def decode(data: bytes, side: int = IMAGE_SIDE) -> Array:
    """The first page of an image file, squared to `side` pixels, its own range scaled: uint8 [side, side].

    Raises `Unusable` for what is no image, damaged, or too large to decode.
    """
    try:
        decoded = next(pages(data, Budget(), side))
        return scale_of(decoded.low, decoded.high)(decoded.values) if decoded.wide else decoded.values
    except Refused:
        raise Unusable("has values that are not finite") from None


def pages(data: bytes, budget: Budget, side: int = IMAGE_SIDE) -> Iterator[DecodedImage]:
    """The pages of a TIFF, or the one image (the first frame) of any other image file, squared to `side` pixels.

    Raises `Unusable` as `decode` does, and `Refused` where `budget` is used up.
    """
    with _opened(data) as image:
        from PIL import ImageOps

        for page in range(MOST_IMAGES if image.format == "TIFF" else 1):
            try:
                image.seek(page)
            except EOFError:
                return
            except MemoryError:
                raise
            except Exception:  # noqa: BLE001 - a decoder meets hostile bytes with nearly any exception.
                raise Unusable("is a damaged image") from None
            size = image.size
            budget.take_pixels(_checked_pixels(image, side))
            try:
                upright = ImageOps.exif_transpose(image)
                shade = grey(upright)
                low, high = (float(value) for value in np.asarray(shade.getextrema()))
                decoded = DecodedImage(squared(shade, side), low, high, size, _coloured(upright))
            except (Unusable, MemoryError):
                raise
            except Exception:  # noqa: BLE001 - as above.
                raise Unusable("is a damaged image") from None
            budget.take_images()
            yield decoded


def _opened(data: bytes) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise Unusable("is not an image") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unusable(f"has more than {LONGEST_SIDE:,} pixels a side") from None
    except Exception:  # noqa: BLE001 - as above.
        raise Unusable("is a damaged image") from None


def _checked_pixels(image: Image.Image, side: int) -> int:
    """How many pixels' work decoding is. A JPEG will be decoded at a fraction of its size. Raises `Unusable`."""
    if image.format not in ("JPEG", "MPO"):
        check_size(*image.size)
        return image.width * image.height
    check_size(*image.size, longest=65_535)
    whole = image.width * image.height
    if whole > (_LARGEST_PROGRESSIVE if "progressive" in image.info else _LARGEST_JPEG):
        raise Unusable(f"has {whole // 10**6:,} megapixels")
    image.draft(None, (2 * side, 2 * side))
    drafted = image.width * image.height
    return whole if drafted == whole else drafted + whole // _DRAFT_COST


def grey(image: Image.Image) -> Image.Image:
    """`image` in mode "L", or in mode "F" with the values unchanged where it has more than 256 levels. What is
    transparent becomes the background: white behind dark strokes, else black."""
    from PIL import Image

    if image.has_transparency_data:
        layered = image.convert("RGBA")
        opacity = np.asarray(layered.getchannel("A"), dtype=np.float64)
        brightness = np.asarray(layered.convert("RGB").convert("L"))
        dark = opacity.any() and np.average(brightness, weights=opacity) < 128
        ground = Image.new("RGBA", image.size, "white" if dark else "black")
        return Image.alpha_composite(ground, layered).convert("L")
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, dtype=np.float32)
        if not np.isfinite(values).all():
            raise Unusable("has values that are not finite")
        return Image.fromarray(values)
    return image.convert("L")


def squared(image: Image.Image, side: int = IMAGE_SIDE) -> Array:
    """An image of one plane, padded to a square with its border's median and resized: [side, side]."""
    from PIL import Image, ImageOps

    if image.size == (side, side):
        return np.asarray(image)
    shrinks = max(image.size) > side
    # Hamming's filter has no negative lobes: shrinking leaves no halo around a stroke.
    method = Image.Resampling.HAMMING if shrinks else Image.Resampling.BICUBIC
    ground: Any = border_median(np.asarray(image)[None])
    return np.asarray(ImageOps.pad(image, (side, side), method, color=ground if image.mode == "F" else int(ground)))


def on_bright_ground(images: Array) -> bool:
    """Do uint8 [N, H, W] show dark strokes on bright paper?"""
    return border_median(images) > _BRIGHT_GROUND


def border_median(images: Array) -> float:
    """The median grey of the outermost pixels of uint8 [N, H, W]."""
    rims = [images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]]
    return float(np.median(np.concatenate([rim.ravel() for rim in rims])))


def _coloured(image: Image.Image) -> bool:
    return image.mode not in ("1", "L", "LA", "La") and not image.mode.startswith(("I", "F"))
