"""MNIST, KMNIST and FashionMNIST on disk: torchvision's `NAME/raw/*-ubyte`, checked before they are used.

The files are in LeCun's idx format (http://yann.lecun.com/exdb/mnist/): a magic number that gives type and number of
dimensions, the dimensions as big-endian 32-bit integers, then one byte an element.
"""

from __future__ import annotations

import gzip
import os
import shutil
import struct
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from aelib.datasets import places
from aelib.datasets.dataset import Dataset
from aelib.datasets.vision import import_torchvision
from aelib.host.files import replacing
from aelib.spec.fields import InvalidInput
from aelib.spec.images import IMAGE_SIDE


@dataclass(frozen=True)
class Collection:
    """A data set that torchvision knows: `folder` is the name of its class there, and of its folder on disk."""

    name: str
    folder: str
    title: str
    source: str
    classes: tuple[str, ...]


COLLECTIONS = {
    collection.name: collection
    for collection in (
        Collection(
            "mnist", "MNIST", "MNIST", "Handwritten digits, Y. LeCun, C. Cortes and C. Burges 1998", tuple("0123456789")
        ),
        Collection(
            "kmnist",
            "KMNIST",
            "KMNIST",
            "Cursive Japanese characters, Kuzushiji-MNIST, T. Clanuwat et al. 2018, CODH",
            ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        ),
        Collection(
            "fashionmnist",
            "FashionMNIST",
            "Fashion-MNIST",
            "Articles of clothing, H. Xiao et al. 2017, Zalando",
            ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
    )
}

PARTS = ("train", "t10k")
FILES = tuple(f"{part}-{kind}-ubyte" for part in PARTS for kind in ("images-idx3", "labels-idx1"))
CLASSES = 10
_MAGIC = {1: 0x0801, 3: 0x0803}


def raw_folder(collection: Collection, data_dir: Path) -> Path:
    return data_dir / collection.folder / "raw"


def place(path: Path) -> str:
    """A file or folder of raw files as visitors may read it: within the data folder, wherever that lies."""
    parts = path.parts
    return "/".join(parts[parts.index("raw", -2) - 1 :])


def torchvision_class(collection: Collection) -> Any:
    return getattr(import_torchvision().datasets, collection.folder)


def problem(collection: Collection, data_dir: Path) -> str | None:
    """Why these files cannot be used (a clause naming the file), or None. Reads headers and labels only.

    A `.gz` stands in for a file that is missing or broken; its MD5 is compared when it is unpacked.
    """
    raw = raw_folder(collection, data_dir)
    for part in PARTS:
        counts = []
        for kind, dimensions in (("images-idx3", 3), ("labels-idx1", 1)):
            file = raw / f"{part}-{kind}-ubyte"
            trouble, count = _structure(file, dimensions)
            if trouble:
                packed_trouble, count = _structure(packed(file), dimensions)
                if packed_trouble:
                    return packed_trouble if packed(file).exists() and not file.exists() else trouble
            counts.append(count)
        if counts[0] != counts[1]:
            return f"in {place(raw)} there are {counts[0]:,} {part} images but {counts[1]:,} labels"
    return None


def file_problem(file: Path) -> str | None:
    """Why one raw file (or its .gz) is broken, or None."""
    return _structure(file, 3 if "idx3" in file.name else 1)[0]


def packed(file: Path) -> Path:
    return file.with_name(file.name + ".gz")


def _structure(file: Path, dimensions: int) -> tuple[str | None, int]:
    """(what is wrong or None, number of elements in the first dimension) of an idx file, plain or gzipped."""
    try:
        if not file.is_file():
            return f"{place(file)} is missing", 0
        return _looked_into(file, dimensions, places.fingerprint(file))
    except (OSError, EOFError, zlib.error) as error:
        return f"{place(file)} cannot be read ({getattr(error, 'strerror', None) or error})", 0


@lru_cache(maxsize=128)
def _looked_into(file: Path, dimensions: int, _fingerprint: object) -> tuple[str | None, int]:
    """See `_structure`. A page asks for every data set whenever it is drawn: a file is read again only when it has
    changed."""
    with _opened(file) as stream:
        head = stream.read(4 * (1 + dimensions))
        if len(head) < 4 * (1 + dimensions):
            return f"{place(file)} is cut off", 0
        magic, count, *sides = struct.unpack(f">{1 + dimensions}I", head)
        if magic != _MAGIC[dimensions] or any(side != IMAGE_SIDE for side in sides) or not count:
            return f"{place(file)} does not hold {'28×28 images' if dimensions == 3 else 'labels'}", 0
        expected = len(head) + count * int(np.prod(sides, dtype=np.int64))
        if _unpacked_size(file) != expected % 2**32:
            return f"{place(file)} should have {expected:,} bytes and has {_unpacked_size(file):,}", 0
        if dimensions == 1 and max(stream.read(count)) >= CLASSES:
            return f"{place(file)} holds labels above {CLASSES - 1}", 0
    return None, count


def _opened(file: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(file) if file.suffix == ".gz" else open(file, "rb"))


def _unpacked_size(file: Path) -> int:
    """The size of the contents. A gzip file ends with it (RFC 1952, ISIZE, modulo 2^32): no need to unpack."""
    if file.suffix != ".gz":
        return file.stat().st_size
    with open(file, "rb") as stream:
        stream.seek(-4, os.SEEK_END)
        return int.from_bytes(stream.read(4), "little")


def has_md5(file: Path, md5: str) -> bool:
    return bool(import_torchvision().datasets.utils.check_integrity(file, md5))


def unpack(file: Path, md5: str) -> None:
    """Makes `file` from its `.gz`, whole or not at all. Raises ValueError saying why not, OSError if it can't write."""
    archive = packed(file)
    if not has_md5(archive, md5):
        raise ValueError(f"the MD5 of {place(archive)} differs")
    with replacing(file, private=False) as target:
        try:
            with gzip.open(archive) as source:
                shutil.copyfileobj(source, target)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(f"{place(archive)} cannot be unpacked ({error})") from None
    trouble = file_problem(file)
    if trouble:
        file.unlink()
        raise ValueError(trouble)


def load(collection: Collection, data_dir: Path) -> Dataset:
    """The data set, its files checked. Raises `InvalidInput` saying which file is missing or broken, and the remedy."""
    raw = raw_folder(collection, data_dir)
    trouble = problem(collection, data_dir)
    if trouble is None:
        try:
            if any(file_problem(raw / file) for file in FILES):
                for url, md5 in torchvision_class(collection).resources:
                    file = raw / Path(url).stem
                    if file_problem(file):
                        unpack(file, md5)
        except ValueError as error:
            trouble = str(error)
        except OSError as error:
            trouble = f"{place(raw)} cannot be written ({error.strerror}), and its .gz files need unpacking"
    if trouble is not None:
        remedy = (
            f"get it with “python -m aelib data fetch {collection.name}” or put its four files into {place(raw)} in "
            "the data folder, AELIB_DATA_DIR"
        )
        raise InvalidInput("dataset", collection.name, f"a data set whose files are here ({trouble}; {remedy})")
    return Dataset(
        name=collection.name,
        title=collection.title,
        source=collection.source,
        train_images=_images(raw / FILES[0]),
        train_labels=_labels(raw / FILES[1]),
        test_images=_images(raw / FILES[2]),
        test_labels=_labels(raw / FILES[3]),
        classes=collection.classes,
    )


# torchvision would read these files, too, but importing it takes seconds, and a page needs the images at once.
def _images(file: Path) -> np.ndarray:
    return np.fromfile(file, np.uint8, offset=16).reshape(-1, IMAGE_SIDE, IMAGE_SIDE)


def _labels(file: Path) -> np.ndarray:
    return np.fromfile(file, np.uint8, offset=8).astype(np.int64)
