"""Labels and the split of image files: from the folders they lie in, or from a table that names them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from aelib.datasets.bounds import MOST_CLASSES, listed, shown
from aelib.datasets.reading.containers import Said
from aelib.datasets.reading.findings import Labels, Table
from aelib.datasets.reading.names import TEST, TRAIN, Path, split_of, split_of_path, stem, without_common_folders
from aelib.datasets.reading.tables import LABEL_NAMES

# A folder, or a table, tells of the set if it holds so much of it.
_MOST = 0.5
_FEWEST_NAMED = 10


@dataclass
class Places:
    """What the folders tell about each file: split, label, and whether it is to be used."""

    splits: list[str]
    labels: Labels
    used: list[bool]


def from_folders(paths: list[Path], said: Said) -> Places:
    """Split and label of image files, where folders tell. Says which files are left out, and why."""
    paths = without_common_folders(paths)
    used = [True] * len(paths)
    splits = [""] * len(paths)
    level = _split_level(paths)
    if level is not None:
        splits = [split_of(path[level]) if len(path) > level + 1 else "" for path in paths]
        _leave_out(
            [p for p, s in zip(paths, splits, strict=True) if not s], "neither in a training nor a test folder", said
        )
        used = [bool(split) for split in splits]
        paths = [path[:level] + path[level + 1 :] if split else path for path, split in zip(paths, splits, strict=True)]
    labels: Labels = [None] * len(paths)
    for split in sorted(set(splits)) if level is not None else [""]:
        which = [index for index, found in enumerate(splits) if found == split and used[index]]
        folders = _without_common([paths[index] for index in which])
        for index, path in zip(which, folders, strict=True):
            labels[index] = shown(path[0]) if len(path) > 1 else None
    if len({label for label in labels if label is not None}) < 2:
        labels = [None] * len(paths)
    if any(label is not None for label in labels):
        said.notes.append("Labels taken from folder names.")
    return Places(splits, labels, used)


def _without_common(paths: list[Path]) -> list[Path]:
    """As `without_common_folders`, for nearly all of the paths: a image or two may lie beside the folders."""
    deep = [path for path in paths if len(path) > 1]
    if not deep or len(deep) < _MOST * len(paths):
        return [path[-1:] for path in paths]
    if len({path[0] for path in deep}) > 1:
        return paths
    return _without_common([path[1:] if len(path) > 1 else path for path in paths])


def _split_level(paths: list[Path]) -> int | None:
    """The level of folders that are called training, test and so on, and hold nearly all files."""
    for level in range(max(map(len, paths), default=1) - 1):
        folders = Counter(path[level] for path in paths if len(path) > level + 1)
        told = sum(count for folder, count in folders.items() if split_of(folder))
        if len({split_of(folder) for folder in folders} - {""}) > 1 and told > _MOST * len(paths):
            return level
    return None


def _leave_out(paths: list[Path], why: str, said: Said) -> None:
    said.left_out.extend(f"{shown(path[-1])} is {why}" for path in paths)


def from_tables(paths: list[Path], tables: list[Table], said: Said) -> tuple[Labels, list[str]] | None:
    """(label, split) of the image files that tables name, or None. Tables that do not name any are left alone."""
    labels: Labels = [None] * len(paths)
    splits = [""] * len(paths)
    used = []
    for table in tables:
        named = _naming_column(paths, table)
        if named is None:
            continue
        rows, column = named
        label = _label_column(table, column)
        if label is None:
            continue
        used.append(table)
        for index, row in enumerate(rows):
            if row is not None:
                labels[index] = label[row]
                splits[index] = split_of_path(table.path)
    if not used or not any(labels):
        return None
    for table in used:
        tables.remove(table)
    said.notes.append(f"Labels taken from {listed([table.path[-1] for table in used])}.")
    return labels, (splits if {TRAIN, TEST} <= set(splits) else [""] * len(paths))


def _naming_column(paths: list[Path], table: Table) -> tuple[list[int | None], str] | None:
    """(the row of each file, the column that names files) if one does."""
    for name, texts in table.texts.items():
        rows = {_plain(text.replace("\\", "/").rpartition("/")[2]): row for row, text in enumerate(texts)}
        found = [rows.get(_plain(path[-1]), rows.get(_plain(stem(path[-1])))) for path in paths]
        count = sum(row is not None for row in found)
        if count >= max(_FEWEST_NAMED, _MOST * min(len(paths), len(texts))):
            return found, name
    return None


def _plain(name: str) -> str:
    """A file's name, which a table may hold as a number."""
    return name.lower().lstrip("0") if name.isdecimal() else name.lower()


def _label_column(table: Table, naming: str) -> Labels | None:
    others = {name: texts for name, texts in table.texts.items() if name != naming}
    for name, texts in others.items():
        if name.lower() in LABEL_NAMES:
            return [text or None for text in texts]
    for texts in others.values():
        if 2 <= len(set(texts)) <= MOST_CLASSES:
            return [text or None for text in texts]
    return None


def usable_labels(labels: Labels, notes: list[str]) -> Labels | None:
    """The labels, or None after saying why they cannot be used."""
    names = {label for label in labels if label is not None}
    if len(names) > MOST_CLASSES:
        notes.append(
            f"Labels dropped: there are {len(names):,} different ones, and at most {MOST_CLASSES} can be used."
        )
        return None
    if len(names) < 2:
        if names:
            notes.append(f"Labels dropped: all are “{shown(names.pop())}”.")
        elif not any(note.startswith("Labels dropped") for note in notes):
            notes.append("No labels found.")
        return None
    return [None if label is None else shown(label) for label in labels]
