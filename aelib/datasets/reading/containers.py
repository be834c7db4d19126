"""Files in zip and tar archives, in compressed files, in folders and in uploads. Nothing is ever unpacked to disk.

A `Source` is a name and a way to get the bytes; names and announced sizes are looked at before anything is read.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import itertools
import lzma
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as Place

from aelib.datasets.bounds import DEEPEST, MOST_BYTES, MOST_FILES, Budget, Refused, Unusable, shown
from aelib.datasets.reading.kinds import kind_of
from aelib.datasets.reading.names import Path, decoded_names, is_system_file, path_of, stem

_CENTRAL_ENTRY = b"PK\1\2"
_UNICODE_PATH = 0x7075
_XZ_MEMORY = 100_000_000


@dataclass(frozen=True)
class Source:
    """A file that is there. `read` raises `Unusable`."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True)
class File:
    """A file that is no archive: where it lies, what it is (see `kind_of`), and its bytes."""

    path: Path
    kind: str
    data: bytes


@dataclass
class Said:
    """What is to be told: sentences, and clauses about what was left out."""

    notes: list[str]
    left_out: list[str]

    def note(self, sentence: str) -> None:
        """Tells a sentence once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


def files_in(sources: Iterator[Source], budget: Budget, said: Said, above: Path = (), depth: int = 0) -> Iterator[File]:
    """All files in `sources` and in the archives among them, in the order of their names. Raises `Refused`."""
    known: dict[Path, Source] = {}
    for source in sources:
        try:
            path = path_of(source.name)
            if is_system_file(path):
                continue
            if path in known:
                raise Unusable("is a duplicate")
            known[path] = source
        except Unusable as reason:
            said.left_out.append(f"{shown(source.name)} {reason}")
    for path in sorted(known):
        try:
            yield from _opened(known.pop(path).read(), (*above, *path), budget, said, depth)
        except Unusable as reason:
            said.left_out.append(f"{shown(path[-1])} {reason}")


def _opened(data: bytes, path: Path, budget: Budget, said: Said, depth: int) -> Iterator[File]:
    kind = kind_of(data)
    if kind in ("zip", "tar", *_DECOMPRESSORS) and depth >= DEEPEST:
        raise Unusable("is an archive too deep in other archives")
    inside = (*path[:-1], stem(path[-1]))
    if kind == "zip":
        with opened_zip(data, budget) as archive:
            yield from files_in(in_zip(archive, said), budget, said, inside, depth + 1)
    elif kind == "tar":
        yield from files_in(in_tar(data, budget), budget, said, inside, depth + 1)
    elif kind in _DECOMPRESSORS:
        plain = (*path[:-1], path[-1].rpartition(".")[0] or path[-1])
        yield from _opened(_decompressed(data, kind, budget), plain, budget, said, depth + 1)
    else:
        yield File(path, kind, data)


def opened_zip(data: bytes, budget: Budget) -> zipfile.ZipFile:
    """The archive in `data`, its directory checked: number of files, size unpacked, no passwords. Raises `Unusable`
    or, for too much, `Refused`."""
    # Before zipfile makes an object of every entry: this many entries at most can be in there.
    if data.count(_CENTRAL_ENTRY) > 2 * MOST_FILES:
        raise Refused(f"an archive of at most {MOST_FILES:,} files")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - a forged directory makes zipfile raise many things besides BadZipFile.
        raise Unusable("is a damaged zip archive") from None
    infos = archive.infolist()
    budget.take_files(len(infos))
    budget.take_bytes(sum(info.file_size for info in infos))
    if any(info.flag_bits & 1 for info in infos):
        raise Unusable("is protected by a password")
    return archive


def in_zip(archive: zipfile.ZipFile, said: Said) -> Iterator[Source]:
    infos = [info for info in archive.infolist() if info.filename and not info.is_dir()]
    # Names that do not say that they are UTF-8 were decoded as code page 437, which every byte has a place in.
    plain = [info for info in infos if not info.flag_bits & 0x800]
    names, encoding = decoded_names([info.filename.encode("cp437", "replace") for info in plain])
    decoded = {id(info): name for info, name in zip(plain, names, strict=True)}
    if encoding != "utf-8":
        said.note(f"The archive does not say how its file names are encoded; they were read as {encoding.upper()}.")
    for info in infos:
        name = _unicode_path(info) or decoded.get(id(info), info.filename)
        yield Source(name, lambda info=info: zip_member(archive, info))  # type: ignore[misc]


def _unicode_path(info: zipfile.ZipInfo) -> str:
    """The name in the extra field that some programs write besides ("Info-ZIP Unicode Path"), or ""."""
    extra = info.extra
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "ignore").partition("\0")[0]
        extra = extra[4 + size :]
    return ""


def zip_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The contents, never more than the directory announced. Raises `Unusable`."""
    # LZMA would let a file ask for gigabytes of dictionary.
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unusable("is packed by an unusual method")
    try:
        with archive.open(info) as stream:
            return stream.read(info.file_size + 1)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - as above.
        raise Unusable("cannot be unpacked") from None


