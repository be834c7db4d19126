"""Images as PNG: for tables and cards, which take addresses of images, and to be saved."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from aelib.spec.images import IMAGE_SIDE

SAVED_SCALE = 4


def ink_url(rows: Sequence[np.ndarray], theme: str) -> str:
    """As `ink_png`, as a data URL."""
    return f"data:image/png;base64,{base64.b64encode(ink_png(rows, theme)).decode()}"


def ink_png(rows: Sequence[np.ndarray], theme: str, scale: int = 1) -> bytes:
    """A PNG of rows of images, each uint8 [N, 784] or, in colour, [N, 2352], every pixel `scale` times as wide. Grey
    ones are ink in the text's tone on a ground that lets the page through."""
    drawn = np.concatenate([_strip(row) for row in rows], axis=1)
    if len(drawn) == 1:
        ink = np.full_like(drawn, 0 if theme == "light" else 255)
        picture = Image.fromarray(np.ascontiguousarray(np.stack([ink[0], drawn[0]], axis=2)), "LA")
    else:
        picture = _picture(drawn)
    return _encoded(_enlarged(picture, scale))


def grid_png(rows: Sequence[np.ndarray]) -> bytes:
    """A PNG of rows of images, each uint8 [N, 784] or [N, 2352], every pixel four times as wide, without smoothing."""
    strips = [np.broadcast_to(strip, (3, *strip.shape[1:])) for strip in map(_strip, rows)]
    widest = max(strip.shape[2] for strip in strips)
    drawn = np.concatenate([np.pad(strip, ((0, 0), (0, 0), (0, widest - strip.shape[2]))) for strip in strips], axis=1)
    return _encoded(_enlarged(_picture(drawn), SAVED_SCALE))


def _strip(images: np.ndarray) -> np.ndarray:
    """Images beside one another, uint8 [planes, 28, N × 28]."""
    planes = images.reshape(len(images), -1, IMAGE_SIDE, IMAGE_SIDE)
    return planes.transpose(1, 2, 0, 3).reshape(planes.shape[1], IMAGE_SIDE, -1)


def _picture(planes: np.ndarray) -> Image.Image:
    """An image of planes uint8 [3, height, width]."""
    return Image.fromarray(np.ascontiguousarray(planes.transpose(1, 2, 0)), "RGB")


def _enlarged(picture: Image.Image, scale: int) -> Image.Image:
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def _encoded(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()
