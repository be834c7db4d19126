"""Training beside programs that never rest: how much is left of the fair share."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psutil
from dask.system import CPU_COUNT

from aelib import datasets
from aelib.cluster.worker import NICENESS
from aelib.host.cores import wait_briefly
from aelib.runs import Runs
from aelib.spec.config import RunConfig
from aelib.train import hardware
from aelib.train.loop import trained
from aelib.train.resident import Data
from aelib.train.trainer import prepare
from benchmarks.measuring import Table, end, environment, started_runs

RECIPES_MEASURED = ("vanilla-64", "conv-pool", "fully-conv")
NEIGHBOURS = (0, 1, 3)
SETTLING_SECONDS, TURN_SECONDS = 2.0, 3.0
LONG = 10**7
GOAL = 0.8
# A turn in which programs that are none of ours took more of a core than this is measured again, so often at most.
STRANGERS, TRIES = 0.1, 3


def measure() -> Table:
    """Every recipe, beside every number of neighbours, on the command line and on the engine, with a fixed number of
    threads and with one that follows what is free; in turn."""
    from aelib.spec.recipes import RECIPES

    everything, all_but_one = str(CPU_COUNT), str(max(1, CPU_COUNT - 1))
    table = Table(
        "Training beside others",
        f"Pictures a second on {CPU_COUNT} cores, each beside so many busy loops of the same priority, "
        f"{TURN_SECONDS:.0f} s after {SETTLING_SECONDS:.0f} s of settling. Fixed: all cores on the command line "
        f"({everything}), all but one on the engine ({all_but_one}). Following: as many threads as cores are free. In "
        "brackets the share of the fair share, which is cores / (cores + neighbours) of the faster of the two with no "
        "neighbours: what a program gets whose threads, one a core, take turns with the others and never wait for each "
        f"other. Goal of following: {GOAL:.0%} beside others, 98 % of fixed alone. (One thread among three neighbours "
        "has half a core: it cannot have more than that.)",
        ("recipe", "neighbours", "command line, fixed", "following", "engine, fixed", "following"),
    )
    disturbed = 0.0
    wait_briefly()
    hardware.settle_process()
    dataset = datasets.load(datasets.default_name())
    data = prepare(dataset)
    with (
        environment(AELIB_THREADS=all_but_one),
        started_runs() as (_, fixed_runs),
        environment(AELIB_THREADS=None),
        started_runs() as (_, runs),
    ):
        for name in RECIPES_MEASURED:
            config = replace(RECIPES[name].config, dataset=dataset.name, epochs=500)
            alone: list[float] = []
            for count in NEIGHBOURS:
                # What runs on the engine has the priority of its workers.
                with neighbours(count, 0):
                    turns = [undisturbed(on_command_line, config, data, threads) for threads in (everything, None)]
                with neighbours(count, NICENESS):
                    turns += [undisturbed(on_engine, config, engine) for engine in (fixed_runs, runs)]
                rates = [rate for rate, _ in turns]
                disturbed = max(disturbed, *(strangers for _, strangers in turns))
                alone = alone or rates
                fair = [max(alone[:2])] * 2 + [max(alone[2:])] * 2
                shares = [
                    rate / best / (CPU_COUNT / (CPU_COUNT + count)) for rate, best in zip(rates, fair, strict=True)
                ]
                cells = (f"{rate:,.0f} ({share:.0%})" for rate, share in zip(rates, shares, strict=True))
                table.add(name, str(count), *cells)
    table.words += f" Other programs took up to {disturbed:.2f} of a core meanwhile."
    return table


def undisturbed(way: Callable[..., float], *arguments: object) -> tuple[float, float]:
    """(its rate, what of a core other programs took meanwhile), of the try that was disturbed least."""
    tries: list[tuple[float, float]] = []
    while len(tries) < TRIES and (not tries or tries[-1][1] > STRANGERS):
        began, before = time.perf_counter(), strangers_seconds()
        rate = way(*arguments)
        tries.append((rate, max(0.0, strangers_seconds() - before) / (time.perf_counter() - began)))
    return min(tries, key=lambda one: one[1])


def strangers_seconds() -> float:
    """Processor time that all programs have had so far, but for this one and those that it started."""
    times, me = psutil.cpu_times(), psutil.Process()
    everybody: float = sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0)
    ours = 0.0
    for process in (me, *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            used = process.cpu_times()
            ours += used.user + used.system
    return everybody - ours


def on_command_line(config: RunConfig, data: Data, threads: str | None) -> float:
    """Images a second of a run in this process."""
    with environment(AELIB_THREADS=threads):
        landings = []
        began = time.perf_counter()
        for link in trained(config, data, LONG):
            now = time.perf_counter()
            if now > began + SETTLING_SECONDS:
                landings.append((now, link.state.step))
            if now > began + SETTLING_SECONDS + TURN_SECONDS and len(landings) > 1:
                break
    return _rate(landings, config)


def on_engine(config: RunConfig, runs: Runs) -> float:
    """Images a second of a run as the app trains it."""
    run = runs.create(config, "benchmark", train=True)
    landings: list[tuple[float, int]] = []
    began = time.perf_counter()
    while (now := time.perf_counter()) < began + SETTLING_SECONDS + TURN_SECONDS or len(landings) < 2:
        run.touch()
        step = run.summary().step
        if now > began + SETTLING_SECONDS and (not landings or step > landings[-1][1]):
            landings.append((now, step))
        time.sleep(0.01)
    end(runs, run)
    # The first was not seen landing.
    return _rate(landings[1:] if len(landings) > 2 else landings, config)


def _rate(landings: list[tuple[float, int]], config: RunConfig) -> float:
    (began, first), (ended, last) = landings[0], landings[-1]
    return (last - first) * config.batch_size / (ended - began)


@contextmanager
def neighbours(count: int, niceness: int) -> Iterator[None]:
    """So many programs that never rest."""
    loop = f"import os; os.nice({niceness})\nwhile True: pass"
    busy = [subprocess.Popen([sys.executable, "-c", loop]) for _ in range(count)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()
