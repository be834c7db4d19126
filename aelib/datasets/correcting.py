"""Taking back what was guessed of a user's own images: which way up they are, and whether strokes are bright."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from aelib.datasets import room, store
from aelib.datasets.dataset import Array, Dataset

TRANSPOSED = "Transposed by hand: rows and columns were swapped."
INVERTED = "Inverted by hand: light and dark were swapped."


def transposed(dataset: Dataset) -> Dataset:
    """The data set with rows and columns of all images swapped."""
    return _changed(dataset, lambda images: np.ascontiguousarray(images.swapaxes(1, 2)), TRANSPOSED)


def inverted(dataset: Dataset) -> Dataset:
    """The data set with light and dark of all images swapped."""
    return _changed(dataset, lambda images: 255 - images, INVERTED)


def _changed(dataset: Dataset, change: Callable[[Array], Array], note: str) -> Dataset:
    # Done twice, it is as if it had never been done.
    notes = tuple(old for old in dataset.notes if old != note) if note in dataset.notes else (*dataset.notes, note)
    train, test = change(dataset.train_images), change(dataset.test_images)
    return replace(dataset, train_images=train, test_images=test, notes=notes)


def correct(
    name: str,
    change: Callable[[Dataset], Dataset],
    home: Path,
    owner: str,
    address: str | None,
    in_use: Callable[[], Collection[str]],
) -> str:
    """The name of the data set that takes the place of `owner`'s data set `name`, which stays where runs use it.

    Raises `InvalidInput` and `NoRoom`.
    """
    title = store.card_of_owner(name, owner, home).title
    corrected = store.named(change(store.read(store.file_of(name, home))), owner)
    if name not in in_use():
        store.remove(name, home)
    room.keep(replace(corrected, title=title), home, owner, address, in_use)
    return corrected.name
