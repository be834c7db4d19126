"""How soon pictures follow a hand: a pen, a slider, the pointer, in the real app and a real browser."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.measuring import Table
from tests.e2e.browser import find_browser, launch_arguments
from tests.e2e.lab import Lab
from tests.e2e.server import Server
from tests.e2e.test_denoising_in_browser import restored
from tests.e2e.test_reconstructions_in_browser import MINE, cells, draw

TIMES = 15

# From an event to the first frame of the screen in which the canvas is another one.
_WATCH = """(canvas, event) => {
  const look = () => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
    let sum = 0
    for (let i = 0; i < data.length; i++) sum = (sum * 31 + data[i]) | 0
    return sum
  }
  const before = look()
  window.acted = new Promise((done) => {
    const began = (happened) => {
      const start = performance.now()
      const frame = () => (look() === before ? requestAnimationFrame(frame) : done(performance.now() - start))
      requestAnimationFrame(frame)
    }
    addEventListener(event, began, { capture: true, once: true })
  })
}"""


def measure() -> Table:
    table = Table(
        "How soon pictures follow the hand",
        "Milliseconds from the event in the browser to the first frame with the new picture; MNIST, browser, server "
        f"and engine on the same cores, the run at rest; {TIMES} times each.",
        ("what", "median", "95th percentile"),
    )
    path = find_browser()
    assert path is not None, "a browser is needed"
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=launch_arguments())
        data_dir = os.environ.get("AELIB_DATA_DIR")
        server = Server(Path(home), **({"AELIB_DATA_DIR": str(Path(data_dir).resolve())} if data_dir else {}))

        def page(title: str, **settings: str) -> Page:
            lab = Lab(browser.new_context(viewport={"width": 1280, "height": 800}).new_page(), server.url)
            lab.page.set_default_timeout(120_000)
            lab.open(dataset="mnist", epochs="500", **settings)
            lab.train.click()
            lab.wait_for_step(60 if settings["recipe"] != "fully-conv" else 3)
            lab.pause.click()
            lab.page.get_by_role("link", name=title).first.click()
            return lab.page

        for what, waits in (
            ("pen lifted → reconstruction", _drawing(page("Reconstructions", recipe="vanilla-64"))),
            ("noise slider → denoised pictures", _denoising(page("Denoising", recipe="denoise-256"))),
            ("pointer on the map → picture, dense", _decoding(page("Decode", recipe="multilayer-64"))),
            ("pointer on the map → picture, fully convolutional", _decoding(page("Decode", recipe="fully-conv"))),
        ):
            table.add(what, f"{np.median(waits):.0f}", f"{np.percentile(waits, 95):.0f}")
        browser.close()
        server.stop()
    return table


def _waits(page: Page, canvas: Locator, event: str, act: Callable[[int], None]) -> list[float]:
    waits = []
    for time in range(TIMES):
        canvas.evaluate(_WATCH, event)
        act(time)
        waits.append(float(page.evaluate("window.acted")))
        page.wait_for_timeout(400)
    return waits


def _drawing(page: Page) -> list[float]:
    draw(page, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    network = cells(page, MINE, "network").first
    network.wait_for()
    page.wait_for_timeout(5_000)
    return _waits(page, network, "pointerup", lambda time: draw(page, (0.2, 0.1 + time / 20), (0.4, 0.1 + time / 20)))


def _denoising(page: Page) -> list[float]:
    page.get_by_role("cell", name="total variation").wait_for()
    page.wait_for_timeout(5_000)
    slider = page.get_by_role("slider", name="How much")
    slider.focus()
    return _waits(page, restored(page), "keydown", lambda _: slider.press("ArrowRight"))


def _decoding(page: Page) -> list[float]:
    field = page.locator(".pad canvas")
    field.wait_for()
    page.wait_for_timeout(5_000)
    box = field.bounding_box()
    assert box is not None

    def move(time: int) -> None:
        page.mouse.move(box["x"] + box["width"] * (0.2 + 0.04 * time), box["y"] + box["height"] * (0.3 + 0.03 * time))

    return _waits(page, page.locator("canvas.drawn"), "pointermove", move)
