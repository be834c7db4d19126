"""Shared by all tests: an engine without processes of its own, and a home that is thrown away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Future as Promise
from pathlib import Path

import hypothesis
import pytest

from aelib.cluster.engine import Engine
from aelib.runs import Runs

# How long an example takes depends on what else the machine does.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

# Tests share two cores with the engine that they start.
os.environ.setdefault("AELIB_THREADS", "1")


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    engine = Engine.in_process()
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def promised_engine(engine: Engine) -> Promise[Engine]:
    promise: Promise[Engine] = Promise()
    promise.set_result(engine)
    return promise


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AELIB_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def runs(promised_engine: Promise[Engine], home: Path) -> Iterator[Runs]:
    """The runs of a server, which leave nothing for the engine to do: other tests ask it, too."""
    runs = Runs(promised_engine, home)
    yield runs
    runs.rest()


@pytest.fixture
def mnist_dir() -> Path:
    """The folder with real MNIST (AELIB_DATA_DIR); the test is skipped where there is none."""
    folder = Path(os.environ.get("AELIB_DATA_DIR", ""))
    if not (folder / "MNIST").is_dir():
        pytest.skip("needs MNIST in AELIB_DATA_DIR")
    return folder
