"""Data sets by name: which there are, which of them are here, and loading them once a process."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass

from aelib.datasets import bundled, correcting, places, rawfiles, store
from aelib.datasets.dataset import Dataset
from aelib.datasets.part import Part, cut
from aelib.spec.fields import InvalidInput


@dataclass(frozen=True)
class Entry:
    """A data set on offer. `bundled` ones are always here; the others may need a download."""

    name: str
    title: str
    source: str
    classes: tuple[str, ...]
    bundled: bool


_BUNDLED: dict[str, Callable[[], Dataset]] = {"digits": bundled.digits, "letters": bundled.letters}
_ENTRIES = (
    Entry("digits", bundled.DIGITS_TITLE, bundled.DIGITS_SOURCE, bundled.DIGITS_CLASSES, bundled=True),
    Entry("letters", bundled.LETTERS_TITLE, bundled.LETTERS_SOURCE, bundled.LETTERS_CLASSES, bundled=True),
    *(Entry(c.name, c.title, c.source, c.classes, bundled=False) for c in rawfiles.COLLECTIONS.values()),
)
NAMES = tuple(entry.name for entry in _ENTRIES)

Folder = str | os.PathLike[str] | None


def entries() -> list[Entry]:
    """The data sets everybody has or can download, in the order in which they are shown."""
    return list(_ENTRIES)


def title(name: str, home: Folder = None) -> str:
    """How people call the data set `name`: an own one as its owner does."""
    part, listed = Part.of(name), _listed(name)
    if part.classes:
        return part.title(title(part.whole, home), () if listed is None else listed.classes)
    if listed is not None:
        return listed.title
    card = store.card(name, places.home(home)) if store.is_name(name) else None
    return card.title if card is not None else f"Your own ({name[-4:]})"


def _listed(name: str) -> Entry | None:
    """The data set of which `name` is the name, or of a part, if it is on offer."""
    return next((entry for entry in _ENTRIES if entry.name == Part.of(name).whole), None)


def whole(name: str) -> str:
    """The name of the data set that `name` is a part of, which most often is `name` itself."""
    return Part.of(name).whole


def own_names(owner: str, home: Folder = None) -> list[str]:
    """The names of the stored data sets that `owner` uploaded."""
    return store.names_of(owner, places.home(home))


def rename(name: str, title: str, owner: str, home: Folder = None) -> None:
    """Gives a data set of `owner`'s another title. Raises `InvalidInput`."""
    store.rename(name, title, owner, places.home(home))


def delete(name: str, owner: str, home: Folder = None) -> None:
    """Removes a data set of `owner`'s; runs that learnt from it keep their results. Raises `InvalidInput`."""
    store.delete(name, owner, places.home(home))


def correct(
    name: str,
    change: Callable[[Dataset], Dataset],
    owner: str,
    address: str | None = None,
    in_use: Callable[[], Collection[str]] = tuple,
    home: Folder = None,
) -> str:
    """The name of `owner`'s data set `name` after a change (`correcting.transposed` or `inverted`), which takes its
    place; see `correcting.correct`. Raises `InvalidInput` and `NoRoom`."""
    return correcting.correct(name, change, places.home(home), owner, address, in_use)


def notes(name: str, home: Folder = None) -> tuple[str, ...]:
    """What was done to the images of an uploaded data set, sentence by sentence; nothing is told of others."""
    name = whole(name)
    return store.notes_of(name, places.home(home)) if store.is_name(name) else ()


def is_available(name: str, data_dir: Folder = None, home: Folder = None) -> bool:
    """Can `name` be loaded here and now? Looks at file headers only, so that a part may turn out to lack its classes;
    does not import torch."""
    name = whole(name)
    if name in _BUNDLED:
        return True
    if name in rawfiles.COLLECTIONS:
        return rawfiles.problem(rawfiles.COLLECTIONS[name], places.data_dir(data_dir)) is None
    return store.is_name(name) and store.file_of(name, places.home(home)).is_file()


def default_name(data_dir: Folder = None) -> str:
    """What to show first: MNIST where it is here, else the bundled digits."""
    return "mnist" if is_available("mnist", data_dir) else "digits"


def load(name: str, data_dir: Folder = None, home: Folder = None) -> Dataset:
    """The data set `name`, from memory if it was loaded lately and its files have not changed.

    Raises `InvalidInput` for a name that does not exist and for files that are missing or broken, with how to get them.
    """
    part = Part.of(name)
    if part.classes:
        full = load(part.whole, data_dir, home)
        # A data set is its own key: once its files have changed it is another one.
        return _cache.get((name, full), lambda: cut(full, part, title(name, home)))
    if name in _BUNDLED:
        return _cache.get(name, _BUNDLED[name])
    if name in rawfiles.COLLECTIONS:
        collection, folder = rawfiles.COLLECTIONS[name], places.data_dir(data_dir)
        raw = rawfiles.raw_folder(collection, folder)
        files = [raw / file for file in rawfiles.FILES]
        key = (name, raw, *map(places.fingerprint, [*files, *map(rawfiles.packed, files)]))
        return _cache.get(key, lambda: rawfiles.load(collection, folder))
    if store.is_name(name):
        file = store.file_of(name, places.home(home))
        store.note_use(name, places.home(home))
        return _cache.get((name, places.fingerprint(file)), lambda: store.read(file))
    raise InvalidInput("dataset", name, f"one of {', '.join(NAMES)}, or the own-… name of an upload")


class _Cache:
    """The last few data sets. Two threads that ask for the same one at once make it once."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Hashable, Dataset] = OrderedDict()
        self._touching = threading.Lock()
        self._making = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Dataset]) -> Dataset:
        found = self._find(key)
        if found is not None:
            return found
        with self._making:
            found = self._find(key) or make()
            with self._touching:
                self._kept[key] = found
                while len(self._kept) > self._size:
                    self._kept.popitem(last=False)
            return found

    def _find(self, key: Hashable) -> Dataset | None:
        with self._touching:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)


_cache = _Cache(size=4)
