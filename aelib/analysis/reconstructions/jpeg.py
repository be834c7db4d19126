"""Images through JPEG, at about as many bytes as a code has."""

from __future__ import annotations

import io

import numpy as np

from aelib.spec.images import IMAGE_SIDE, PIXELS


def jpeg(images: np.ndarray, budget: int) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 [N, 784] through JPEG: (images again, bytes int [N]).

    The quality is the highest whose bytes are at most `budget`, or the lowest, 1, where none is. Bytes are those of
    the entropy-coded scan (ITU-T T.81, B.1.1.5): headers and tables, the same for all images, are not counted.
    """
    done = [_jpeg(pixels.reshape(IMAGE_SIDE, IMAGE_SIDE), budget) for pixels in images]
    found = np.array([pixels for pixels, _ in done], np.uint8).reshape(len(images), PIXELS)
    return found, np.array([size for _, size in done], int)


def _jpeg(pixels: np.ndarray, budget: int) -> tuple[np.ndarray, int]:
    from PIL import Image

    image = Image.fromarray(pixels)

    def encoded(quality: int) -> bytes:
        file = io.BytesIO()
        # Tables fitted to one image could not be shared.
        image.save(file, "JPEG", quality=quality, optimize=False)
        return file.getvalue()

    low, high = 1, 100
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if scan_bytes(encoded(middle)) <= budget else (low, middle - 1)
    file = encoded(low)
    with Image.open(io.BytesIO(file)) as shown:
        return np.asarray(shown), scan_bytes(file)


def scan_bytes(file: bytes) -> int:
    """Length of the entropy-coded data of a JPEG file with one scan: from the end of SOS to EOI."""
    start_of_scan, end_of_image = 0xDA, 2
    at = 2
    while True:
        marker, length = file[at + 1], int.from_bytes(file[at + 2 : at + 4], "big")
        at += 2 + length
        if marker == start_of_scan:
            return len(file) - at - end_of_image
