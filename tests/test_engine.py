"""The engine with real worker processes: a killed worker, and a worker that somebody else started."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future as Promise
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aelib import datasets
from aelib.config import InvalidInput, Knobs, RunConfig
from aelib.engine import Engine
from aelib.runs import Runs, Store
from aelib.training import advance, init, prepare
from tests.runs.waiting import wait_for, wait_for_rest

CONFIG = RunConfig(dataset="digits", widths=(64,), code_size=8, corruption="masking", batch_size=64, epochs=8)


@pytest.fixture(scope="module")
def embedded() -> Iterator[Engine]:
    engine = Engine.start()
    yield engine
    engine.close()


def promise(engine: Engine) -> Promise[Engine]:
    kept: Promise[Engine] = Promise()
    kept.set_result(engine)
    return kept


def test_the_engine_trains_what_a_plain_loop_trains(embedded: Engine, home: Path) -> None:
    run = Runs(promise(embedded), home).create(replace(CONFIG, epochs=1), "me", train=True)
    view = wait_for(run, lambda view: view.status == "finished")
    wait_for_rest(run)
    stored = Store(home).load(run.id).state

    digits = datasets.load("digits")
    data = prepare(digits)
    state, _ = advance(init(run.config, data), data, Knobs.of(run.config), view.step)
    assert all(np.array_equal(stored.arrays[name], state.arrays[name]) for name in state.arrays)


def test_a_killed_worker_costs_time_but_changes_nothing(embedded: Engine, home: Path) -> None:
    runs = Runs(promise(embedded), home)
    undisturbed = runs.create(CONFIG, "me", train=True)
    wait_for(undisturbed, lambda view: view.status == "finished")
    disturbed = runs.create(CONFIG, "me", train=True)
    wait_for(disturbed, lambda view: view.step > 100)
    for pid in embedded.worker_pids():
        os.kill(pid, signal.SIGKILL)
    wait_for(disturbed, lambda view: view.status == "finished")
    wait_for_rest(undisturbed)
    wait_for_rest(disturbed)
    a, b = (Store(home).load(run.id).state for run in (undisturbed, disturbed))
    assert a.step == b.step
    assert all(np.array_equal(a.arrays[name], b.arrays[name]) for name in a.arrays)


def test_the_embedded_engine_listens_on_this_machine_only(embedded: Engine) -> None:
    assert set(embedded.addresses()) == {"127.0.0.1"}


def test_a_worker_started_elsewhere_trains_a_run(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scheduler = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
        ],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert scheduler.stderr is not None
        lines = iter(scheduler.stderr.readline, "")
        address = next(match[0] for line in lines if (match := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
        # Its own data folder is empty: data come as an argument.
        environment = {**os.environ, "AELIB_DATA_DIR": str(tmp_path), "PYTHONPATH": str(Path.cwd())}
        worker = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"],
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        try:
            monkeypatch.setenv("AELIB_SCHEDULER", address)
            engine = Engine.start()
            run = Runs(promise(engine), home).create(replace(CONFIG, epochs=1), "me", train=True)
            assert wait_for(run, lambda view: view.status == "finished").step > 0
            assert worker.poll() is None
            engine.close()
        finally:
            worker.terminate()
            worker.wait(20)
    finally:
        scheduler.terminate()
        scheduler.wait(20)


@pytest.mark.parametrize(
    "address", ["nonsense", "http://127.0.0.1:1", "tcp://", "tcp://127.0.0.1:1", "tcp://127.0.0.1:x"]
)
def test_a_wrong_scheduler_is_named_in_one_sentence(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AELIB_SCHEDULER", address)
    monkeypatch.setattr("aelib.engine.CONNECT_SECONDS", 1)
    began = time.monotonic()
    with pytest.raises(InvalidInput, match="^AELIB_SCHEDULER: "):
        Engine.start()
    assert time.monotonic() - began < 30
