"""The two data sets that need no download: small scanned digits, and letters drawn with a font.

Both look like MNIST (strokes bright on black, about 20 pixels high, centred by their mass, mean pixel 0.15 and 0.16
where MNIST's is 0.13), so that settings found on them carry over, and both are the same bytes on every call.
"""

from __future__ import annotations

import string

import numpy as np

from aelib.datasets.dataset import Array, Dataset
from aelib.datasets.jitter import CANVAS_SIDE, OVERSAMPLING, random_affine, random_elastic, warp

DIGITS_TITLE = "Digits (built-in)"
DIGITS_SOURCE = "Small scanned digits, E. Alpaydin and C. Kaynak 1998, UCI, as in scikit-learn"
DIGITS_CLASSES = tuple(string.digits)
LETTERS_TITLE = "Letters (built-in)"
LETTERS_SOURCE = "The alphabet drawn in Aileron (dot colon, CC0), distorted as in Simard et al. 2003"
LETTERS_CLASSES = tuple(string.ascii_uppercase)

_STROKE_BOX = 20 * OVERSAMPLING

_DIGITS_TEST = 397
_DIGITS_PER_ORIGINAL = 9
_INK_FLOOR, _INK_SHARE, _INK_EDGE = 0.05, 0.42, 0.2

_LETTERS_TEST_PER_CLASS = 100
_LETTERS_PER_CLASS = (_LETTERS_TEST_PER_CLASS, 500)
_FONT_SIZE = 96
_STROKES = (0.0, 1.5, 3.0, 4.5)
_BOXES = (17, 18.5, 20)


def digits() -> Dataset:
    """1,400 of sklearn's 1,797 digits, nine variants of each, to train on; the other 397, as they are, to test."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    scans = load_digits()
    labels = scans.target.astype(np.int64)
    train, test = train_test_split(np.arange(len(labels)), test_size=_DIGITS_TEST, stratify=labels, random_state=0)
    canvases = _enlarged(scans.images)

    sources = np.repeat(train, _DIGITS_PER_ORIGINAL)
    rng = np.random.default_rng(1797)
    rng.shuffle(sources)
    matrices = random_affine(rng, len(sources), degrees=10, shift=1.2, scale=0.1, shear=0.15)
    fields = random_elastic(rng, len(sources), pixels=0.35)
    return Dataset(
        name="digits",
        title=DIGITS_TITLE,
        source=DIGITS_SOURCE,
        train_images=warp(canvases, sources, matrices, fields),
        train_labels=labels[sources],
        test_images=warp(canvases, test),
        test_labels=labels[test],
        classes=DIGITS_CLASSES,
        notes=(
            f"{len(train):,} scans of 8×8 pixels were enlarged and varied to {len(sources):,} to train on.",
            f"{len(test):,} other scans, enlarged but not varied, are the test images. They are easier "
            "to reconstruct, so the test error is usually below the training error.",
        ),
    )


def _enlarged(scans: Array) -> Array:
    """8×8 scans (0 to 16) [M, 8, 8] as uint8 [M, 56, 56]: a soft threshold turns the blur of enlarging into an edge.

    The threshold follows the brightest neighbour, or else thin strokes, which are faint at 8×8, would break.
    """
    from scipy import ndimage

    surroundings = ndimage.maximum_filter(scans, size=(1, 3, 3))
    ink = _bicubic(scans / 16) - _INK_FLOOR - _INK_SHARE * _bicubic(surroundings / 16)
    grey = np.rint(255 * (ink / _INK_EDGE).clip(0, 1)).astype(np.uint8)
    return np.stack([_centred(image) for image in grey])


def _bicubic(scans: Array) -> Array:
    """Float [M, 8, 8] enlarged to [M, 40, 40]. Resizing is linear, so Pillow's matrix for it serves all scans."""
    from PIL import Image

    side = scans.shape[-1]
    identity = Image.fromarray(np.eye(side, dtype=np.float32))
    matrix = np.asarray(identity.resize((side, _STROKE_BOX), Image.Resampling.BICUBIC))
    enlarged: Array = matrix @ scans @ matrix.T
    return enlarged.clip(0, 1)


def letters() -> Dataset:
    """26 classes, capital and small letters together, drawn in several sizes and weights and distorted."""
    canvases, classes = _glyphs()
    rng = np.random.default_rng(26)
    test = 26 * _LETTERS_TEST_PER_CLASS
    labels = np.concatenate([rng.permuted(np.repeat(np.arange(26), per_class)) for per_class in _LETTERS_PER_CLASS])
    sources = np.empty_like(labels)
    for label in range(26):
        sources[labels == label] = rng.choice(np.flatnonzero(classes == label), np.count_nonzero(labels == label))
    matrices = random_affine(rng, len(labels), degrees=10, shift=1.0, scale=0.12, shear=0.2)
    images = warp(canvases, sources, matrices, random_elastic(rng, len(labels), pixels=0.75))
    return Dataset(
        name="letters",
        title=LETTERS_TITLE,
        source=LETTERS_SOURCE,
        train_images=images[test:],
        train_labels=labels[test:],
        test_images=images[:test],
        test_labels=labels[:test],
        classes=LETTERS_CLASSES,
    )


def _glyphs() -> tuple[Array, Array]:
    """Every letter in every weight and size: canvases uint8 [M, 56, 56] and their classes int64 [M], 0 for A."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=_FONT_SIZE)
    canvases, classes = [], []
    for letter in string.ascii_letters:
        # In this font a small l is a capital I: nobody could tell the classes L and I apart.
        if letter == "l":
            continue
        for stroke in _STROKES:
            drawn = Image.new("L", (3 * _FONT_SIZE, 3 * _FONT_SIZE))
            ImageDraw.Draw(drawn).text((_FONT_SIZE, _FONT_SIZE), letter, 255, font, stroke_width=stroke)
            glyph = drawn.crop(drawn.getbbox())
            for box in _BOXES:
                ratio = box * OVERSAMPLING / max(glyph.size)
                size = (max(1, round(glyph.width * ratio)), max(1, round(glyph.height * ratio)))
                canvases.append(_centred(np.asarray(glyph.resize(size, Image.Resampling.BICUBIC))))
                classes.append(string.ascii_lowercase.index(letter.lower()))
    return np.stack(canvases), np.array(classes)


def _centred(image: Array) -> Array:
    """`image` (uint8, at most 54×54) on a black 56×56 canvas with its centre of mass in the middle, as in MNIST."""
    canvas = np.zeros((CANVAS_SIDE, CANVAS_SIDE), np.uint8)
    height, width = image.shape
    top, left = (
        int(np.clip(round((CANVAS_SIDE - 1) / 2 - np.average(np.arange(side), weights=image.sum(axis))), 1, room - 1))
        for side, axis, room in ((height, 1, CANVAS_SIDE - height), (width, 0, CANVAS_SIDE - width))
    )
    canvas[top : top + height, left : left + width] = image
    return canvas
