"""A user's own images as a data set: an upload, an npz or zip file, or a folder.

What was done to the images is told in `Dataset.notes`. Whatever is wrong ends in one sentence, an `InvalidInput`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from aelib.config import InvalidInput
from aelib.datasets import places, store
from aelib.datasets.archives import (
    MOST_BYTES,
    MOST_FILES,
    Refused,
    file_bytes,
    in_folder,
    in_upload,
    in_zip,
    is_zip,
    opened_zip,
)
from aelib.datasets.arrays import collect_npz
from aelib.datasets.collect import Collected, collect, shown
from aelib.datasets.dataset import Array, Dataset
from aelib.datasets.pictures import Unusable, on_bright_ground

FEWEST_IMAGES = 100
UNLABELLED = "all"
_TEST_SHARE = 1 / 6


def import_upload(files: Sequence[tuple[str, bytes]], home: str | os.PathLike[str] | None = None) -> Dataset:
    """A data set of uploaded (name, contents) pairs: one npz, one zip, or many images; stored for `load`.

    Names of images may have folders in them, which are their labels. Raises `InvalidInput`.
    """
    files = list(files)
    if not files:
        raise InvalidInput("upload", "no file", "an npz file, a zip archive or at least 100 images")
    folder = places.home(home)
    title = shown(Path(files[0][0].replace("\\", "/")).name) if len(files) == 1 else f"{len(files):,} files"
    dataset = _dataset("upload", title, f"Uploaded as {title}", lambda: _collect_upload(files))
    store.write(dataset, folder)
    return dataset


def load_path(path: str | os.PathLike[str]) -> Dataset:
    """A data set of a folder of images, an npz file or a zip archive; nothing is stored. Raises `InvalidInput`."""
    text = os.fspath(path)
    allowed = "a folder of images, an npz file or a zip archive that exists"
    try:
        mode = os.stat(text).st_mode
    except (OSError, ValueError):
        raise InvalidInput("path", text, allowed) from None
    place = Path(os.path.abspath(text))
    title = shown(place.name)
    if stat.S_ISDIR(mode):
        return _dataset("path", title, f"The folder {title}", lambda: collect(in_folder(place)))
    if not stat.S_ISREG(mode):
        raise InvalidInput("path", text, allowed)
    return _dataset("path", title, f"The file {title}", lambda: _collect_file(place))


def _collect_file(place: Path) -> Collected:
    try:
        # A link named by the user is meant; links are left out only below a folder.
        data = file_bytes(place.resolve())
    except Unusable as reason:
        raise Refused(f"a readable file, and this one {reason}") from None
    return _collect_archive(data) if is_zip(data) else collect(in_upload([(place.name, data)]))


def _collect_upload(files: list[tuple[str, bytes]]) -> Collected:
    if len(files) > MOST_FILES:
        raise Refused(f"at most {MOST_FILES:,} files")
    if sum(len(data) for _, data in files) > MOST_BYTES:
        raise Refused(f"files of at most {MOST_BYTES // 10**6} MB in all")
    if len(files) == 1 and is_zip(files[0][1]):
        return _collect_archive(files[0][1])
    return collect(in_upload(files))


def _collect_archive(data: bytes) -> Collected:
    with opened_zip(data) as archive:
        names = [info.filename for info in archive.infolist()]
        if names and all(name.endswith(".npy") for name in names):
            return collect_npz(data)
        return collect(in_zip(archive))


def _dataset(field: str, title: str, source: str, collecting: Callable[[], Collected]) -> Dataset:
    try:
        found = collecting()
        count = len(found.images)
        if count < FEWEST_IMAGES:
            missing = f" ({_left_out(found.left_out)})" if found.left_out else ""
            raise Refused(f"at least {FEWEST_IMAGES} images, and {count} can be used{missing}")
    except Refused as reason:
        raise InvalidInput(field, title, str(reason)) from None

    images, notes = found.images, list(found.notes)
    if on_bright_ground(images):
        images = 255 - images
        notes.append("The background was bright: light and dark were exchanged, so that strokes are bright on black.")
    classes, labels = _classes(found.labels, count)
    train, test, how = _split(labels, found.for_test)
    notes.append(how)
    if found.left_out:
        notes.append(f"{_left_out(found.left_out)}.")
    return store.named(
        Dataset("own", title, source, images[train], labels[train], images[test], labels[test], classes, tuple(notes))
    )


def _left_out(reasons: list[str], most: int = 3) -> str:
    files = "1 file was" if len(reasons) == 1 else f"{len(reasons):,} files were"
    more = f"; and {len(reasons) - most:,} more" if len(reasons) > most else ""
    return f"{files} left out: {'; '.join(reasons[:most])}{more}"


def _classes(labels: list[str] | None, count: int) -> tuple[tuple[str, ...], Array]:
    """The class names, numbers in their own order, and int64 [count]."""
    if labels is None:
        return (UNLABELLED,), np.zeros(count, np.int64)
    names = sorted(set(labels), key=lambda name: (not _is_number(name), float(name) if _is_number(name) else 0.0, name))
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array([numbers[label] for label in labels], np.int64)


def _is_number(name: str) -> bool:
    return name.isascii() and name.removeprefix("-").replace(".", "", 1).isdigit()


def _split(labels: Array, for_test: Array | None) -> tuple[Array, Array, str]:
    """(indices to train on, indices to test on, a sentence)."""
    if for_test is not None and 0 < for_test.sum() < len(labels):
        train, test = np.flatnonzero(~for_test), np.flatnonzero(for_test)
        return train, test, f"The given split was kept: {len(train):,} train, {len(test):,} test."
    from sklearn.model_selection import train_test_split

    test_count = round(len(labels) * _TEST_SHARE)
    per_class = np.bincount(labels)
    stratify = labels if per_class.min() >= 2 and len(per_class) <= test_count else None
    train, test = train_test_split(np.arange(len(labels)), test_size=test_count, stratify=stratify, random_state=0)
    return train, test, f"Split at random (seed 0): {len(train):,} train, {len(test):,} test."
