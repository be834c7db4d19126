"""Small files to feed the data sets with."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Array = np.ndarray[Any, np.dtype[Any]]


def drawings(count: int = 120, side: int = 28, ground: int = 0, seed: int = 0) -> Array:
    """uint8 [count, side, side]: a bar at a random place on `ground`."""
    rng = np.random.default_rng(seed)
    images = np.full((count, side, side), ground, np.uint8)
    for image in images:
        row = rng.integers(2, side - 4)
        image[row : row + 2, 3 : rng.integers(5, side - 3)] = 255 - ground
    return images


def encoded(image: Array | Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def pngs(count: int = 120, folders: Sequence[str] = (), **options: Any) -> list[tuple[str, bytes]]:
    """(name, PNG) pairs, spread over `folders`."""
    names = [f"{index:04}.png" for index in range(count)]
    if folders:
        names = [f"{folders[index % len(folders)]}/{name}" for index, name in enumerate(names)]
    return list(zip(names, map(encoded, drawings(count, **options)), strict=True))


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG file whose header announces another size."""
    header = struct.pack(">4sII5B", b"IHDR", width, height, 8, 0, 0, 0, 0)
    data = encoded(drawings(1)[0])
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def blank_pages(count: int) -> list[tuple[str, bytes]]:
    """Large pages of next to no bytes."""
    page = encoded(Image.new("1", (4096, 4096)))
    return [(f"{index}.png", page) for index in range(count)]


def zipped(files: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def idx(array: Array) -> bytes:
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def idx_files(train: int = 30, test: int = 20) -> dict[str, bytes]:
    """The four raw files of a small MNIST, by name."""
    files = {}
    for part, count in (("train", train), ("t10k", test)):
        files[f"{part}-images-idx3-ubyte"] = idx(drawings(count))
        files[f"{part}-labels-idx1-ubyte"] = idx(np.arange(count) % 10)
    return files


def write_raw(data_dir: Path, folder: str = "MNIST", packed: bool = False, **counts: int) -> Path:
    raw = data_dir / folder / "raw"
    raw.mkdir(parents=True)
    for name, data in idx_files(**counts).items():
        if packed:
            (raw / f"{name}.gz").write_bytes(gzip.compress(data))
        else:
            (raw / name).write_bytes(data)
    return raw
