from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with real images; skips where there is none."""
    folder = Path(os.environ.get("AELIB_DATA_DIR", "")).absolute()
    if not (folder / "MNIST" / "raw").is_dir():
        pytest.skip("AELIB_DATA_DIR has no MNIST")
    return folder
