"""What watching costs, and how long people wait: the real app, and a real browser."""

from __future__ import annotations

import os
import time
from dataclasses import replace

from playwright.sync_api import Browser

from aelib import datasets, hardware
from aelib.config import Knobs, RunConfig
from aelib.recipes import RECIPES
from aelib.runs import Run, Runs
from aelib.training import advance, init, prepare
from aelib.ui.live.payload import Viewer
from benchmarks.measuring import TICK, Table, end, medians, quantiles, started_runs
from tests.e2e.browser import launched_browser
from tests.e2e.lab import Lab
from tests.e2e.server import Server, served

NAMES = ("vanilla-64", "multilayer-64", "denoise-256", "conv-pool", "fully-conv")
SECONDS = 8.0
ROUNDS = 10


def measure_cost() -> Table:
    """The same recipe on the engine, looked at four times a second, and as a bare loop in this process."""
    table = Table(
        "What live training costs",
        "Pictures a second of the bare loop, and of a run on the engine whose frames are packed for a viewer four "
        "times a second, with equal threads; medians of three, in turn. The browser is not part of it: it usually runs "
        "elsewhere.",
        ("recipe", "bare loop", "live", "cost"),
    )
    threads = os.environ["AELIB_THREADS"] = os.environ.get("AELIB_THREADS", "1")
    hardware.settle_process()
    dataset = datasets.load(datasets.default_name())
    data = prepare(dataset)
    with started_runs() as (_, runs):
        for name in NAMES:
            config = replace(RECIPES[name].config, dataset=dataset.name, epochs=500)

            def bare(config: RunConfig = config) -> float:
                knobs = Knobs.of(config)
                state, progress = advance(init(config, data), data, knobs, 5)
                steps = max(5, round(SECONDS / 2 * progress.steps / progress.seconds))
                _, progress = advance(state, data, knobs, steps)
                return progress.steps * config.batch_size / progress.seconds

            alone, live = medians([(bare(), watched(runs, config, dataset)) for _ in range(3)])
            table.add(name, f"{alone:,.0f}", f"{live:,.0f}", f"{1 - live / alone:.1%}")
    table.words += f" Threads: {threads}."
    return table


def watched(runs: Runs, config: RunConfig, dataset: datasets.Dataset) -> float:
    run, viewer = runs.create(config, "benchmark", train=True), Viewer()
    watch(run, viewer, dataset, 3.0)
    first, began = run.view().step, time.perf_counter()
    watch(run, viewer, dataset, SECONDS)
    rate = (run.view().step - first) * config.batch_size / (time.perf_counter() - began)
    end(runs, run)
    return rate


def watch(run: Run, viewer: Viewer, dataset: datasets.Dataset, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        run.touch()
        viewer.payload(run.view(), dataset)
        time.sleep(TICK)


def measure_waiting() -> Table:
    """From a click to what it was made for, in a browser on this machine."""
    table = Table(
        "How long people wait",
        f"Seconds, in a headless browser on the same cores as server and engine; {ROUNDS} times each.",
        ("what", "median", "95th percentile"),
    )

    def add(what: str, waits: list[float]) -> None:
        table.add(what, *(f"{wait:.2f}" for wait in quantiles(waits)))

    with launched_browser() as browser:
        add("server start to usable page", [cold_start(browser) for _ in range(ROUNDS)])
        with served() as server:
            lab = Lab(browser.new_page(), server.url).open(recipe="vanilla-64")
            # The engine is warm once it has trained something.
            lab.train.click()
            lab.wait_for_step(500)
            lab.pause.click()
            for recipe in ("vanilla-64", "conv-pool", "fully-conv"):
                waits = [first_frame(browser, server, recipe) for _ in range(ROUNDS)]
                add(f"Train to first trained frame, {recipe}", waits)
            add("switch to another page", [page_switch(lab) for _ in range(ROUNDS)])
    return table


def cold_start(browser: Browser) -> float:
    began = time.perf_counter()
    with served() as server:
        page = browser.new_page()
        Lab(page, server.url).open(recipe="vanilla-64")
        waited = time.perf_counter() - began
        page.close()
    return waited


def first_frame(browser: Browser, server: Server, recipe: str) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    lab = Lab(context.new_page(), server.url).open(recipe=recipe)
    lab.page.wait_for_timeout(1500)
    began = time.perf_counter()
    lab.train.click()
    while lab.step() < 1:
        lab.page.wait_for_timeout(10)
    waited = time.perf_counter() - began
    lab.pause.click()
    lab.page.wait_for_timeout(1500)
    context.close()
    return waited


def page_switch(lab: Lab) -> float:
    began = time.perf_counter()
    lab.page.get_by_role("link", name="Recipes").click()
    lab.page.get_by_text("What differs is how").wait_for()
    waited = time.perf_counter() - began
    lab.page.get_by_role("link", name="Train").click()
    lab.pictures.wait_for()
    lab.page.wait_for_timeout(500)
    return waited
