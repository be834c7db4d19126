"""LeCun's idx format, in which MNIST, EMNIST, KMNIST and Fashion-MNIST come (http://yann.lecun.com/exdb/mnist/)."""

from __future__ import annotations

import math
import struct

import numpy as np

from aelib.datasets.bounds import Unusable
from aelib.datasets.reading.containers import File
from aelib.datasets.reading.findings import NamedArray

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(file: File) -> NamedArray:
    """The array of an idx file: two zeros, type, number of dimensions, dimensions (big-endian), elements."""
    dimensions, dtype = file.data[3], np.dtype(_TYPES[file.data[2]])
    shape = struct.unpack_from(f">{dimensions}I", file.data, 4)
    start = 4 + 4 * dimensions
    if math.prod(shape) * dtype.itemsize != len(file.data) - start:
        raise Unusable("is not as long as its header says")
    return NamedArray(file.path, np.frombuffer(file.data, dtype, offset=start).reshape(shape))
