"""Where an exported script or notebook gets its images from."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from aelib.datasets import Dataset, Part
from aelib.datasets.rawfiles import COLLECTIONS

LICENCES = {
    "mnist": "CC BY-SA 3.0",
    "kmnist": "CC BY-SA 4.0",
    "fashionmnist": "MIT",
    "digits": "CC BY 4.0",
    "letters": "none needed: they are drawn with a font that is in the public domain (CC0)",
}
TRAIN_COUNT = 60_000
DATA_FILE = "data.npz"


@dataclass(frozen=True)
class Origin:
    """`collection`: the name of torchvision's class, with `numbers`, only those of its classes; or "", where the images
    come with the export, in `data.npz`. `train_count`: how many training images there are; `class_count`: how many
    classes."""

    title: str
    collection: str
    numbers: tuple[int, ...]
    train_count: int
    class_count: int


def origin(name: str, title: str, dataset: Dataset | None = None) -> Origin:
    """Where the images of the data set `name` come from. `dataset` may be left out for a whole one of torchvision's."""
    part = Part.of(name)
    known = COLLECTIONS.get(part.whole)
    count = TRAIN_COUNT if dataset is None else len(dataset.train_images)
    if known is None or part.contaminated or (part.classes and dataset is None):
        return Origin(title, "", (), count, 10 if dataset is None else len(dataset.classes))
    classes = [name.casefold() for name in known.classes]
    # The data set has only classes that there are.
    names = dataset.classes if part.classes and dataset is not None else ()
    numbers = tuple(classes.index(one.casefold()) for one in names)
    return Origin(title, known.folder, numbers, count, len(numbers or classes))


def data_file(dataset: Dataset) -> bytes:
    """The images [N, 28, 28] uint8 and labels [N] of both splits, as the script reads them."""
    stream = io.BytesIO()
    np.savez_compressed(
        stream,
        train_images=dataset.train_images,
        train_labels=dataset.train_labels,
        test_images=dataset.test_images,
        test_labels=dataset.test_labels,
        classes=np.array(dataset.classes),
    )
    return stream.getvalue()
