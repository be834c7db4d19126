"""CSV and similar text tables, read by pandas."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from aelib.datasets.bounds import MOST_CLASSES, MOST_IMAGES, Budget, Unusable, shown
from aelib.datasets.dataset import Array
from aelib.datasets.reading.containers import File
from aelib.datasets.reading.findings import Table, as_texts
from aelib.datasets.reading.layouts import is_flat_length

if TYPE_CHECKING:
    import pandas as pd

LABEL_NAMES = {
    *("label", "labels", "class", "classes", "target", "targets", "y", "digit", "letter", "character", "category"),
    *("emotion", "species", "breed", "diagnosis", "classname", "classid", "labelname", "categoryname"),
}
_RUNNING_NAMES = {"", "id", "index", "imageid", "idx", "no"}
_SPLIT_NAMES = {"usage", "split", "set", "subset", "partition"}
_PIXEL_NAME = re.compile(r"pix(el)?[_ ]?\d+|\d+x\d+")
_ROWS_AT_ONCE = 4_000
_MOST_COLUMNS = 20_000
# A table of so few columns of numbers may be about files.
_FEW_COLUMNS = 3
_NOT = "is not an image"


def read_table(file: File, budget: Budget) -> Table:
    """A table of text, whatever its delimiter and with or without names of columns. Raises `Unusable`."""
    import pandas as pd

    text, head = _decoded(file.data)
    try:
        delimiter, named = _form(head)
    except csv.Error:
        raise Unusable(_NOT) from None
    budget.take_bytes(len(file.data))
    gathered = Columns(file)
    try:
        # What one line too many columns has raises an error; one too few gets empty ones.
        with pd.read_csv(
            text, sep=delimiter, header=0 if named else None, engine="c", chunksize=_ROWS_AT_ONCE, skipinitialspace=True
        ) as chunks:
            for chunk in chunks:
                gathered.add(chunk)
    except (Unusable, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - pandas meets text from outside with many errors.
        raise Unusable("is a damaged table") from None
    return gathered.table()


def _decoded(data: bytes) -> tuple[io.TextIOBase, list[str]]:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    head = data[:2_000_000]
    try:
        lines = head.decode(encoding, "strict" if len(head) == len(data) else "ignore").splitlines()
    except UnicodeDecodeError:
        encoding = "latin-1"
        lines = head.decode(encoding).splitlines()
    text = io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="replace", newline="")
    return text, [line for line in lines[:10] if line.strip()]


def _form(head: list[str]) -> tuple[str, bool]:
    """(delimiter, does the first line name the columns) of a table with these first lines. Raises `Unusable`."""
    if len(head) < 2:
        raise Unusable(_NOT)
    for delimiter in (",", "\t", ";", "|", " "):
        rows = list(csv.reader(head[:-1] if len(head) > 2 else head, delimiter=delimiter, skipinitialspace=True))
        columns = {len(row) for row in rows}
        if len(columns) == 1 and (count := columns.pop()) > 1:
            if count > _MOST_COLUMNS:
                raise Unusable(f"has more than {_MOST_COLUMNS:,} columns")
            return ("\\s+" if delimiter == " " else delimiter), _names_columns(rows)
    raise Unusable(_NOT)


def _names_columns(rows: list[list[str]]) -> bool:
    """A first line that names columns has words where the others have numbers, or no name of a file where they do."""
    first, second = rows[:2]
    if first in ([str(index) for index in range(start, start + len(first))] for start in (0, 1)):
        return True
    if any(not _is_number(name) and _is_number(value) for name, value in zip(first, second, strict=True)):
        return True
    return not any(_is_number(name) or re.search(r"\.\w{2,4}$", name) for name in first)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class Columns:
    """Gathers a table piece by piece, so that numbers become small at once."""

    def __init__(self, file: File) -> None:
        self._file = file
        self._rows = 0
        self._numbers: list[Array] = []
        self._number_names: list[str] = []
        self._texts: dict[str, list[Any]] = {}
        self._lists: list[Array] = []
        self._list_name = ""

    def add(self, frame: pd.DataFrame, texts: dict[str, list[Any]] | None = None) -> None:
        """Adds rows; `texts` are columns that are no part of the frame. Raises `Unusable` for too many rows, or for
        columns that change their kind."""
        import pandas as pd

        texts = texts or {}
        if not self._rows:
            self._choose(frame)
            self._texts |= {name: [] for name in texts}
        self._rows += len(frame)
        if self._rows > MOST_IMAGES:
            raise Unusable(f"has more than {MOST_IMAGES:,} rows")
        frame.columns = frame.columns.map(str)
        numbers = frame[self._number_names]
        self._numbers.append(small(numbers.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64)))
        for name, values in self._texts.items():
            more = texts[name] if name in texts else frame[name].tolist()
            values.extend(None if pd.isna(value) else value for value in more)
        if self._list_name:
            self._lists.append(_lists(frame[self._list_name]))

    def _choose(self, frame: pd.DataFrame) -> None:
        import pandas as pd

        for column in frame.columns:
            if pd.api.types.is_numeric_dtype(frame[column]):
                self._number_names.append(str(column))
            elif not self._list_name and _is_list(frame[column].iloc[0]):
                self._list_name = str(column)
            else:
                self._texts[str(column)] = []

    def table(self) -> Table:
        """What the columns mean together."""
        numbers = np.concatenate(self._numbers) if self._numbers else np.empty((0, 0))
        table = Table(self._file.path, self._rows)
        names = [_plain(name) for name in self._number_names]
        keep = np.ones(len(names), bool)
        for index, name in enumerate(names):
            if name in LABEL_NAMES or name in _RUNNING_NAMES or name.startswith("unnamed"):
                keep[index] = False
                self._take(table, index, numbers, labels=name in LABEL_NAMES)
        for name, values in self._texts.items():
            table.texts[name] = [text or "" for text in as_texts(values)]
            if _plain(name) in _SPLIT_NAMES:
                table.splits = table.texts[name]
            elif table.labels is None and (_plain(name) in LABEL_NAMES or 2 <= len(set(values)) <= MOST_CLASSES):
                table.labels, table.label_source = as_texts(values), _column(name)
        if self._lists:
            table.numbers, table.named_pixels = np.concatenate(self._lists), True
            return table
        if table.labels is None and keep.any() and not is_flat_length(int(keep.sum())):
            label = _label_column(numbers, keep)
            if label is not None:
                keep[label] = False
                self._take(table, label, numbers, labels=True)
        table.numbers = numbers[:, keep]
        pixels = [name for name, kept in zip(names, keep, strict=True) if kept]
        table.named_pixels = bool(pixels) and all(map(_PIXEL_NAME.fullmatch, pixels))
        if len(pixels) <= _FEW_COLUMNS:
            for index in np.flatnonzero(keep).tolist():
                self._take(table, index, numbers, labels=False)
        return table

    def _take(self, table: Table, index: int, numbers: Array, *, labels: bool) -> None:
        """A column of numbers is no pixel: it may name the files, or the classes."""
        texts = as_texts(numbers[:, index])
        table.texts[self._number_names[index]] = [text or "" for text in texts]
        if labels and table.labels is None:
            table.labels, table.label_source = texts, _column(self._number_names[index])


def _column(name: str) -> str:
    return f"column {int(name) + 1}" if name.isdecimal() else f"the column “{shown(name)}”"


def _label_column(numbers: Array, keep: Array) -> int | None:
    """The first or the last of the columns kept: whichever has few whole numbers, but more than one."""
    for index in (int(np.flatnonzero(keep)[0]), int(np.flatnonzero(keep)[-1])):
        values = numbers[:, index].astype(np.float64)
        whole = np.isfinite(values).all() and (values == np.rint(values)).all()
        if whole and 2 <= len(np.unique(values)) <= min(MOST_CLASSES, max(2, len(values) // 2)):
            return index
    return None


def small(numbers: Array) -> Array:
    """The same numbers in bytes where they fit, else as float32."""
    with np.errstate(invalid="ignore"):
        as_bytes = numbers.astype(np.uint8)
    return as_bytes if (as_bytes == numbers).all() else numbers.astype(np.float32)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9x]", "", name.lower())


def _is_list(value: object) -> bool:
    """Are these the pixels of an image in one cell, as FER2013 has them?"""
    return isinstance(value, str) and value.count(" ") >= 63 and re.fullmatch(r"[\d. \[\],]+", value) is not None


def _lists(column: pd.Series) -> Array:
    rows = [np.array(re.findall(r"[\d.]+", str(value)), np.float64) for value in column]
    if len({len(row) for row in rows}) != 1:
        raise Unusable("has rows of unequal length")
    return small(np.stack(rows))
