"""What the benchmarks share: tables, medians, runs without a browser, and the machine they ran on."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future as Promise
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
import torch

from aelib.cluster.engine import Engine
from aelib.runs import Run, Runs
from aelib.train import hardware

# A viewer looks this often.
TICK = 0.25


@dataclass
class Table:
    """A table of RESULTS.md, with what it says in words."""

    title: str
    words: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append(cells)
        print("  ".join(cells), flush=True)

    def markdown(self) -> str:
        lines = [self.head, tuple("---" for _ in self.head), *self.rows]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return f"## {self.title}\n\n{self.words}\n\n{table}\n"


def medians(rounds: Sequence[Sequence[float]]) -> list[float]:
    """The median of each column; a row is a round in which everything was measured once, in turn."""
    return [float(value) for value in np.median(np.array(rounds), axis=0)]


def quantiles(waits: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return float(np.median(waits)), float(np.percentile(waits, 95))


@contextmanager
def environment(**variables: str | None) -> Iterator[None]:
    """Environment variables, for as long as it lasts; None: not set."""
    before = dict(os.environ)
    for name, value in variables.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def started_runs() -> Iterator[tuple[Engine, Runs]]:
    """The engine that the environment asks for, and runs on it whose home is thrown away."""
    engine = Engine.start()
    promise: Promise[Engine] = Promise()
    promise.set_result(engine)
    with tempfile.TemporaryDirectory() as home:
        runs = Runs(promise, Path(home))
        try:
            yield engine, runs
        finally:
            runs.close()


def rest(run: Run) -> None:
    """Pauses a run and waits until nothing of it is on its way."""
    run.pause()
    while not run.resting:
        time.sleep(0.05)


def end(runs: Runs, run: Run) -> None:
    """Waits until a run rests, and deletes it."""
    rest(run)
    runs.delete(run.id)


def resident(pid: int) -> tuple[float, float]:
    """Megabytes of a server and of its training processes."""
    server = psutil.Process(pid)
    processes = (server, *server.children(recursive=True))
    own, *others = (process.memory_info().rss / 2**20 for process in processes)
    return own, sum(others)


def machine() -> str:
    capabilities = torch.cpu.get_capabilities()
    formats = ", ".join(name for name in ("avx2", "avx512_bf16", "amx_bf16") if capabilities.get(name))
    return (
        f"{capabilities.get('cpu_name', platform.processor())}, {capabilities['num_logical_cores']} cores ({formats}), "
        f"{hardware.device().type}, {platform.system()}, Python {platform.python_version()}, torch {torch.__version__}"
    )
