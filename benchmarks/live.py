"""What watching costs, and how long people wait: the real app, and a real browser."""

from __future__ import annotations

import os
import tempfile
import time
from concurrent.futures import Future as Promise
from dataclasses import replace
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from aelib import datasets, hardware
from aelib.config import Knobs, RunConfig
from aelib.engine import Engine
from aelib.recipes import RECIPES
from aelib.runs import Run, Runs
from aelib.training import advance, init, prepare
from aelib.ui.live.payload import Viewer
from benchmarks.measuring import Table
from tests.e2e.browser import find_browser, launch_arguments
from tests.e2e.lab import Lab
from tests.e2e.server import Server

NAMES = ("vanilla-64", "multilayer-64", "denoise-256", "conv-pool", "fully-conv")
SECONDS = 8.0
TICK = 0.25
ROUNDS = 5


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
    engine = Engine.start()
    promise: Promise[Engine] = Promise()
    promise.set_result(engine)
    with tempfile.TemporaryDirectory() as home:
        runs = Runs(promise, Path(home))
        for name in NAMES:
            config = replace(RECIPES[name].config, dataset=dataset.name, epochs=500)

            def bare(config: RunConfig = config) -> float:
                knobs = Knobs.of(config)
                state, progress = advance(init(config, data), data, knobs, 5)
                steps = max(5, round(SECONDS / 2 * progress.steps / progress.seconds))
                _, progress = advance(state, data, knobs, steps)
                return progress.steps * config.batch_size / progress.seconds

            rounds = [(bare(), watched(runs, config, dataset)) for _ in range(3)]
            alone, live = (float(np.median(column)) for column in zip(*rounds, strict=True))
            table.add(name, f"{alone:,.0f}", f"{live:,.0f}", f"{1 - live / alone:.1%}")
    engine.close()
    table.words += f" Threads: {threads}."
    return table


def watched(runs: Runs, config: RunConfig, dataset: datasets.Dataset) -> float:
    run, viewer = runs.create(config, "benchmark", train=True), Viewer()
    watch(run, viewer, dataset, 3.0)
    first, began = run.view().step, time.perf_counter()
    watch(run, viewer, dataset, SECONDS)
    rate = (run.view().step - first) * config.batch_size / (time.perf_counter() - began)
    run.pause()
    while not run.resting:
        time.sleep(0.05)
    runs.delete(run.id)
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
        "Seconds, in a headless browser on the same cores as server and engine; median and longest of "
        f"{ROUNDS}, the cold start once.",
        ("what", "median", "longest"),
    )
    path = find_browser()
    assert path is not None, "a browser is needed"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=launch_arguments())
        began = time.perf_counter()
        server = Server(Path(home))
        lab = Lab(browser.new_page(), server.url).open(recipe="vanilla-64")
        cold = time.perf_counter() - began
        table.add("server start to usable page", f"{cold:.2f}", f"{cold:.2f}")
        # The engine is warm once it has trained something.
        lab.train.click()
        lab.wait_for_step(500)
        lab.pause.click()
        for recipe in ("vanilla-64", "conv-pool", "fully-conv"):
            waits = [first_frame(browser, server, recipe) for _ in range(ROUNDS)]
            table.add(f"Train to first trained frame, {recipe}", f"{np.median(waits):.2f}", f"{max(waits):.2f}")
        waits = [page_switch(lab) for _ in range(ROUNDS)]
        table.add("switch to another page", f"{np.median(waits):.2f}", f"{max(waits):.2f}")
        browser.close()
        server.stop()
    return table


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
