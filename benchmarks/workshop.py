"""A room of thirty with its board open: what it costs the server, and how soon it is up to date."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from concurrent.futures import Future as Promise
from contextlib import AsyncExitStack
from pathlib import Path

import psutil

from aelib.runs import Runs
from aelib.workshop import Room, Rooms
from aelib.workshop.codes import PSEUDONYMS
from benchmarks.measuring import Table, quantiles
from benchmarks.visitor import Visitor
from tests.e2e.browser import find_browser, launch_arguments
from tests.e2e.server import Server

PEOPLE = 30
SECONDS = 15.0
HANDS = 10
SETTINGS = {"recipe": "vanilla-64", "epochs": "500"}


def measure() -> Table:
    table = Table(
        "A workshop of thirty",
        f"{PEOPLE} sessions train vanilla-64; processor time of the web server without its training processes, "
        f"for {SECONDS:.0f} seconds each: as visitors, as participants of a room, and with the leader's board open in "
        f"a real browser. Then {HANDS} of them raise a hand, until the board shows it.",
        ("what", "measured", "goal"),
    )
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        room = gathered(home)
        alone, joined, watched, waits = asyncio.run(workshop(Server(home), room))
    table.add("Server: thirty who train, in no room", f"{alone:.0%} of a core", "")
    table.add("Server: the same in a room", f"{joined:.0%} of a core", "")
    table.add("Board, for 10 people", f"{(watched - joined) * 10 / PEOPLE:.1%} of a core", "≤ 5 %")
    median, slow = quantiles(waits)
    table.add("A raised hand on the board: median, 95th percentile", f"{median:.1f} s, {slow:.1f} s", "≤ 2 s")
    return table


def browser_name(number: int) -> str:
    """The cookie of a simulated browser."""
    return f"{number:032x}"


def gathered(home: Path) -> Room:
    """A room that half of the simulated browsers, those of odd numbers, are in."""
    rooms = Rooms(home, Runs(Promise(), home))
    room = rooms.open("Benchmark", "leader")
    for number, name in zip(range(PEOPLE), sorted(PSEUDONYMS), strict=False):
        owner = hashlib.sha256(b"browser\0" + bytes.fromhex(browser_name(2 * number + 1))).hexdigest()
        rooms.join(room.id, (owner,), name)
    return room


async def workshop(server: Server, room: Room) -> tuple[float, float, float, list[float]]:
    """The share of a core that the server takes without a room, with one, and with its board; and how many seconds a
    raised hand takes."""
    # Here: the benchmarks that need no browser run where Playwright is not installed.
    from playwright.async_api import async_playwright

    try:
        async with AsyncExitStack() as doors:
            await trained(doors, server, first=0)
            alone = await load(server)
        async with AsyncExitStack() as doors:
            people = await trained(doors, server, first=1)
            joined = await load(server)
            playwright = await doors.enter_async_context(async_playwright())
            browser = await playwright.chromium.launch(executable_path=find_browser(), args=launch_arguments())
            page = await browser.new_page(viewport={"width": 1920, "height": 1080})
            await page.goto(f"{server.url}/workshop?lead={room.lead_key}")
            await page.locator(".tile .error").nth(PEOPLE - 1).wait_for(timeout=120_000)
            watched = await load(server)
            waits = []
            for number, person in enumerate(people[:HANDS]):
                began = time.monotonic()
                await person.press("room.hand")
                await page.locator(".tile.raised").nth(number).wait_for()
                waits.append(time.monotonic() - began)
            await browser.close()
        return alone, joined, watched, waits
    finally:
        server.stop()


async def trained(doors: AsyncExitStack, server: Server, first: int) -> list[Visitor]:
    """Simulated browsers with every second number from `first` on, each of which trains."""
    people = [
        await doors.enter_async_context(Visitor(server.url, browser_name(2 * number + first)))
        for number in range(PEOPLE)
    ]
    for number, person in enumerate(people):
        await person.open(**SETTINGS, seed=str(number))
        await person.press("train")
    for person in people:
        await person.wait_for_step(20)
    return people


async def load(server: Server) -> float:
    """Processor seconds of the server a second."""
    process, began = psutil.Process(server.pid), time.monotonic()
    before = process.cpu_times()
    await asyncio.sleep(SECONDS)
    after = process.cpu_times()
    used: float = after.user + after.system - before.user - before.system
    return used / (time.monotonic() - began)
