"""Thirty people train at once: who gets how much, how often each live view moves, and how long a newcomer waits."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from itertools import pairwise

import numpy as np

from benchmarks.measuring import Table, quantiles
from benchmarks.visitor import Sight, Visitor
from tests.e2e.browser import launched_browser
from tests.e2e.lab import PROJECTOR, Lab
from tests.e2e.server import served

PEOPLE = 30
SECONDS = 40.0
SWITCHES = 20
SETTINGS = {"recipe": "vanilla-64", "epochs": "500"}


def measure() -> Table:
    table = Table(
        "A room of thirty",
        f"{PEOPLE} sessions (the app's own protocol over its WebSockets, as a browser speaks it) train vanilla-64 for "
        f"{SECONDS:.0f} seconds, against one that trains alone before and after; then once more, while a real browser "
        "switches pages as the thirty-first, and takes its part of the same cores.",
        ("what", "measured", "goal"),
    )
    with served() as server:
        before = asyncio.run(train(server.url, 1))
        together = asyncio.run(train(server.url, PEOPLE))
        after = asyncio.run(train(server.url, 1))
        crowded, switches = asyncio.run(with_newcomer(server.url))
    alone = np.mean([rate(before[0]), rate(after[0])])
    rates, slowed = ([rate(sights) for sights in room] for room in (together, crowded))
    gaps = [gap for sights in together for gap in standing_still(sights)]
    longest = [max(gap for sights in room for gap in standing_still(sights)) for room in (together, crowded)]
    median, late = quantiles(switches)
    table.add("steps a second of all, share of one alone", f"{sum(rates) / alone:.0%}", "≥ 90 %")
    table.add("the same while a browser switches pages beside them", f"{sum(slowed) / alone:.0%}", "")
    table.add("slowest session, share of the mean", f"{min(rates) / np.mean(rates):.0%}", "≥ 50 %")
    table.add("seconds between two moves of a live view, median", f"{np.median(gaps):.2f}", "")
    table.add("the longest that any view stood still, seconds", f"{longest[0]:.2f}", "≤ 3")
    table.add("the same while a browser switches pages beside them", f"{longest[1]:.2f}", "≤ 3")
    table.add("page switch of the thirty-first, seconds, median", f"{median:.2f}", "")
    table.add("page switch of the thirty-first, seconds, 95th percentile", f"{late:.2f}", "≤ 1")
    return table


async def with_newcomer(url: str) -> tuple[list[list[Sight]], list[float]]:
    """What everybody saw, and how long each page switch of a browser took meanwhile, in seconds."""
    training = asyncio.create_task(train(url, PEOPLE))
    switches = await asyncio.to_thread(switch_pages, url)
    return await training, switches


async def train(url: str, people: int) -> list[list[Sight]]:
    """What each saw in `SECONDS` after the last of them saw the first step."""
    async with AsyncExitStack() as stack:
        visitors = [await stack.enter_async_context(Visitor(url)) for _ in range(people)]
        for number, visitor in enumerate(visitors):
            await visitor.open(**SETTINGS, seed=str(number))
            await visitor.press("train")
        await asyncio.gather(*(visitor.wait_for_step(20) for visitor in visitors))
        began = time.monotonic()
        await asyncio.sleep(SECONDS)
        for visitor in visitors:
            assert not visitor.faults, visitor.faults
            await visitor.press("pause")
        return [[sight for sight in visitor.sights if began <= sight.moment <= began + SECONDS] for visitor in visitors]


def rate(sights: list[Sight]) -> float:
    """Steps a second."""
    return (sights[-1].step - sights[0].step) / (sights[-1].moment - sights[0].moment)


def standing_still(sights: list[Sight]) -> list[float]:
    """Seconds between two moments at which the view showed another step."""
    moved = [after.moment for before, after in pairwise(sights) if after.step != before.step]
    return list(np.diff(moved)) or [SECONDS]


def switch_pages(url: str) -> list[float]:
    with launched_browser() as browser:
        lab = Lab(browser.new_context(**PROJECTOR).new_page(), url)
        lab.page.set_default_timeout(120_000)
        lab.open(**SETTINGS)
        # Until everybody trains.
        lab.page.wait_for_timeout(25_000)
        waits = []
        for _ in range(SWITCHES // 2):
            recipes = lab.page.get_by_text("Each model encodes an image")
            for link, sight in (("Recipes", recipes), ("Train", lab.images)):
                began = time.perf_counter()
                lab.page.get_by_role("link", name=link).first.click()
                sight.wait_for()
                waits.append(time.perf_counter() - began)
                lab.page.wait_for_timeout(700)
        return waits
