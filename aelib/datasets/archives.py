"""Where image files come from: a zip archive, a folder, an upload. Nothing is ever unpacked to disk.

A `Source` is a name and a way to get the bytes; names are looked at before anything is read.
"""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aelib.datasets.pictures import Unusable

MOST_FILES = 100_000
# 70,000 images of 28×28 as 64-bit numbers are 439 MB.
MOST_BYTES = 450_000_000
_CENTRAL_ENTRY = b"PK\1\2"


class Refused(Exception):
    """The whole input cannot be used; the message completes the sentence "allowed is …"."""


@dataclass(frozen=True)
class Source:
    """A file that may be an image. `read` raises `Unusable`."""

    name: str
    read: Callable[[], bytes]


def is_zip(data: bytes) -> bool:
    return data.startswith((b"PK\3\4", b"PK\5\6"))


def opened_zip(data: bytes) -> zipfile.ZipFile:
    """The archive in `data`, its directory checked: number of files, size unpacked, no passwords. Raises `Refused`."""
    # Before zipfile makes an object of every entry: this many entries at most can be in there.
    if data.count(_CENTRAL_ENTRY) > 2 * MOST_FILES:
        raise Refused(f"an archive of at most {MOST_FILES:,} files")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - a forged directory makes zipfile raise many things besides BadZipFile.
        raise Refused("a whole, readable zip archive") from None
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise Refused(f"an archive of at most {MOST_FILES:,} files, and this one has {len(infos):,}")
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise Refused(f"an archive of at most {MOST_BYTES // 10**6} MB when unpacked")
    if any(info.flag_bits & 1 for info in infos):
        raise Refused("an archive without a password")
    return archive


def zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The contents, never more than the directory announced. Raises `Unusable`."""
    # LZMA would let a file ask for gigabytes of dictionary.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unusable("is packed by an unusual method")
    try:
        with archive.open(info) as stream:
            return stream.read(info.file_size + 1)
    except Exception:  # noqa: BLE001 - as above.
        raise Unusable("cannot be unpacked") from None


def in_zip(archive: zipfile.ZipFile) -> Iterator[Source]:
    for info in archive.infolist():
        if info.filename and not info.is_dir():
            yield Source(info.filename, lambda info=info: zip_member(archive, info))  # type: ignore[misc]


def in_folder(folder: Path) -> Iterator[Source]:
    """All files below `folder`. Links are not followed: they may lead anywhere, in circles too."""
    count = 0
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            count += 1
            if count > MOST_FILES:
                raise Refused(f"a folder of at most {MOST_FILES:,} files")
            path = Path(parent, name)
            yield Source(path.relative_to(folder).as_posix(), lambda path=path: file_bytes(path))  # type: ignore[misc]


def file_bytes(path: Path) -> bytes:
    """The contents of a regular file of bearable size. Raises `Unusable`."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise Unusable("is a link")
        if not stat.S_ISREG(status.st_mode):
            raise Unusable("is no file")
        if status.st_size > MOST_BYTES:
            raise Unusable(f"is larger than {MOST_BYTES // 10**6} MB")
        with open(path, "rb") as stream:
            return stream.read(MOST_BYTES)
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None


def in_upload(files: list[tuple[str, bytes]]) -> Iterator[Source]:
    for name, data in files:
        yield Source(name, lambda data=data: data)  # type: ignore[misc]
