"""What more worker processes bring, in the app's own engine and beside it; and whether a long run stays as it began."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
from distributed import Client

from aelib import datasets
from aelib.cluster.engine import MOST_SLICES_AT_ONCE
from aelib.cluster.worker import ONE_HEAP
from aelib.datasets import Dataset
from aelib.runs import Run, Runs
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES
from aelib.ui.components.live.payload import Viewer
from benchmarks.measuring import TICK, Table, end, environment, medians, started_runs
from tests.dask_processes import scheduler, worker

PROJECT = Path(__file__).parents[1]
CORES = os.cpu_count() or 1
WORKERS = (1, 2, 4)
NAMES = ("vanilla-64", "conv-pool")
# As many as the most workers, so that none is ever without work.
RUNS = max(WORKERS)
SETTLING_SECONDS = 2.0
SECONDS = 6.0
ROUNDS = 3
GROWTH_RECIPE = "vanilla-64"
GROWTH_SECONDS = 120.0
START_SECONDS = 60.0

Environment = Callable[[int], AbstractContextManager[None]]


def measure() -> Table:
    """Total throughput of several runs on 1, 2 and 4 workers."""
    table = Table(
        "More workers",
        f"Pictures a second of {RUNS} runs together, one thread a worker; medians of {ROUNDS}, in turn. Efficiency: as "
        "a share of what one worker does times their number, or times the number of cores where that is smaller. This "
        f"machine has {CORES} cores, which the server, the scheduler and all workers share: it cannot show more. "
        f"Embedded: the app's own engine, of which a single worker already does {MOST_SLICES_AT_ONCE} slices at once "
        "where there are cores for it. Apart: scheduler and workers in processes of their own, as for a room.",
        (
            *("recipe", "engine", "1 worker", *(f"{count} workers" for count in WORKERS[1:])),
            *(f"efficiency of {count}" for count in WORKERS[1:]),
        ),
    )
    configs = [_config(name) for name in NAMES]
    for title, place in (("embedded", embedded), ("apart", apart)):
        # [round, workers × recipes]: all in turn, so that a slow moment of the machine meets all of them.
        rounds = [[total for count in WORKERS for total in totals(configs, place, count)] for _ in range(ROUNDS)]
        by_workers = np.reshape(medians(rounds), (len(WORKERS), len(NAMES)))
        for name, rates in zip(NAMES, by_workers.T, strict=True):
            ideal = rates[0] * np.minimum(WORKERS, CORES)
            table.add(name, title, *(f"{r:,.0f}" for r in rates), *(f"{share:.0%}" for share in (rates / ideal)[1:]))
    return table


def _config(name: str) -> RunConfig:
    return replace(RECIPES[name].config, dataset=datasets.default_name(), epochs=500)


def totals(configs: list[RunConfig], environment: Environment, workers: int) -> list[float]:
    """Images a second of `RUNS` runs of each config, one config after the other."""
    with environment(workers), started_runs() as (_, runs):
        return [_total(runs, config) for config in configs]


def _total(runs: Runs, config: RunConfig) -> float:
    together = [runs.create(config, "benchmark", train=True) for _ in range(RUNS)]
    while any(run.view().step < 1 for run in together):
        _touch(together, TICK)
    _touch(together, SETTLING_SECONDS)
    first, began = _steps(together), time.perf_counter()
    _touch(together, SECONDS)
    rate = (_steps(together) - first) * config.batch_size / (time.perf_counter() - began)
    for run in together:
        end(runs, run)
    return rate


def _touch(together: list[Run], seconds: float) -> None:
    """Lets that much time pass, and no run fall asleep meanwhile."""
    for run in together:
        run.touch()
    time.sleep(seconds)


def _steps(together: list[Run]) -> int:
    return sum(run.view().step for run in together)


@contextmanager
def embedded(workers: int) -> Iterator[None]:
    """An environment in which the engine starts so many workers of its own."""
    with environment(AELIB_WORKERS=str(workers), AELIB_THREADS="1"):
        yield


@contextmanager
def apart(workers: int) -> Iterator[None]:
    """An environment that names a scheduler with so many workers, in processes of their own."""
    settings = {
        "AELIB_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(PROJECT),
        **ONE_HEAP,
        "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "inf",
    }
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(settings))
        for _ in range(workers):
            stack.enter_context(worker(address, settings))
        with Client(address, timeout=START_SECONDS) as client:
            client.wait_for_workers(workers, START_SECONDS)
        stack.enter_context(environment(AELIB_SCHEDULER=address))
        yield


@dataclass(frozen=True)
class Moment:
    """What was seen of a run at `seconds`: the server's work on a viewer's `frame`, in ms of a core,
    and memory in MB."""

    seconds: float
    step: int
    frame: float
    worker_memory: float
    server_memory: float


def measure_growth() -> Table:
    """Does a long run stay as fast and as small as it was?"""
    table = Table(
        "A long run stays as it is",
        f"{GROWTH_RECIPE}, watched for {GROWTH_SECONDS:g} s in slices of a quarter of a second, the first and the last "
        "third compared. The server is this benchmark's process, with the run's history and a viewer; the worker "
        "trains in a process of its own, with one thread. What is remembered of a run is bounded, and fills up in its "
        "first minutes.",
        ("what", "first third", "last third", "ratio"),
    )
    with embedded(1), started_runs() as (engine, runs):
        config = _config(GROWTH_RECIPE)
        run = runs.create(config, "benchmark", train=True)
        (worker,) = (psutil.Process(pid) for pid in engine.worker_pids())
        moments = watch(run, datasets.load(config.dataset), worker)
        end(runs, run)
    third = len(moments) // 3
    parts = moments[:third], moments[-third:]
    for what, measured, digits in (
        ("a step, ms", _step_ms, 3),
        ("a frame for a viewer, ms of a core", lambda part: np.median([moment.frame for moment in part]), 2),
        ("memory of the worker, MB", lambda part: np.median([moment.worker_memory for moment in part]), 0),
        ("memory of the server, MB", lambda part: np.median([moment.server_memory for moment in part]), 0),
    ):
        first, last = (measured(part) for part in parts)
        table.add(what, f"{first:.{digits}f}", f"{last:.{digits}f}", f"{last / first:.2f}")
    return table


def watch(run: Run, dataset: Dataset, worker: psutil.Process) -> list[Moment]:
    """Looks at a run four times a second, once it has settled."""
    viewer, server = Viewer(), psutil.Process()
    while run.view().step < 1:
        _touch([run], TICK)
    _touch([run], SETTLING_SECONDS)
    moments, began = [], time.perf_counter()
    while (now := time.perf_counter() - began) < GROWTH_SECONDS:
        packing = time.thread_time()
        viewer.payload(run.view(), dataset)
        frame = time.thread_time() - packing
        memory = [process.memory_info().rss / 1e6 for process in (worker, server)]
        moments.append(Moment(now, run.view().step, frame * 1e3, *memory))
        _touch([run], TICK)
    return moments


def _step_ms(part: list[Moment]) -> float:
    first, last = part[0], part[-1]
    return (last.seconds - first.seconds) * 1e3 / (last.step - first.step)
