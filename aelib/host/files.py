"""Files that are written as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

_ENDING = ".part"


@contextlib.contextmanager
def replacing(file: Path, *, private: bool = True) -> Iterator[IO[bytes]]:
    """A stream whose contents become `file` when the block ends well; otherwise nothing is left of them. At any moment,
    after a power cut too, either the old file is there or the new one. `private`: no other user of the machine may read
    it."""
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}{_ENDING}")
    try:
        with open(part, "xb", opener=partial(os.open, mode=0o600 if private else 0o666)) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def remove_parts(folder: Path) -> None:
    """Removes what a process that was killed has left in a folder. Nobody may be writing there."""
    for part in folder.glob(f"*{_ENDING}"):
        part.unlink(missing_ok=True)
