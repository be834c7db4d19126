"""NumPy's .npy, which an .npz is an archive of. Pickled objects are never loaded."""

from __future__ import annotations

import io
import math
import sys

import numpy as np

from aelib.datasets.bounds import Unusable
from aelib.datasets.dataset import Array
from aelib.datasets.reading.containers import File
from aelib.datasets.reading.findings import NamedArray

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_npy(file: File) -> NamedArray:
    """The array by its header alone, whose claims must match the file's size. Raises `Unusable`."""
    stream = io.BytesIO(file.data)
    try:
        shape, fortran, dtype = _HEADERS[np.lib.format.read_magic(stream)](stream)
    except Exception:  # noqa: BLE001 - the header is Python text from outside; evaluating it may fail in any way.
        raise Unusable("is not an array") from None
    if dtype.hasobject or dtype.kind not in "biufUS" or not dtype.itemsize:
        raise Unusable("holds something other than numbers or texts")
    if any(side < 0 for side in shape) or math.prod(shape) * dtype.itemsize != len(file.data) - stream.tell():
        raise Unusable("is not as long as its header says")
    flat = np.frombuffer(file.data, dtype, offset=stream.tell())
    if dtype.kind == "U":
        flat = _sound_letters(flat)
    return NamedArray(file.path, flat.reshape(shape, order="F" if fortran else "C"))


def _sound_letters(texts: Array) -> Array:
    """The same texts, with a sign for every number that is no letter's: Python makes no text of such."""
    codes = texts.view(np.dtype(np.uint32).newbyteorder(texts.dtype.byteorder)).astype(np.uint32)
    codes[codes > sys.maxunicode] = ord("\N{REPLACEMENT CHARACTER}")
    sound: Array = codes.view(f"U{texts.dtype.itemsize // codes.itemsize}")
    return sound
