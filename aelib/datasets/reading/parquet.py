"""Parquet files, such as Hugging Face keeps data sets in, read by pyarrow."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np

from aelib.datasets.bounds import MOST_BYTES, MOST_IMAGES, Budget, Refused, Unusable, shown
from aelib.datasets.decoding import DecodedImage, pages
from aelib.datasets.reading.containers import File, Said
from aelib.datasets.reading.findings import Table
from aelib.datasets.reading.tables import LABEL_NAMES, Columns, small

_ROWS_AT_ONCE, _NUMBERS_AT_ONCE = 1_000, 2_000_000


def read_parquet(file: File, budget: Budget, said: Said) -> Table:
    """The images of a column of encoded files or of numbers, with their labels; or a table of numbers.
    Raises `Unusable`."""
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(io.BytesIO(file.data))
        schema, metadata = opened.schema_arrow, opened.metadata
        if metadata.num_rows > MOST_IMAGES:
            raise Unusable(f"has more than {MOST_IMAGES:,} rows")
        groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
        budget.take_bytes(
            sum(group.column(i).total_uncompressed_size for group in groups for i in range(group.num_columns))
        )
        kinds = {field.name: _kind(field.type) for field in schema}
        column = next((name for kind in ("files", "lists") for name in kinds if kinds[name] == kind), None)
        # As dictionaries: a file could else repeat a large image or text as often as it likes.
        opened = pq.ParquetFile(io.BytesIO(file.data), read_dictionary=sorted(_texts(schema)))
        at_once = _rows_at_once(groups, metadata.num_rows)
        if column is None:
            return _numbers(file, opened, budget, at_once)
        label = next((name for name in kinds if name.lower() in LABEL_NAMES), None) or next(
            (name for name in kinds if kinds[name] == "label"), None
        )
        wanted = [column] if label is None else [column, label]
        table = Table(file.path, metadata.num_rows)
        labels: list[Any] = []
        rows: list[Any] = []
        charged = _Charged()
        for batch in opened.iter_batches(at_once, columns=wanted):
            budget.take_bytes(charged.new_bytes(batch))
            if label is not None:
                labels.extend(_values(batch.column(label)))
            values = batch.column(column)
            rows.extend(_decoded(values, budget, said) if kinds[column] == "files" else _flat(values))
    except (Unusable, Refused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - a damaged file makes pyarrow and pandas raise many things.
        raise Unusable("is a damaged Parquet file") from None
    if kinds[column] == "files":
        kept = [index for index, row in enumerate(rows) if row is not None]
        table.decoded = [rows[index] for index in kept]
    else:
        kept = list(range(len(rows)))
        if len({row.shape for row in rows}) != 1:
            raise Unusable("has rows of unequal length")
        table.numbers, table.named_pixels = np.stack(rows), True
    if label is not None:
        names = _class_names(schema, label)
        table.label_source = f"the column “{shown(label)}”"
        table.labels = [_text(labels[index], names) for index in kept]
    return table


def _kind(kind: Any) -> str:
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_struct(kind):
        return "files" if kind.get_field_index("bytes") >= 0 else ""
    if types.is_binary(kind) or types.is_large_binary(kind):
        return "files"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return "lists"
    return "label" if types.is_integer(kind) or types.is_string(kind) or types.is_large_string(kind) else ""


def _is_number(kind: Any) -> bool:
    import pyarrow.types as types

    return bool(types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind))


def _decoded(column: Any, budget: Budget, said: Said) -> list[DecodedImage | None]:
    import pyarrow as pa

    if pa.types.is_struct(column.type):
        column = column.field("bytes")
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    files = column.dictionary
    found: list[DecodedImage | None] = []
    for index in column.indices.to_pylist():
        image = None
        try:
            data = None if index is None else files[index].as_py()
            if not data:
                raise Unusable("is empty")
            image = next(pages(data, budget))
        except Unusable as reason:
            said.left_out.append(f"A row {reason}")
        found.append(image)
    return found


def _flat(column: Any) -> list[np.ndarray]:
    return [small(np.asarray(row, dtype=np.float64)) for row in column.to_pylist()]


def _texts(schema: Any) -> set[str]:
    """The paths of all columns of texts or bytes."""
    import pyarrow.types as types

    leaves = {field.name: field.type for field in schema}
    for field in schema:
        if types.is_struct(field.type):
            leaves |= {f"{field.name}.{inner.name}": inner.type for inner in field.type}
    leaves = {path: kind.value_type if types.is_dictionary(kind) else kind for path, kind in leaves.items()}
    kinds = (types.is_binary, types.is_large_binary, types.is_string, types.is_large_string)
    return {path for path, kind in leaves.items() if any(is_kind(kind) for is_kind in kinds)}


def _rows_at_once(groups: list[Any], rows: int) -> int:
    """So many that no more than some millions of numbers are in memory. Raises `Refused` for too many in all."""
    numbers = sum(group.column(index).num_values for group in groups for index in range(group.num_columns))
    if numbers > MOST_BYTES:
        raise Refused(f"tables of at most {MOST_BYTES:,} numbers")
    return max(1, min(_ROWS_AT_ONCE, _NUMBERS_AT_ONCE * max(1, rows) // max(1, int(numbers))))


class _Charged:
    """What of a file's batches was counted. Their dictionaries grow from one to the next: only what is new counts."""

    def __init__(self) -> None:
        self._dictionaries: dict[tuple[int, int], int] = {}

    def new_bytes(self, batch: Any) -> int:
        import pyarrow.types as types

        total = 0
        for place, column in enumerate(batch.columns):
            for inner, part in enumerate(column.flatten() if types.is_struct(column.type) else [column]):
                if not types.is_dictionary(part.type):
                    total += part.nbytes
                    continue
                before, now = self._dictionaries.get((place, inner), 0), part.dictionary.nbytes
                # A smaller one is another: that of the next group of rows.
                total += part.indices.nbytes + (now - before if now >= before else now)
                self._dictionaries[place, inner] = now
        return int(total)


def _values(column: Any) -> list[Any]:
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return list(column.to_pylist())
    values = column.dictionary.to_pylist()
    return [None if index is None else values[index] for index in column.indices.to_pylist()]


def _numbers(file: File, opened: Any, budget: Budget, at_once: int) -> Table:
    gathered, named, charged = Columns(file), _texts(opened.schema_arrow), _Charged()
    for batch in opened.iter_batches(at_once):
        budget.take_bytes(charged.new_bytes(batch))
        texts = {name: _values(batch.column(name)) for name in batch.schema.names if name in named}
        numbers = [name for name in batch.schema.names if _is_number(batch.schema.field(name).type)]
        gathered.add(batch.select(numbers).to_pandas(), texts)
    return gathered.table()


def _class_names(schema: Any, label: str) -> list[str] | None:
    """The names that Hugging Face's `ClassLabel` gives to numbers."""
    try:
        about = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        names = about["info"]["features"][label]["names"]
        return [str(name) for name in names]
    except (ValueError, KeyError, TypeError):
        return None


def _text(value: Any, names: list[str] | None) -> str | None:
    if value is None:
        return None
    if names is not None and isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    return str(value) or None
