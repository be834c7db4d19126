"""Where files lie: downloaded data sets in `data_dir()`, what users bring and make in `home()`."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from aelib.spec.fields import InvalidInput

APP = "autoencoder-lab"


def data_dir(given: str | os.PathLike[str] | None = None) -> Path:
    """The folder with torchvision's layout: `given`, else AELIB_DATA_DIR, else the user's cache folder.

    It need not exist yet. Raises `InvalidInput` if it exists and is no folder.
    """
    default = platformdirs.user_cache_path(APP, appauthor=False) / "data"
    return _folder("data-dir", given, "AELIB_DATA_DIR", default)


def home(given: str | os.PathLike[str] | None = None) -> Path:
    """The folder for uploads and runs: `given`, else AELIB_HOME, else the user's data folder. Errors as above."""
    return _folder("home", given, "AELIB_HOME", platformdirs.user_data_path(APP, appauthor=False))


def fingerprint(file: Path) -> tuple[str, int, int, int, int] | None:
    """Another one when the file has changed; None where there is none."""
    try:
        status = file.stat()
    except OSError:
        return None
    return str(file), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _folder(argument: str, given: str | os.PathLike[str] | None, variable: str, default: Path) -> Path:
    value, said_by = (os.environ.get(variable), variable) if given is None else (os.fspath(given), argument)
    if not value:
        return default
    path = os.path.abspath(os.path.expanduser(value))
    if "\0" in path or (os.path.lexists(path) and not os.path.isdir(path)):
        # Visitors read what the environment says, too, and where it lies is nothing to them.
        shown = Path(path).name if given is None else value
        raise InvalidInput(said_by, shown, "a folder, or a path where one can be made")
    return Path(path)
