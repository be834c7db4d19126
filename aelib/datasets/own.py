"""A user's own images as a data set: an upload, a file or a folder.

What was done to the images is told in `Dataset.notes`. Whatever is wrong ends in one sentence, an `InvalidInput`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from aelib.datasets import places, room, store
from aelib.datasets.bounds import FEWEST_IMAGES, Refused, shown
from aelib.datasets.confined import never, read_files, read_path
from aelib.datasets.dataset import ALL, UNLABELLED, Array, Dataset
from aelib.datasets.decoding import on_bright_ground
from aelib.datasets.orientation import lies_on_its_side
from aelib.datasets.reading import Collected
from aelib.spec.fields import InvalidInput
from aelib.spec.images import IMAGE_SIDE

_TEST_SHARE = 1 / 6


def import_upload(
    files: Sequence[tuple[str, bytes]],
    home: str | os.PathLike[str] | None = None,
    owner: str = "",
    address: str | None = None,
    in_use: Callable[[], Collection[str]] = tuple,
    stopped: Callable[[], bool] = never,
) -> Dataset:
    """A data set of uploaded (name, contents) pairs, stored for `load` as `owner`'s, who is at a network `address`.

    Names may have folders in them, which may be labels. Where the server is full, others may go that are not `in_use`
    (see `room.keep`). Raises `InvalidInput`, `NoRoom`, and `Cancelled` soon after `stopped` says that nobody waits any
    more.
    """
    files = list(files)
    if not files:
        raise InvalidInput("upload", "no file", "a file or a folder with at least 100 images")
    folder = places.home(home)
    title = _upload_title([name for name, _ in files])
    dataset, _ = _dataset("upload", title, f"Uploaded as {title}", lambda: read_files(files, stopped))
    dataset = store.named(dataset, owner)
    room.keep(dataset, folder, owner, address, in_use)
    return dataset


def load_path(path: str | os.PathLike[str]) -> Dataset:
    """A data set of a folder or a file; nothing is stored. `~` is the user's folder. Raises `InvalidInput` and
    `NoRoom`."""
    return _of_path(path)[0]


def inspect_path(path: str | os.PathLike[str]) -> dict[str, object]:
    """What `load_path` would read: title, numbers of train and test images, names of classes, shape of the images as
    they are trained on, lowest and highest value found, notes. Raises `InvalidInput`."""
    dataset, found = _of_path(path)
    return {
        "title": dataset.title,
        "train": len(dataset.train_images),
        "test": len(dataset.test_images),
        "classes": [name for name in dataset.classes if name not in (ALL, UNLABELLED)] if found.labels else [],
        "shape": [IMAGE_SIDE, IMAGE_SIDE, 1],
        "range": [int(value) if value == int(value) else round(value, 6) for value in (found.lowest, found.highest)],
        "notes": list(dataset.notes),
    }


def _of_path(path: str | os.PathLike[str]) -> tuple[Dataset, Collected]:
    text = os.path.expanduser(os.fspath(path))
    try:
        mode = os.stat(text).st_mode
    except (OSError, ValueError):
        mode = 0
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise InvalidInput("path", text, "a file or a folder of images that exists")
    place = Path(os.path.abspath(text))
    title = shown(place.name or str(place))
    kind = "folder" if stat.S_ISDIR(mode) else "file"
    dataset, found = _dataset("path", title, f"The {kind} {title}", lambda: read_path(place))
    return store.named(dataset), found


def _upload_title(names: list[str]) -> str:
    paths = [[part for part in name.replace("\\", "/").split("/") if part] or ["?"] for name in names]
    if len(paths) == 1:
        return shown(paths[0][-1])
    first = paths[0][0]
    return shown(first) if all(len(path) > 1 and path[0] == first for path in paths) else f"{len(names):,} files"


def _dataset(field: str, title: str, source: str, collecting: Callable[[], Collected]) -> tuple[Dataset, Collected]:
    try:
        found = collecting()
        count = len(found.images)
        if count < FEWEST_IMAGES:
            why = [note.rstrip(".") for note in found.notes if "left out" in note]
            why += [_left_out(found.left_out)] if found.left_out else []
            missing = f" ({'; '.join(why)})" if why else ""
            raise Refused(f"at least {FEWEST_IMAGES} images, and {count} can be used{missing}")
    except Refused as reason:
        raise InvalidInput(field, title, str(reason)) from None

    images, notes = found.images, list(found.notes)
    if found.from_arrays and lies_on_its_side(images):
        images = np.ascontiguousarray(images.swapaxes(1, 2))
        notes.append("The images lay on their side, as EMNIST’s files do: rows and columns were swapped.")
    if on_bright_ground(images):
        images = 255 - images
        notes.append("Bright background detected: images were inverted (light on dark).")
    classes, labels = _classes(found.labels, count)
    train, test, how = _split(labels, found.for_test)
    notes.append(how)
    if found.left_out:
        notes.append(f"{_left_out(found.left_out)}.")
    dataset = Dataset(
        "own", title, source, images[train], labels[train], images[test], labels[test], classes, tuple(notes)
    )
    return dataset, replace(found, labels=None if classes == (ALL,) else found.labels)


def _left_out(reasons: list[str], most: int = 3) -> str:
    skipped = "1 item skipped" if len(reasons) == 1 else f"{len(reasons):,} items skipped"
    more = f"; and {len(reasons) - most:,} more" if len(reasons) > most else ""
    return f"{skipped}: {'; '.join(reasons[:most])}{more}"


def _classes(labels: list[str | None] | None, count: int) -> tuple[tuple[str, ...], Array]:
    """The class names, numbers in their own order, and int64 [count]. Images without a label come last, as a class."""
    if labels is None:
        return (ALL,), np.zeros(count, np.int64)
    names = sorted(
        {label for label in labels if label is not None},
        key=lambda name: (not _is_number(name), float(name) if _is_number(name) else 0.0, name),
    )
    if None in labels:
        names.append(UNLABELLED)
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array([numbers[UNLABELLED if label is None else label] for label in labels], np.int64)


def _is_number(name: str) -> bool:
    return name.isascii() and name.removeprefix("-").replace(".", "", 1).isdigit()


def _split(labels: Array, for_test: Array | None) -> tuple[Array, Array, str]:
    """(indices to train on, indices to test on, a sentence)."""
    if for_test is not None and 0 < for_test.sum() < len(labels):
        train, test = np.flatnonzero(~for_test), np.flatnonzero(for_test)
        return train, test, f"Kept the given train/test split: {len(train):,} train, {len(test):,} test."
    from sklearn.model_selection import train_test_split

    test_count = round(len(labels) * _TEST_SHARE)
    per_class = np.bincount(labels)
    stratify = labels if per_class.min() >= 2 and len(per_class) <= test_count else None
    train, test = train_test_split(np.arange(len(labels)), test_size=test_count, stratify=stratify, random_state=0)
    return train, test, f"Split at random (seed 0): {len(train):,} train, {len(test):,} test."
