"""Uploaded data sets on disk: one npz each, `home/datasets/own-<16 hex digits>.npz`, named by contents and owner, and
beside it a small JSON file that says what its owner calls it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from aelib.datasets import places
from aelib.datasets.bounds import shown
from aelib.datasets.dataset import Dataset
from aelib.host.files import replacing
from aelib.spec.fields import InvalidInput
from aelib.spec.images import IMAGE_SIDE

_ARRAYS = ("train_images", "train_labels", "test_images", "test_labels")
_TEXTS = ("title", "source", "classes", "notes")
_LONGEST_TITLE = 60
_USE_NOTED_SECONDS = 600.0


def is_name(name: str) -> bool:
    return re.fullmatch(r"own-[0-9a-f]{16}", name) is not None


def file_of(name: str, home: Path) -> Path:
    return home / "datasets" / f"{name}.npz"


def card_of(name: str, home: Path) -> Path:
    """The file with the title and the owner of a data set."""
    return home / "datasets" / f"{name}.json"


def named(dataset: Dataset, owner: str = "") -> Dataset:
    """`dataset` under the name that its images, labels, classes and owner give it."""
    digest = hashlib.sha256(json.dumps(dataset.classes).encode() + owner.encode())
    for field in _ARRAYS:
        array = getattr(dataset, field)
        digest.update(f"{field}{array.shape}".encode())
        digest.update(array.tobytes())
    return replace(dataset, name=f"own-{digest.hexdigest()[:16]}")


def write(dataset: Dataset, home: Path, owner: str = "") -> None:
    """Stores `dataset` under its name. Raises `InvalidInput` if `home` cannot be written."""
    file = file_of(dataset.name, home)
    arrays = {field: getattr(dataset, field) for field in _ARRAYS}
    texts = json.dumps({field: getattr(dataset, field) for field in _TEXTS})
    with _writing(home):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as stream:
            np.savez_compressed(stream, texts=np.array(texts), **arrays)
        _write_card(dataset.name, Card(dataset.title, owner), home)


@dataclass(frozen=True)
class Card:
    """What is said about a stored data set besides its contents."""

    title: str
    owner: str


def card(name: str, home: Path) -> Card | None:
    """The card of a stored data set; one of an earlier version of the app has none."""
    file = card_of(name, home)
    return _read_card(file, places.fingerprint(file))


@lru_cache(maxsize=1024)
def _read_card(file: Path, fingerprint: object) -> Card | None:
    """A page asks for every title whenever it is drawn: a file is read again only when it has changed."""
    if fingerprint is None:
        return None
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        return Card(str(found["title"]), str(found["owner"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def names(home: Path) -> list[str]:
    """The names of all stored data sets."""
    return [file.stem for file in (home / "datasets").glob("own-*.npz") if is_name(file.stem)]


def note_use(name: str, home: Path) -> None:
    """The data set is being used: see `last_used`."""
    file = card_of(name, home)
    # Who may only read the folder gets along without.
    with contextlib.suppress(OSError):
        if time.time() - file.stat().st_mtime > _USE_NOTED_SECONDS:
            os.utime(file)


def last_used(name: str, home: Path) -> float:
    """When a data set was stored or used last, in seconds since 1970, to within some minutes; 0 where it is gone."""
    times = (places.fingerprint(file) for file in (card_of(name, home), file_of(name, home)))
    return max((found[2] / 1e9 for found in times if found is not None), default=0.0)


def names_of(owner: str, home: Path) -> list[str]:
    """The names of all data sets that belong to `owner`, those with the first titles first."""
    if not owner:
        return []
    files = sorted((home / "datasets").glob("own-*.json"))
    cards = {file.stem: card(file.stem, home) for file in files if is_name(file.stem)}
    own = [name for name, kept in cards.items() if kept and kept.owner == owner and file_of(name, home).is_file()]
    return sorted(own, key=lambda name: (cards[name] or Card("", "")).title.casefold())


def rename(name: str, title: str, owner: str, home: Path) -> None:
    """Gives a data set of `owner` another title. Raises `InvalidInput`."""
    card_of_owner(name, owner, home)
    clean = " ".join(title.split())
    if not clean:
        raise InvalidInput("name", title, "a name of at least one letter")
    with _writing(home):
        _write_card(name, Card(shown(clean, _LONGEST_TITLE), owner), home)


def delete(name: str, owner: str, home: Path) -> None:
    """Removes a data set of `owner`. Raises `InvalidInput`."""
    card_of_owner(name, owner, home)
    remove(name, home)


def remove(name: str, home: Path) -> None:
    """Removes a data set, whoever it belongs to. Raises `InvalidInput`."""
    with _writing(home):
        file_of(name, home).unlink(missing_ok=True)
        card_of(name, home).unlink(missing_ok=True)


def card_of_owner(name: str, owner: str, home: Path) -> Card:
    """The card of a data set of `owner`. Raises `InvalidInput` for any other."""
    found = card(name, home) if is_name(name) else None
    if found is None or not owner or found.owner != owner:
        raise InvalidInput("dataset", name, "a data set of your own")
    return found


def _write_card(name: str, new: Card, home: Path) -> None:
    with replacing(card_of(name, home)) as stream:
        stream.write(json.dumps({"title": new.title, "owner": new.owner}).encode())


@contextlib.contextmanager
def _writing(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            "AELIB_HOME", home.name, f"a folder that can be written ({error.strerror or error})"
        ) from None


def notes_of(name: str, home: Path) -> tuple[str, ...]:
    """What was done to the images of a stored data set; nothing for one that cannot be read."""
    file = file_of(name, home)
    return _read_notes(file, places.fingerprint(file))


@lru_cache(maxsize=128)
def _read_notes(file: Path, _fingerprint: object) -> tuple[str, ...]:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return tuple(map(str, json.loads(str(stored["texts"]))["notes"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError):
        return ()


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
        raise InvalidInput("dataset", file.stem, "an undamaged upload; upload the images again") from None
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
