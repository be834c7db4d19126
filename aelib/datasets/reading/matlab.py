"""MATLAB's .mat files of versions 5 to 7, read by SciPy."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np

from aelib.datasets.bounds import Budget, Unusable, shown
from aelib.datasets.reading.containers import File
from aelib.datasets.reading.findings import NamedArray
from aelib.datasets.reading.names import Path

_HEADER = 128
_COMPRESSED = 15
_STRUCT, _DEEPEST_STRUCT = "struct", 8
_NUMBERS = {"double", "single", "logical", *(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))}


def read_matlab(file: File, budget: Budget, left_out: list[str]) -> Iterator[NamedArray]:
    """The arrays of numbers among the variables and in the fields of structs, as EMNIST's `dataset.train.images`.
    What else there is is named in `left_out`; cells and objects are never opened. Raises `Unusable`.

    SciPy goes into a struct without a limit of depth, and dies of too deep a one: this is for a process that may.
    """
    from scipy.io import loadmat, whosmat

    _check_size(file.data, budget)
    try:
        variables = whosmat(io.BytesIO(file.data))
    except Exception:  # noqa: BLE001 - a damaged file makes SciPy raise many things.
        raise Unusable("is a damaged MATLAB file") from None
    for name, _, kind in variables:
        if kind not in _NUMBERS and kind != _STRUCT:
            left_out.append(f"{shown(name)} is a MATLAB {kind}, not an array of numbers")
            continue
        try:
            values = loadmat(io.BytesIO(file.data), variable_names=[name], squeeze_me=False)[name]
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - as above.
            raise Unusable("is a damaged MATLAB file") from None
        yield from _arrays((*file.path, name), values, left_out)


def _arrays(path: Path, values: object, left_out: list[str], depth: int = 0) -> Iterator[NamedArray]:
    """What is in a variable, or in a field of a struct that is `depth` structs deep."""
    if isinstance(values, np.ndarray) and values.dtype.kind in "biuf":
        yield NamedArray(path, values, columns_first=True)
    elif isinstance(values, np.ndarray) and values.dtype.names and values.size == 1 and depth < _DEEPEST_STRUCT:
        for field in values.dtype.names:
            yield from _arrays((*path, field), values.flat[0][field], left_out, depth + 1)
    else:
        left_out.append(f"{shown(path[-1])} is not an array of numbers")


def _check_size(data: bytes, budget: Budget) -> None:
    """Unpacks every compressed variable once, piece by piece, so that none is larger than allowed."""
    order = ">" if data[126:128] == b"MI" else "<"
    place = _HEADER
    while place + 8 <= len(data):
        kind, size = struct.unpack_from(f"{order}II", data, place)
        place += 8
        if kind == _COMPRESSED:
            decompressor, packed = zlib.decompressobj(), data[place : place + size]
            try:
                while packed and not decompressor.eof:
                    budget.take_bytes(len(decompressor.decompress(packed, 2**20)))
                    packed = decompressor.unconsumed_tail
            except zlib.error:
                raise Unusable("is a damaged MATLAB file") from None
        place += size
