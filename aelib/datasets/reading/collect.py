"""Files of every kind → one set of 28×28 images, with what was found, guessed, converted and left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from aelib.datasets.bounds import Budget, Refused, Unusable, counted, listed, shown
from aelib.datasets.decoding import DecodedImage, pages
from aelib.datasets.reading.arranging import arranged
from aelib.datasets.reading.containers import File, Said, Source, files_in
from aelib.datasets.reading.findings import Collected, NamedArray, Stack, Table
from aelib.datasets.reading.idx import read_idx
from aelib.datasets.reading.labels import from_folders, from_tables
from aelib.datasets.reading.layouts import NoImages, as_stack
from aelib.datasets.reading.matlab import read_matlab
from aelib.datasets.reading.names import Path, split_of, split_of_path, stem
from aelib.datasets.reading.numpy_files import read_npy
from aelib.datasets.reading.parquet import read_parquet
from aelib.datasets.reading.roles import stacks_of
from aelib.datasets.reading.tables import read_table
from aelib.spec.images import IMAGE_SIDE

# With fewer columns of numbers nobody means a table of images, nor one to train on.
_FEWEST_COLUMNS = 4
ARRAYS_HINT = "arrays named images (and labels), or x_train, x_test (and y_train, y_test)"


@dataclass
class _Gathered:
    """What the readers found, file by file."""

    budget: Budget
    said: Said
    paths: list[Path] = field(default_factory=list)
    decoded: list[DecodedImage] = field(default_factory=list)
    arrays: list[NamedArray] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)

    def read_image(self, file: File) -> None:
        for image in pages(file.data, self.budget):
            self.paths.append(file.path)
            self.decoded.append(image)

    def read_matlab(self, file: File) -> None:
        self.arrays.extend(read_matlab(file, self.budget, self.said.left_out))


_READERS: dict[str, Callable[[_Gathered, File], None]] = {
    "image": _Gathered.read_image,
    "npy": lambda gathered, file: gathered.arrays.append(read_npy(file)),
    "idx": lambda gathered, file: gathered.arrays.append(read_idx(file)),
    "matlab": _Gathered.read_matlab,
    "parquet": lambda gathered, file: gathered.tables.append(read_parquet(file, gathered.budget, gathered.said)),
    "text": lambda gathered, file: gathered.tables.append(read_table(file, gathered.budget)),
}


def collect(sources: Iterator[Source], budget: Budget) -> Collected:
    """Reads every file that holds images. Raises `Refused` for too much of anything, and where there are none."""
    said = Said([], [])
    gathered = _Gathered(budget, said)
    for file in files_in(sources, budget, said):
        try:
            _READERS[file.kind](gathered, file)
        except Unusable as reason:
            said.left_out.append(f"{shown(file.path[-1])} {reason}")
    from_files = list(_of_pictures(gathered))
    from_numbers = _of_numbers(gathered)
    stacks = _the_larger(from_files, from_numbers, said)
    if sum(map(len, stacks)):
        return arranged(stacks, said)
    expected = _what_is_expected(gathered)
    if expected:
        raise Refused(expected)
    return Collected(np.empty((0, IMAGE_SIDE, IMAGE_SIDE), np.uint8), left_out=said.left_out)


def _of_pictures(gathered: _Gathered) -> Iterator[Stack]:
    if not gathered.decoded:
        return
    said = gathered.said
    places = from_folders(gathered.paths, said)
    used = [index for index, good in enumerate(places.used) if good]
    labels = [places.labels[index] for index in used]
    splits = [places.splits[index] for index in used]
    if not any(labels):
        found = from_tables([gathered.paths[index] for index in used], gathered.tables, said)
        if found is not None:
            labels, told = found
            splits = splits if any(splits) else told
    several = len(gathered.decoded) - len(set(gathered.paths))
    if several:
        stacks = len({path for path, more in zip(gathered.paths, gathered.paths[1:], strict=False) if path == more})
        said.notes.append(f"Each page of {counted(stacks, 'TIFF file')} is an image of its own.")
    yield Stack(splits, decoded=[gathered.decoded[index] for index in used], labels=labels)


def _of_numbers(gathered: _Gathered) -> list[Stack]:
    said = gathered.said
    stacks = []
    for table in gathered.tables:
        try:
            stacks.append(_of_table(table, said))
        except NoImages as reason:
            if not _labels_beside(table, gathered.arrays):
                said.left_out.append(f"{shown(table.path[-1])} {reason}")
        except Unusable as reason:
            said.left_out.append(f"{shown(table.path[-1])} {reason}")
    return stacks + stacks_of(gathered.arrays, said)


def _of_table(table: Table, said: Said) -> Stack:
    split = split_of_path(table.path)
    splits = [split_of(text) or split for text in table.splits] if table.splits else [split] * table.rows
    if table.decoded is not None:
        if table.labels is not None:
            said.note(f"Labels taken from {table.label_source}.")
        return Stack([split] * len(table.decoded), decoded=table.decoded, labels=table.labels)
    if table.numbers is None or table.numbers.shape[1] < _FEWEST_COLUMNS:
        raise NoImages("is a table without images")
    values = as_stack(table.numbers, pixels=table.named_pixels)
    if table.labels is not None:
        said.note(f"Labels taken from {table.label_source}.")
    stack = Stack(splits, values, labels=table.labels)
    whole = np.isfinite(table.numbers).all(1)
    if not whole.all():
        said.notes.append(f"{counted(int((~whole).sum()), 'row')} with missing numbers left out.")
        keep = np.flatnonzero(whole)
        labels = [table.labels[index] for index in keep] if table.labels else None
        stack = Stack([splits[index] for index in keep], values[keep], labels=labels)
    return stack


def _labels_beside(table: Table, arrays: list[NamedArray]) -> bool:
    """A table of labels for an array of images becomes an array of labels."""
    if table.labels is None or not any(table.rows in array.values.shape for array in arrays if array.values.ndim > 1):
        return False
    path = (*table.path[:-1], f"{stem(table.path[-1])}_labels")
    arrays.append(NamedArray(path, np.array([label or "" for label in table.labels])))
    return True


def _the_larger(files: list[Stack], numbers: list[Stack], said: Said) -> list[Stack]:
    """Image files, or images in arrays and tables: whichever are more."""
    counts = [sum(map(len, stacks)) for stacks in (files, numbers)]
    if all(counts):
        fewer = f"{counted(min(counts), 'image')} in {'files' if counts[0] < counts[1] else 'arrays and tables'}"
        said.notes.append(f"{fewer} left out: the others are more.")
    return files if counts[0] >= counts[1] else numbers


def _what_is_expected(gathered: _Gathered) -> str:
    """What would be allowed, where no image was found and the kind of what was tells."""
    left_out = gathered.said.left_out
    table = next((clause for clause in left_out if "does not train on tables" in clause), None)
    if table is not None:
        return f"a set of images; {table}"
    if gathered.arrays:
        found = [f"{stem(array.path[-1])} {array.values.shape}" for array in gathered.arrays]
        why = f" ({'; '.join(left_out[:3])})" if left_out else ""
        return f"{ARRAYS_HINT}; found: {listed(found, 4)}{why}"
    return ""
