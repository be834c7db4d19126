"""Some classes of a data set as a data set of its own, and what of the others is to be among its training images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

import numpy as np

from aelib.datasets.bounds import counted, listed, shown
from aelib.datasets.dataset import Array, Dataset
from aelib.spec.fields import InvalidInput
from aelib.spec.images import evenly_spaced


@dataclass(frozen=True)
class Part:
    """The data set `whole`, or only some of its `classes`; `contamination`: how many percent of the training images
    are of the other classes. Written as `aelib.spec.config.DatasetName` says."""

    whole: str
    classes: tuple[str, ...] = ()
    contamination: int = 0

    @classmethod
    def of(cls, name: str) -> Part:
        """The part that a name means, as far as it can be read."""
        whole, *rest = name.split(":")
        classes = tuple(unquote(one) for one in rest[0].split(",")) if rest and rest[0] else ()
        percent = rest[1] if len(rest) > 1 else ""
        return cls(whole, classes, int(percent) if percent.isascii() and percent.isdigit() else 0)

    @property
    def name(self) -> str:
        """The inverse of `of`."""
        if not self.classes:
            return self.whole
        name = f"{self.whole}:{','.join(quote(one, safe='') for one in self.classes)}"
        return f"{name}:{self.contamination}" if self.contaminated else name

    @property
    def contaminated(self) -> bool:
        return self.contamination > 0

    def title(self, whole: str, known: Sequence[str]) -> str:
        """For people: "MNIST without 9", given the title of the whole and its classes (none where they are not
        known)."""
        others = [one for one in known if one not in self.classes]
        if known and len(others) < len(self.classes):
            said = f"{whole} without {listed(others)}" if others else whole
        else:
            said = f"{whole}: {listed(list(self.classes))}"
        return f"{said} ({self.contamination} % contaminated)" if self.contaminated else said


def cut(dataset: Dataset, part: Part, title: str) -> Dataset:
    """The classes of `part` alone, with `title`: numbered in the order in which the whole data set has them; after them
    come the others, where the training images are contaminated. The test images never are.

    The contamination is spread evenly over the images of the other classes. Raises `InvalidInput` where classes do not
    exist, or where there is no training image or no test image of them.
    """
    numbers = sorted({_number(dataset, part, name) for name in part.classes})
    train, test = (np.flatnonzero(np.isin(labels, numbers)) for labels in (dataset.train_labels, dataset.test_labels))
    if not len(train) or not len(test):
        missing = "test" if len(train) else "training"
        raise InvalidInput("dataset", part.name, f"classes of which there are {missing} images")
    others = np.setdiff1d(np.arange(len(dataset.classes)), numbers)
    foreign = _contamination(dataset, part, others, len(train))
    train = np.concatenate([train, foreign])
    order = [*numbers, *(others if part.contaminated else ())]
    renumbered = np.zeros(len(dataset.classes), np.int64)
    renumbered[order] = np.arange(len(order))
    notes = [f"{counted(len(train), 'training image')} and {counted(len(test), 'test image')} are of these classes."]
    if part.contaminated:
        notes = [
            f"{counted(len(foreign), 'training image')} of {len(train):,} are of the other classes; no test image is."
        ]
    return replace(
        dataset,
        name=part.name,
        title=title,
        train_images=dataset.train_images[train],
        train_labels=renumbered[dataset.train_labels[train]],
        test_images=dataset.test_images[test],
        test_labels=renumbered[dataset.test_labels[test]],
        classes=tuple(dataset.classes[number] for number in order),
        notes=(*dataset.notes, *notes),
    )


def _number(dataset: Dataset, part: Part, name: str) -> int:
    """The number of the class called `name`; capital and small letters are the same where no two classes differ in
    nothing else."""
    same = [number for number, known in enumerate(dataset.classes) if known == name]
    like = [number for number, known in enumerate(dataset.classes) if known.casefold() == name.casefold()]
    if len(found := same or like) != 1:
        known = listed(list(dataset.classes), most=30)
        raise InvalidInput("dataset", part.name, f"classes of {shown(dataset.title)}: {known}")
    return found[0]


def _contamination(dataset: Dataset, part: Part, others: Array, normal: int) -> Array:
    """Indices of the training images of other classes that are added to `normal` ones. Raises `InvalidInput` where
    there are too few."""
    foreign = np.flatnonzero(np.isin(dataset.train_labels, others))
    share = part.contamination / 100
    wanted = round(normal * share / (1 - share))
    if wanted > len(foreign):
        raise InvalidInput("dataset", part.name, f"less contamination: the other classes have {len(foreign):,} images")
    chosen: np.ndarray = foreign[evenly_spaced(len(foreign), wanted)]
    return chosen
