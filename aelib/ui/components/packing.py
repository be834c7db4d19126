"""What components are sent: one block of bytes, because a component takes bytes only as a whole.

Layout: uint32 length of the header, the header as JSON, then the arrays that it names, each as
[offset, dtype, shape] counted from the end of the header and aligned to 4 bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from aelib.spec.images import IMAGE_SIDE, PIXELS


@dataclass
class Packer:
    """Collects arrays and packs them behind a header."""

    _blocks: list[bytes] = field(default_factory=list)
    _length: int = 0

    def add(self, array: np.ndarray) -> list[Any]:
        """Takes an array in; its place is what the header has to say."""
        block = np.ascontiguousarray(array).tobytes()
        place = [self._length, array.dtype.name, list(array.shape)]
        padding = -len(block) % 4
        self._blocks.append(block + bytes(padding))
        self._length += len(block) + padding
        return place

    def add_images(self, images: np.ndarray) -> list[Any]:
        """Takes images in, uint8 or bool [N, planes × 784]; their place has the shape [N, planes, side, side]."""
        planes = images.shape[1] // PIXELS
        return self.add(images.astype(np.uint8, copy=False).reshape(len(images), planes, IMAGE_SIDE, IMAGE_SIDE))

    def pack(self, header: dict[str, Any]) -> bytes:
        text = json.dumps(header, allow_nan=False).encode()
        text += b" " * (-len(text) % 4)
        return len(text).to_bytes(4, "little") + text + b"".join(self._blocks)


def signed_bytes(values: np.ndarray) -> np.ndarray:
    """Numbers in [-1, 1] as uint8: 128 is 0, 1 and 255 are the ends; what is beyond is cut off."""
    clipped = np.nan_to_num(values.astype(np.float32)).clip(-1, 1)
    return np.asarray(128 + np.rint(127 * clipped)).astype(np.uint8)
