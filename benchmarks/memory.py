"""How much memory training needs, against the estimate by which a run too large is refused."""

from __future__ import annotations

import multiprocessing
import resource
import sys
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from aelib import hardware, limits, slices
from aelib.config import Knobs, RunConfig
from aelib.datasets import Dataset
from benchmarks.measuring import Table

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
        "data, and the estimate (`aelib.limits.megabytes`) that is compared with AELIB_MAX_MEMORY.",
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
    slices.look(link, data, knobs, None)


def _peak() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in kilobytes, macOS in bytes.
    return most / 1024 if sys.platform == "linux" else most / 2**20
