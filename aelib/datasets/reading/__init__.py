"""Reading what people have: files, folders and archives → images, labels and notes. Plain functions of bytes and paths;
one reader a format, chosen by content."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from aelib.datasets.bounds import MOST_BYTES, Budget, Refused, Unusable
from aelib.datasets.reading.collect import collect
from aelib.datasets.reading.containers import file_bytes, in_folder, in_upload
from aelib.datasets.reading.findings import Collected

__all__ = ["Collected", "read_files", "read_path"]


def read_files(files: Sequence[tuple[str, bytes]]) -> Collected:
    """The images of (name, contents) pairs; names may have folders in them. Raises `Refused`."""
    if sum(len(data) for _, data in files) > MOST_BYTES:
        raise Refused(f"files of at most {MOST_BYTES // 10**6} MB in all")
    budget = Budget()
    return collect(in_upload(files, budget), budget)


def read_path(place: Path) -> Collected:
    """The images of a folder or a file that exists. Raises `Refused`."""
    budget = Budget()
    if stat.S_ISDIR(place.stat().st_mode):
        return collect(in_folder(place, budget), budget)
    try:
        # A link named by the user is meant; links are left out only below a folder.
        data = file_bytes(place.resolve())
    except Unusable as reason:
        raise Refused(f"a readable file, and this one {reason}") from None
    return read_files([(place.name, data)])
