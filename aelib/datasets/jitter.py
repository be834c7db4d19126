"""Many images out of few: random affine and elastic distortions, all images in one resampling."""

from __future__ import annotations

import numpy as np

from aelib.datasets.dataset import Array
from aelib.spec.images import IMAGE_SIDE

OVERSAMPLING = 2
CANVAS_SIDE = OVERSAMPLING * IMAGE_SIDE

_BLOCK = 512
_IDENTITY = np.eye(2, 3, dtype=np.float32)
_ELASTIC_SIGMA = 4.0
_ELASTIC_GRID = 4


def warp(canvases: Array, sources: Array, matrices: Array | None = None, fields: Array | None = None) -> Array:
    """Distorted 28×28 images of 56×56 canvases.

    `canvases` is uint8 [M, 56, 56] with a black rim; `sources` int [N] says which canvas each image shows;
    `matrices` float [N, 2, 3] map a image's (y, x, 1), in pixels from its centre, to the canvas;
    `fields` float [N, 2, 28, 28] are displacements in pixels of the image. Returns uint8 [N, 28, 28].
    Without matrices and fields a pixel is the mean of 2×2 canvas pixels.
    """
    from scipy import ndimage

    axis = np.arange(IMAGE_SIDE, dtype=np.float32) - (IMAGE_SIDE - 1) / 2
    ones = np.ones((IMAGE_SIDE, IMAGE_SIDE), np.float32)
    grid = np.stack([*np.meshgrid(axis, axis, indexing="ij"), ones]).reshape(3, -1).astype(np.float32)
    strip = canvases.reshape(-1, CANVAS_SIDE)
    decoded = np.empty((len(sources), IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    # In blocks, because touching fresh memory for all of it at once costs more than the arithmetic.
    for start in range(0, len(sources), _BLOCK):
        block = slice(start, start + _BLOCK)
        tops = CANVAS_SIDE * sources[block, None, None]
        points = np.broadcast_to(_IDENTITY if matrices is None else matrices[block], (len(tops), 2, 3)) @ grid
        points = points.reshape(-1, 2, IMAGE_SIDE, IMAGE_SIDE)
        if fields is not None:
            points += fields[block]
        points *= OVERSAMPLING
        points += (CANVAS_SIDE - 1) / 2
        # The next canvas of the strip stays out of the image, because each has a black rim.
        np.clip(points, 0, CANVAS_SIDE - 1, out=points)
        points[:, 0] += tops
        grey = ndimage.map_coordinates(strip, points.swapaxes(0, 1), output=np.float32, order=1, prefilter=False)
        decoded[block] = np.rint(grey)
    return decoded


def random_affine(
    rng: np.random.Generator, count: int, *, degrees: float, shift: float, scale: float, shear: float
) -> Array:
    """Rotation by up to ±degrees, shift by up to ±shift pixels, both sides scaled by 1 ± scale, sheared by ±shear.

    Returns float32 [count, 2, 3]: matrices for `warp`.
    """
    angle = np.deg2rad(rng.uniform(-degrees, degrees, count))
    size_y, size_x = rng.uniform(1 - scale, 1 + scale, (2, count))
    slant = rng.uniform(-shear, shear, count)
    cos, sin = np.cos(angle), np.sin(angle)
    matrices = np.empty((count, 2, 3), np.float32)
    matrices[:, 0, 0] = cos / size_y
    matrices[:, 0, 1] = -sin / size_x
    matrices[:, 1, 0] = (sin + slant * cos) / size_y
    matrices[:, 1, 1] = (cos - slant * sin) / size_x
    matrices[:, :, 2] = rng.uniform(-shift, shift, (count, 2))
    return matrices


def random_elastic(rng: np.random.Generator, count: int, *, pixels: float) -> Array:
    """Smooth random displacement fields whose standard deviation is about `pixels`.

    Noise blurred by a Gaussian, as in Simard, Steinkraus and Platt, "Best Practices for Convolutional Neural
    Networks Applied to Visual Document Analysis" (2003), sigma 4; the noise sits on every fourth pixel only, which
    such a blur does not show. Returns float32 [count, 2, 28, 28].
    """
    from scipy import ndimage

    impulses = np.eye(IMAGE_SIDE, dtype=np.float32)[:, _ELASTIC_GRID // 2 :: _ELASTIC_GRID]
    blur = ndimage.gaussian_filter1d(impulses, _ELASTIC_SIGMA, axis=0, mode="nearest")
    noise = rng.standard_normal((count, 2, blur.shape[1], blur.shape[1]), dtype=np.float32)
    spread = np.square(blur).sum(axis=1).mean()
    fields: Array = (pixels / spread * blur) @ noise @ blur.T
    return fields
