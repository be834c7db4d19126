from __future__ import annotations

import os
from pathlib import Path

import pytest

from aelib.datasets import own, reading


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real images; skips where there is none."""
    folder = Path(os.environ.get("AELIB_DATA_DIR", "")).absolute()
    if not (folder / "MNIST" / "raw").is_dir():
        pytest.skip("AELIB_DATA_DIR has no MNIST")
    return folder


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in this process, where bounds can be moved and hundreds are read in seconds; how the same readers
    run in a process of their own is for `test_confined.py`."""
    monkeypatch.setattr(own, "read_files", lambda files, stopped: reading.read_files(files))
    monkeypatch.setattr(own, "read_path", reading.read_path)
