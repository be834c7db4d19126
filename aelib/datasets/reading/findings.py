"""What readers find in single files, and what is made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aelib.datasets.dataset import Array
from aelib.datasets.decoding import DecodedImage
from aelib.datasets.reading.names import Path

# One label an image; None where it has none.
Labels = list[str | None]


@dataclass(frozen=True)
class NamedArray:
    """An array of numbers or texts and where it was found. `columns_first`: as MATLAB stores it, so that flat images
    run down their columns, and the last axis is often the one that counts images."""

    path: Path
    values: Array
    columns_first: bool = False


@dataclass
class Table:
    """Rows, one an image or one about an image.

    `numbers` [rows, columns] are all columns of numbers but for labels and running numbers, `named_pixels` says that
    their names tell that they are pixels. `decoded` are images that the rows hold as encoded files. `label_source`
    says where the labels stood, `splits` what a column says about each row. `texts` are the columns that may name
    files or classes, by name.
    """

    path: Path
    rows: int
    numbers: Array | None = None
    named_pixels: bool = False
    decoded: list[DecodedImage] | None = None
    labels: Labels | None = None
    label_source: str = ""
    splits: list[str] | None = None
    texts: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Stack:
    """Images of one kind: `values` [N, H, W] or [N, H, W, 3 or 4] of any numbers, or `decoded`, each with a label,
    and of the `splits` train, test, validation or "" (not told)."""

    splits: list[str]
    values: Array | None = None
    decoded: list[DecodedImage] | None = None
    labels: Labels | None = None

    def __len__(self) -> int:
        return len(self.splits)


@dataclass
class Collected:
    """All images of a set: uint8 [N, 28, 28], and what they were made from.

    `labels` are None where no image has one; a single None is that of a test image. `for_test` bool [N] is the given
    split, if there is one. `from_arrays`: all were arrays of one plane, which may have rows and columns exchanged.
    `lowest` and `highest` are the extreme values found.
    """

    images: Array
    lowest: float = 0.0
    highest: float = 0.0
    labels: Labels | None = None
    for_test: Array | None = None
    from_arrays: bool = False
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def as_texts(values: Sequence[object] | Array) -> Labels:
    """Labels from numbers or texts: 3.0 → "3"; None for what is missing."""
    texts: Labels = []
    for value in np.asarray(values).tolist() if isinstance(values, np.ndarray) else values:
        if value is None or (isinstance(value, float) and not np.isfinite(value)):
            texts.append(None)
        elif isinstance(value, bytes):
            texts.append(value.decode("utf-8", "replace").strip() or None)
        else:
            texts.append((f"{value:g}" if isinstance(value, float) else str(value).strip()) or None)
    return texts
