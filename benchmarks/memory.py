"""How much memory training needs, against the estimate by which a run too large is refused; and how much a server
takes, and gives back, for somebody who starts a hundred large runs."""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from aelib.datasets import Dataset
from aelib.host import limits
from aelib.spec.config import Knobs, RunConfig
from aelib.train import hardware, slices
from benchmarks.measuring import Table, resident
from benchmarks.unfriendly import LargeRuns
from benchmarks.visitor import Visitor
from tests.e2e.server import Server, served

LARGE_RUNS = 100
# How long the tabs are open, how long after they were closed is looked again, and over how long a rate is taken.
CROWD_SECONDS, AFTER_SECONDS, RATE_SECONDS = 90.0, 60.0, 10.0

NETWORKS: dict[str, dict[str, Any]] = {
    "dense 4096-2048, batch 64": {"widths": (4096, 2048), "batch_size": 64},
    "dense 2048-2048-1024, batch 4,096": {"widths": (2048, 2048, 1024), "batch_size": 4096},
    "dense 512-256, batch 4,096": {"widths": (512, 256), "batch_size": 4096},
    "convolution and pooling 32-32": {"family": "conv-pool", "widths": (32, 32)},
    "the same in float32": {"family": "conv-pool", "widths": (32, 32), "precision": "float32"},
    "strided convolution 64-64, batch 128": {"family": "conv-stride", "widths": (64, 64), "batch_size": 128},
    "convolution in, dense out 64-64": {"family": "conv-dense", "widths": (64, 64), "batch_size": 128},
    "contractive, deep, batch 2,048": {"widths": (512, 256), "batch_size": 2048, "regularizer": "contractive"},
}


def measure() -> Table:
    table = Table(
        "Memory that training needs",
        "Megabytes by which the resident set of a fresh process grows with two slices and a look, beside torch and "
        "data, and the estimate (`aelib.host.limits.megabytes`) that is compared with AELIB_MAX_MEMORY.",
        ("network", "needed", "estimate", "estimate : needed"),
    )
    for name, settings in NETWORKS.items():
        config = RunConfig(dataset="noise", **settings)
        # A process each: what one of them kept would be missing from the next one's growth.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
            needed = process.submit(growth, config).result()
        estimate = limits.megabytes(config)
        table.add(name, f"{needed:,.0f}", f"{estimate:,.0f}", f"{estimate / needed:.1f}")
    return table


def measure_crowd() -> Table:
    table = Table(
        f"{LARGE_RUNS} large runs of one visitor",
        "Resident megabytes of the server and of its training processes, and steps a second of another visitor's run "
        f"of vanilla-64: before {LARGE_RUNS} tabs of one browser each start a run of two layers of 1,024 units and a "
        f"code of 512; in the last ten of {CROWD_SECONDS:.0f} seconds for which they are open, with the most memory "
        "until then; and a minute after.",
        ("when", "server", "training processes", "another's steps a second"),
    )
    with served() as server:
        asyncio.run(_crowd(server, table))
    return table


async def _crowd(server: Server, table: Table) -> None:
    async with Visitor(server.url) as other:
        await other.open(recipe="vanilla-64", epochs="500")
        await other.press("train")
        await other.wait_for_step(1_000)
        await asyncio.sleep(RATE_SECONDS)
        _note(table, "before", resident(server.pid), other)
        async with LargeRuns(server.url, LARGE_RUNS):
            end, peak = time.monotonic() + CROWD_SECONDS, (0.0, 0.0)
            while time.monotonic() < end:
                await asyncio.sleep(1)
                peak = max(peak, resident(server.pid), key=sum)
            _note(table, "meanwhile (memory: the peak)", peak, other)
        await asyncio.sleep(AFTER_SECONDS)
        _note(table, "a minute after the tabs were closed", resident(server.pid), other)


def _note(table: Table, when: str, megabytes: tuple[float, float], other: Visitor) -> None:
    since = time.monotonic() - RATE_SECONDS
    recent = [sight for sight in other.sights if sight.moment > since]
    rate = (recent[-1].step - recent[0].step) / RATE_SECONDS if recent else 0.0
    server, workers = megabytes
    table.add(when, f"{server:,.0f}", f"{workers:,.0f}", f"{rate:,.0f}")


def growth(config: RunConfig) -> float:
    """Megabytes by which this process has to grow to train `config`."""
    hardware.settle_process()
    images = np.random.default_rng(0).integers(0, 255, (5_000, 28, 28), np.uint8)
    labels = np.zeros(len(images), np.int64)
    data = slices.load_data(Dataset("noise", "", "", images, labels, images[:1_000], labels[:1_000], ("all",)))
    _train(RunConfig(dataset="noise", widths=(16,)), data)
    before = _peak()
    _train(config, data)
    return _peak() - before


def _train(config: RunConfig, data: Any) -> None:
    knobs = Knobs.of(config)
    link = slices.first_slice(config, data, knobs)
    for _ in range(2):
        link = slices.next_slice(link, data, knobs, 1)
    slices.measure(link, data, knobs, None)


def _peak() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in kilobytes, macOS in bytes.
    return most / 1024 if sys.platform == "linux" else most / 2**20
