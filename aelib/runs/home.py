"""The folder of runs and uploads: of this user alone, and of one server at a time."""

from __future__ import annotations

import stat
from pathlib import Path

from filelock import FileLock, Timeout

LOCK = ".lock"
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class InUse(Exception):
    """Another server has the folder; the message is one sentence for the user."""

    def __init__(self) -> None:
        super().__init__(
            "Another server is using this folder of runs: stop that one, or start this one with another AELIB_HOME."
        )


def occupy(home: Path) -> FileLock:
    """Makes the folder if need be, closes it to other users of the machine, and locks it until the process ends.

    The ids of runs, which are their names there, let whoever knows them see and steer the runs. Raises `InUse`, and
    `OSError` for a folder that cannot be written.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if stat.S_IMODE(home.stat().st_mode) & OTHERS:
        home.chmod(0o700)
    lock = FileLock(home / LOCK, mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise InUse from None
    return lock
