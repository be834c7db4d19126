"""Stacks of images of any size, range and kind → 28×28 greyscale images of one range, with usable labels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from aelib.datasets.bounds import FEWEST_IMAGES, MOST_IMAGES, MOST_PIXELS, Refused, counted
from aelib.datasets.brightness import Scale, scale_of
from aelib.datasets.dataset import Array
from aelib.datasets.decoding import DecodedImage, grey, squared
from aelib.datasets.reading.containers import Said
from aelib.datasets.reading.findings import Collected, Labels, Stack
from aelib.datasets.reading.labels import usable_labels
from aelib.datasets.reading.names import TEST, VALIDATION
from aelib.spec.images import IMAGE_SIDE

_PIXELS_AT_ONCE = 10_000_000
# Of the images of a part so many must have labels for the others to be left out.
_MOST = 0.5


def arranged(stacks: list[Stack], said: Said) -> Collected:
    """All images of `stacks`, resized, in greyscale, on one scale. Raises `Refused` for too many."""
    count = sum(map(len, stacks))
    if count > MOST_IMAGES:
        raise Refused(f"at most {MOST_IMAGES:,} images, and there are {count:,}")
    arrays = [stack.values for stack in stacks if stack.values is not None]
    if sum(values.shape[0] * values.shape[1] * values.shape[2] for values in arrays) > MOST_PIXELS:
        raise Refused(f"images of at most {MOST_PIXELS // 10**6:,} megapixels in all")
    decoded = [image for stack in stacks for image in stack.decoded or ()]
    lowest, highest, scale = _range(arrays, decoded)
    parts = [_images(stack, scale) for stack in stacks]
    notes = [_sizes(count, [*_sizes_of(arrays), *((*image.size, 1) for image in decoded)])]
    if any(values.ndim == 4 for values in arrays) or any(image.coloured for image in decoded):
        notes.append("Converted to greyscale.")
    if scale.note:
        notes.append(scale.note)
    labels: Labels = [label for stack in stacks for label in stack.labels or [None] * len(stack)]
    found = Collected(
        np.concatenate(parts),
        lowest,
        highest,
        labels,
        from_arrays=all(values is not None and values.ndim == 3 for values in (stack.values for stack in stacks)),
        notes=[*notes, *said.notes],
        left_out=said.left_out,
    )
    _settle_labels_and_split(found, [split for stack in stacks for split in stack.splits])
    return found


def _range(arrays: list[Array], decoded: list[DecodedImage]) -> tuple[float, float, Scale]:
    """(lowest, highest value found, the scale for what is not in bytes already)."""
    extremes = [(float(values.min()), float(values.max())) for values in arrays]
    wide = [(image.low, image.high) for image in decoded if image.wide]
    narrow = [(image.low, image.high) for image in decoded if not image.wide]
    every = [*extremes, *wide, *narrow]
    lowest, highest = min(low for low, _ in every), max(high for _, high in every)
    if narrow and highest <= 1:
        # Masks of zeros and ones.
        return lowest, highest, scale_of(lowest, highest)
    scaled = [*extremes, *wide]
    scale = scale_of(min(low for low, _ in scaled), max(high for _, high in scaled)) if scaled else Scale(0.0, 255.0)
    return lowest, highest, scale


def _images(stack: Stack, scale: Scale) -> Array:
    """uint8 [N, 28, 28], a bounded number of pixels at a time."""
    from PIL import Image

    if stack.decoded is not None:
        bytes_too = all(not image.wide and image.high <= 1 for image in stack.decoded) and scale.span == 1
        return np.stack([scale(image.values) if image.wide or bytes_too else image.values for image in stack.decoded])
    assert stack.values is not None
    result = np.empty((len(stack), IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    step = max(1, _PIXELS_AT_ONCE // stack.values[0].size)
    for start in range(0, len(stack), step):
        part = slice(start, start + step)
        values = scale(stack.values[part])
        if values.shape[1:] == (IMAGE_SIDE, IMAGE_SIDE):
            result[part] = values
        else:
            result[part] = [squared(grey(Image.fromarray(np.ascontiguousarray(value)))) for value in values]
    return result


def _sizes_of(arrays: list[Array]) -> Iterable[tuple[int, int, int]]:
    return ((values.shape[2], values.shape[1], len(values)) for values in arrays)


def _sizes(count: int, sizes: list[tuple[int, int, int]]) -> str:
    """The sentence that says what sizes (width, height, …) there were and what became of them."""
    ordered = sorted({(width, height) for width, height, _ in sizes}, key=lambda size: (size[0] * size[1], size))
    first, last = (f"{width}×{height}" for width, height in (ordered[0], ordered[-1]))
    if first == last == f"{IMAGE_SIDE}×{IMAGE_SIDE}":
        return f"{counted(count, 'image')} of 28×28 pixels."
    span = f"of {first} pixels" if first == last else f"of {first} to {last} pixels"
    padded = "" if all(width == height for width, height in ordered) else "padded to squares and "
    return f"{counted(count, 'image')} {span} {'was' if count == 1 else 'were'} {padded}resized to 28×28."


def _settle_labels_and_split(found: Collected, splits: list[str]) -> None:
    count = len(splits)
    validation = np.array([split == VALIDATION for split in splits])
    for_test = np.array([split == TEST for split in splits])
    if validation.any():
        if for_test.any():
            found.notes.append(f"{counted(int(validation.sum()), 'validation image')} joined the training images.")
        elif not validation.all():
            for_test = validation
            found.notes.append(f"{counted(int(validation.sum()), 'validation image')} became the test images.")
    given = bool(0 < for_test.sum() < count)
    labels = usable_labels(found.labels or [], found.notes)
    keep = np.ones(count, bool)
    if labels is not None:
        has_label = np.array([label is not None for label in labels])
        train, test = np.flatnonzero(~for_test | ~np.full(count, given)), np.flatnonzero(for_test & given)
        if has_label[train].mean() < _MOST:
            some, all_of_them = int(has_label[train].sum()), counted(len(train), "training image")
            found.notes.append(f"Labels dropped: only {some:,} of {all_of_them} have one.")
            labels = None
        else:
            keep[train] = has_label[train]
            if len(test) and has_label[test].mean() < _MOST:
                found.notes.append(f"The {counted(len(test), 'test image')} have no labels.")
                for index in test:
                    labels[index] = None
            elif len(test):
                keep[test] = has_label[test]
    unlabelled = int((~keep).sum())
    if unlabelled and keep.sum() < FEWEST_IMAGES:
        # Labels are never worth a whole set.
        found.notes.append(
            f"Labels dropped: {unlabelled:,} of {counted(count, 'image')} have none, and at least {FEWEST_IMAGES} "
            "images are needed."
        )
        labels, keep = None, np.ones(count, bool)
    elif unlabelled:
        found.notes.append(f"{counted(unlabelled, 'image')} without a label left out.")
    which = np.flatnonzero(keep)
    found.images = found.images[which] if not keep.all() else found.images
    found.labels = None if labels is None else [labels[index] for index in which]
    found.for_test = for_test[which] if given else None
