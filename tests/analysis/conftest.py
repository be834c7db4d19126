"""These tests ask on the spot what the engine is asked in the app, with an engine's share of threads."""

from __future__ import annotations

import pytest

from aelib.train import hardware


@pytest.fixture(scope="session", autouse=True)
def settled() -> None:
    hardware.settle_process()
