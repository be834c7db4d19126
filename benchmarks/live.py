"""What watching costs, and how long people wait: the real app, and a real browser."""

from __future__ import annotations

import os
import time
from dataclasses import replace

from playwright.sync_api import Browser

from aelib import datasets
from aelib.runs import Run
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.recipes import RECIPES
from aelib.spec.state import Progress
from aelib.train import hardware
from aelib.train.resident import Data
from aelib.train.trainer import Trainer, init, prepare
from aelib.ui.components.live.payload import Viewer
from benchmarks.measuring import TICK, Table, medians, quantiles, rest, started_runs
from tests.e2e.browser import launched_browser
from tests.e2e.lab import PROJECTOR, Lab
from tests.e2e.server import Server, served

NAMES = ("vanilla-64", "multilayer-64", "denoise-256", "conv-pool", "fully-conv")
TURNS, TURN_SECONDS, SETTLING_SECONDS = 9, 4.0, 1.0
ROUNDS = 10


def measure_cost() -> Table:
    """The same recipe as a bare loop in this process, on the engine, and looked at four times a second."""
    table = Table(
        "What live training costs",
        "Pictures a second of the bare loop, of a run on the engine that nobody watches, and of the same run while its "
        f"frames are packed for a viewer four times a second, with equal threads: medians of {TURNS} turns of "
        f"{TURN_SECONDS:.0f} seconds each. Costs are medians of the turns' ratios. The browser is not part of it: it "
        "usually runs elsewhere.",
        ("recipe", "bare loop", "on the engine", "watched", "cost against the loop", "against nobody watching"),
    )
    threads = os.environ["AELIB_THREADS"] = os.environ.get("AELIB_THREADS", "1")
    hardware.settle_process()
    dataset = datasets.load(datasets.default_name())
    data = prepare(dataset)
    with started_runs() as (_, runs):
        for name in NAMES:
            config = replace(RECIPES[name].config, dataset=dataset.name, epochs=500)
            loop = Bare(config, data)
            run = runs.create(config, "benchmark", train=True)
            turns = []
            for _ in range(TURNS):
                turns.append((loop.rate(), rate(run, None, dataset), rate(run, Viewer(), dataset)))
            runs.delete(run.id)
            bare, alone, watched = medians(turns)
            live_cost, watching_cost = medians([(1 - w / b, 1 - w / a) for b, a, w in turns])
            table.add(
                name, f"{bare:,.0f}", f"{alone:,.0f}", f"{watched:,.0f}", f"{live_cost:.1%}", f"{watching_cost:.1%}"
            )
    table.words += f" Threads: {threads}."
    return table


class Bare:
    """A network that trains in this process, with nothing around it."""

    def __init__(self, config: RunConfig, data: Data) -> None:
        self._data, self._batch = data, config.batch_size
        self._live = Trainer(init(config, data), Knobs.of(config), data.train.device)
        progress = self._advance(5)
        self._steps = max(5, round(TURN_SECONDS * progress.steps / progress.seconds))

    def _advance(self, steps: int) -> Progress:
        return hardware.computed(1, lambda _: self._live.advance(self._data, steps))

    def rate(self) -> float:
        """Images a second of a turn."""
        progress = self._advance(self._steps)
        return progress.steps * self._batch / progress.seconds


def rate(run: Run, viewer: Viewer | None, dataset: datasets.Dataset) -> float:
    """Images a second of a turn, from the landing of a slice to that of another; with a `viewer`, watched."""
    run.train()
    landings: list[tuple[float, int]] = []
    began = drawn = time.perf_counter()
    while (now := time.perf_counter()) < began + SETTLING_SECONDS + TURN_SECONDS:
        run.touch()
        if viewer is not None and now > drawn + TICK:
            drawn = now
            viewer.payload(run.view(), dataset)
        step = run.summary().step
        if now > began + SETTLING_SECONDS and (not landings or step > landings[-1][1]):
            landings.append((now, step))
        time.sleep(0.01)
    rest(run)
    (began, first), (ended, last) = landings[1], landings[-1]
    return (last - first) * run.config.batch_size / (ended - began)


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
    context = browser.new_context(**PROJECTOR)
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
    lab.page.get_by_text("Each model encodes an image").wait_for()
    waited = time.perf_counter() - began
    lab.page.get_by_role("link", name="Train").click()
    lab.images.wait_for()
    lab.page.wait_for_timeout(500)
    return waited
