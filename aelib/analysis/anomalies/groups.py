"""Which images are normal and which are anomalous. Plain NumPy: the web server and the command line do this."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from aelib.datasets import Dataset
from aelib.datasets.dataset import ALL
from aelib.spec.images import PIXELS

# At most so many test images of each group are measured, spread evenly over all of them.
TESTED = 1_000


@dataclass(frozen=True, eq=False)
class Group:
    """`title`: what the images are. `images`: uint8 [N, 784]. `names`: [N], what each is, or "" where it has no
    class."""

    title: str
    images: np.ndarray
    names: Sequence[str]


def group_of(dataset: Dataset, classes: Collection[str] | None = None, title: str = "") -> Group:
    """Test images of a data set, or of some of its classes: the same as of the part of it that has these classes alone.
    There may be none."""
    names = np.array(dataset.classes)
    of_classes = np.isin(names[dataset.test_labels], list(dataset.classes if classes is None else classes))
    which = np.flatnonzero(of_classes)
    which = which[np.linspace(0, len(which) - 1, min(TESTED, len(which))).astype(np.int64)]
    said = names[dataset.test_labels[which]].tolist() if dataset.classes != (ALL,) else [""] * len(which)
    return Group(title or dataset.title, dataset.test_images[which].reshape(-1, PIXELS), said)


def one(image: np.ndarray) -> Group:
    """A single image, uint8 [28, 28]."""
    return Group("Your image", image.reshape(1, PIXELS), ["your image"])


@dataclass(frozen=True)
class Distortion:
    """A way to make an anomalous image, uint8 [N, 784], of each normal one."""

    title: str
    about: str
    apply: Callable[[np.ndarray, np.random.Generator], np.ndarray]


DISTORTIONS = {
    "shuffled": Distortion(
        "Shuffled pixels",
        "the pixels of each normal image in random order",
        lambda images, chance: chance.permuted(images, axis=1),
    ),
    "inverted": Distortion("Inverted", "the normal images with light and dark swapped", lambda images, _: 255 - images),
    "noise": Distortion(
        "Noise",
        "every pixel drawn from the uniform distribution",
        lambda images, chance: chance.integers(0, 256, images.shape, np.uint8),
    ),
}


def distorted(normal: Group, name: str) -> Group:
    """The normal images after the distortion `name`; the same every time."""
    distortion = DISTORTIONS[name]
    return Group(distortion.title, distortion.apply(normal.images, np.random.default_rng(0)), normal.names)
