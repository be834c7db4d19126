"""Uploaded data sets on disk: one npz each, `home/datasets/own-<16 hex digits of the contents' SHA-256>.npz`."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from aelib.config import IMAGE_SIDE, InvalidInput
from aelib.datasets.dataset import Dataset
from aelib.datasets.rawfiles import replacing
from aelib.settings import MAX_UPLOADS

_ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
_TEXTS = ("title", "source", "classes", "notes")


def is_name(name: str) -> bool:
    return re.fullmatch(r"own-[0-9a-f]{16}", name) is not None


def file_of(name: str, home: Path) -> Path:
    return home / "datasets" / f"{name}.npz"


def named(dataset: Dataset) -> Dataset:
    """`dataset` under the name that its images, labels and classes give it."""
    digest = hashlib.sha256(json.dumps(dataset.classes).encode())
    for field in _ARRAYS:
        array = getattr(dataset, field)
        digest.update(f"{field}{array.shape}".encode())
        digest.update(array.tobytes())
    return replace(dataset, name=f"own-{digest.hexdigest()[:16]}")


def write(dataset: Dataset, home: Path) -> None:
    """Stores `dataset` under its name. Raises `InvalidInput` if `home` cannot be written or holds too many already."""
    file = file_of(dataset.name, home)
    kept, most = sum(is_name(other.stem) for other in file.parent.glob("*.npz")), MAX_UPLOADS.value
    if kept >= most and not file.exists():
        raise InvalidInput("upload", dataset.title, f"a new one while this server keeps fewer than {most:,} of them")
    arrays = {field: getattr(dataset, field) for field in _ARRAYS}
    texts = json.dumps({field: getattr(dataset, field) for field in _TEXTS})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as stream:
            np.savez_compressed(stream, texts=np.array(texts), **arrays)
    except OSError as error:
        raise InvalidInput("AELIB_HOME", home, f"a folder that can be written ({error.strerror or error})") from None


def read(file: Path) -> Dataset:
    """The stored data set. Raises `InvalidInput` if it is not there (any more) or damaged."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            texts = json.loads(str(stored["texts"]))
            arrays = {field: stored[field] for field in _ARRAYS}
        dataset = Dataset(
            name=file.stem,
            title=str(texts["title"]),
            source=str(texts["source"]),
            classes=tuple(map(str, texts["classes"])),
            notes=tuple(map(str, texts["notes"])),
            **arrays,
        )
        if not _sound(dataset):
            raise ValueError
    except FileNotFoundError:
        raise InvalidInput("dataset", file.stem, "an upload that is still stored; upload the images again") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
        raise InvalidInput("dataset", file.stem, f"an undamaged upload ({file}); upload the images again") from None
    return dataset


def _sound(dataset: Dataset) -> bool:
    return all(
        images.dtype == np.uint8
        and images.shape == (len(labels), IMAGE_SIDE, IMAGE_SIDE)
        and labels.dtype == np.int64
        and labels.ndim == 1
        and len(labels) > 0
        and labels.min() >= 0
        and labels.max() < len(dataset.classes)
        for images, labels in (
            (dataset.train_images, dataset.train_labels),
            (dataset.test_images, dataset.test_labels),
        )
    )