def in_tar(data: bytes, budget: Budget) -> Iterator[Source]:
    """The regular files of a tar archive; links and devices are passed over."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for member in archive:
                budget.take_files()
                if member.isreg() and not member.issparse():
                    start, end = member.offset_data, member.offset_data + member.size
                    # Nothing is unpacked: a member is a part of `data`.
                    yield Source(member.name, lambda start=start, end=end: data[start:end])  # type: ignore[misc]
    except (Refused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - as above.
        raise Unusable("is a damaged tar archive") from None


def _decompressed(data: bytes, kind: str, budget: Budget) -> bytes:
    whole = io.BytesIO()
    try:
        with _DECOMPRESSORS[kind](data) as stream:
            while part := stream.read(2**20):
                budget.take_bytes(len(part))
                whole.write(part)
    except (Refused, MemoryError):
        raise
    except Exception:  # noqa: BLE001 - as above.
        raise Unusable("cannot be unpacked") from None
    return whole.getvalue()


class _Xz(io.RawIOBase):
    """A stream of what `data` holds; lzma's own file object knows no limit of memory."""

    def __init__(self, data: bytes) -> None:
        self._data: bytes | memoryview = data
        self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int = -1) -> bytes:
        while not self._decompressor.eof:
            part = self._decompressor.decompress(self._data, size)
            self._data = b""
            if part:
                return part
            if self._decompressor.needs_input:
                raise EOFError
        return b""


_DECOMPRESSORS: dict[str, Callable[[bytes], gzip.GzipFile | bz2.BZ2File | _Xz]] = {
    "gzip": lambda data: gzip.GzipFile(fileobj=io.BytesIO(data)),
    "bzip2": lambda data: bz2.BZ2File(io.BytesIO(data)),
    "xz": _Xz,
}


def in_folder(folder: Place, budget: Budget) -> Iterator[Source]:
    """All files below `folder`. Links are not followed: they may lead anywhere, in circles too."""
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            budget.take_files()
            path = Place(parent, name)
            relative = path.relative_to(folder).as_posix()
            yield Source(relative, lambda path=path: _charged(path, budget))  # type: ignore[misc]


def sizes_in_folder(folder: Place) -> Iterator[int]:
    """The sizes in bytes of the files below `folder`, as far as they may be read."""
    below = (Place(parent, name) for parent, _, names in os.walk(folder) for name in names)
    for path in itertools.islice(below, MOST_FILES):
        with contextlib.suppress(OSError):
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                yield status.st_size


def _charged(path: Place, budget: Budget) -> bytes:
    data = file_bytes(path)
    # Images are dropped as soon as they are decoded, so that a folder may hold more of them than memory.
    if kind_of(data) != "image":
        budget.take_bytes(len(data))
    return data


def file_bytes(path: Place) -> bytes:
    """The contents of a regular file of supported size. Raises `Unusable`."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            raise Unusable("is a symbolic link")
        if not stat.S_ISREG(status.st_mode):
            raise Unusable("is not a file")
        if status.st_size > MOST_BYTES:
            raise Unusable(f"is larger than {MOST_BYTES // 10**6} MB")
        # Below /proc there are files without a size whose reading has no end.
        if not status.st_size:
            raise Unusable("is empty")
        with open(path, "rb") as stream:
            return stream.read(MOST_BYTES)
    except OSError as error:
        raise Unusable(f"cannot be read ({error.strerror})") from None


def in_upload(files: Sequence[tuple[str, bytes]], budget: Budget) -> Iterator[Source]:
    budget.take_files(len(files))
    for name, data in files:
        yield Source(name, lambda data=data: data)  # type: ignore[misc]
