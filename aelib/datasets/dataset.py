"""What a data set is to the rest of the program: 28×28 grey images with class numbers, in two parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

# The class of a set without labels, and that of test images without labels in a set with some.
ALL, UNLABELLED = "all", "unlabelled"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images to train on and images to test on.

    Images are uint8 [N, 28, 28], strokes bright (255) on black (0); labels are int64 [N], indices into `classes`.
    A set without labels has the one class "all". Where only the test images have none, their class, the last, is
    "unlabelled". The arrays are shared by everybody who loads the set and therefore
    read-only: `torch.tensor(images)` copies them, `torch.from_numpy(images)` would warn.
    """

    name: str
    title: str
    source: str
    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def has_classes(self) -> bool:
        """Are there several classes, and do the test images have them, too?"""
        last = len(self.classes) - 1
        only_tests = self.classes[-1] == UNLABELLED and not (self.train_labels == last).any()
        return last > 0 and not (only_tests and bool((self.test_labels == last).any()))

    def __post_init__(self) -> None:
        for array in (self.train_images, self.train_labels, self.test_images, self.test_labels):
            array.setflags(write=False)
