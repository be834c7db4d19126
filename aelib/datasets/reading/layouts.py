"""Arrays of numbers → stacks of images, whatever of the usual layouts they come in."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

import numpy as np

from aelib.datasets.bounds import Unusable
from aelib.datasets.dataset import Array
from aelib.datasets.decoding import check_size

_PLANES = (1, 3, 4)
# Flat rows shorter than this are tables: 16 numbers would be an image of 4×4.
_SMALLEST_FLAT_SIDE = 8
_LOOKED_AT = 200
# Neighbouring pixels differ less than any two of an image, and down about as much as across. Measured, as a share of
# what any two differ by: 0.2 to 0.4 both ways for MNIST and its relatives, 0.45 and 0.77 for digits of 8×8; tables of
# as many numbers 0.84 to 1.1. In series of numbers neighbours are alike one way: 3 to 27 times as much.
_ALIKE, _UNEVEN = 0.82, 2.3


class NoImages(Unusable):
    """Numbers that are no images."""


def as_stack(
    values: Array, counts: Collection[int] = (), *, columns_first: bool = False, pixels: bool = False
) -> Array:
    """`values` as [N, H, W] or [N, H, W, 3 or 4]. `counts` are the lengths of labels that are there, which tell the
    axis that counts images; `pixels`: flat rows are known to be pixels. Raises `NoImages` or `Unusable`."""
    if values.ndim == 2:
        stack = _from_flat(values, counts, columns_first, pixels)
    elif values.ndim == 3:
        images_last = _images_last(values.shape, counts, columns_first)
        stack = np.moveaxis(values, 2, 0) if images_last else values
    elif values.ndim == 4:
        stack = _four(values, counts, columns_first)
    else:
        raise NoImages(f"has {values.ndim} dimensions, and images have 2 to 4")
    if stack.ndim == 4 and stack.shape[3] == 1:
        stack = stack[..., 0]
    if 0 in stack.shape:
        raise Unusable("is empty")
    check_size(stack.shape[2], stack.shape[1])
    return stack


def _images_last(shape: tuple[int, ...], counts: Collection[int], columns_first: bool) -> bool:
    if shape[0] in counts or shape[-1] in counts:
        return shape[0] not in counts
    return shape[0] == shape[1] != shape[-1] and (columns_first or (shape[0] != shape[2] and shape[-1] >= 100))


def _four(values: Array, counts: Collection[int], columns_first: bool) -> Array:
    layouts = []
    if values.shape[3] in _PLANES:
        layouts.append((values.shape[0], values))
    if values.shape[1] in _PLANES:
        layouts.append((values.shape[0], np.moveaxis(values, 1, 3)))
    if values.shape[2] in _PLANES:
        layouts.append((values.shape[3], np.moveaxis(values, 3, 0)))
    if not layouts:
        raise Unusable(f"has the shape {values.shape}, and images have 1, 3 or 4 channels")
    if columns_first:
        layouts.reverse()
    return next((stack for count, stack in layouts if count in counts), layouts[0][1])


def _from_flat(values: Array, counts: Collection[int], columns_first: bool, pixels: bool) -> Array:
    count, length = values.shape
    flipped = is_flat_length(count) and (
        (length in counts and count not in counts) or (columns_first and not is_flat_length(length))
    )
    if flipped:
        values, (count, length) = values.T, (length, count)
    if not count:
        raise Unusable("is empty")
    table = f"holds {length:,} columns of numbers, not images, and the app does not train on tables yet"
    if not is_flat_length(length):
        raise NoImages(table)
    layouts = list(_square_layouts(values))
    differences = [_differences(stack) for stack in layouts]
    best = min(range(len(layouts)), key=lambda layout: sum(differences[layout]))
    if not pixels and not _like_images(*differences[best], as_bytes=_are_bytes(values)):
        raise NoImages(table)
    return layouts[best]


def is_flat_length(length: int) -> bool:
    """Can so many numbers be the pixels of a square image, grey or in three colours?"""
    sides = (math.isqrt(length), math.isqrt(length // 3))
    return any(
        planes * side * side == length and side >= _SMALLEST_FLAT_SIDE
        for planes, side in zip((1, 3), sides, strict=True)
    )


def _square_layouts(values: Array) -> Iterator[Array]:
    """Row by row; of three colours also plane by plane, as CIFAR's."""
    count, length = values.shape
    side = math.isqrt(length)
    if side * side == length:
        yield values.reshape(count, side, side)
        return
    side = math.isqrt(length // 3)
    yield values.reshape(count, side, side, 3)
    yield np.moveaxis(values.reshape(count, 3, side, side), 1, 3)


def _differences(stack: Array) -> tuple[float, float]:
    """How much neighbours down and across differ in the mean, as a share of what any two pixels do."""
    some = stack[:: max(1, len(stack) // _LOOKED_AT)][:_LOOKED_AT].astype(np.float64)
    with np.errstate(all="ignore"):
        anywhere = np.random.default_rng(0).permutation(some.reshape(len(some), -1), axis=1)
        by_chance = float(np.abs(np.diff(anywhere, axis=1)).mean())
        down, across = (float(np.abs(np.diff(some, axis=axis)).mean()) for axis in (1, 2))
    # What is not finite is refused elsewhere.
    return (down / by_chance, across / by_chance) if by_chance and math.isfinite(by_chance) else (0.0, 0.0)


def _like_images(down: float, across: float, *, as_bytes: bool) -> bool:
    return max(down, across) <= _ALIKE and (as_bytes or max(down, across) <= _UNEVEN * min(down, across))


def _are_bytes(values: Array) -> bool:
    """Whole numbers from 0 to 255, as pixels have them, and series hardly."""
    low, high = values.min(), values.max()
    return bool(low >= 0 and 128 <= high <= 255 and (values[:_LOOKED_AT] % 1 == 0).all())
