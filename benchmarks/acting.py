"""How soon images follow a hand: a pen, a slider, the pointer, in the real app and a real browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser, Locator, Page

from benchmarks.measuring import Table, quantiles
from tests.e2e.browser import launched_browser
from tests.e2e.lab import PROJECTOR, Lab
from tests.e2e.server import Server, served
from tests.e2e.test_denoising_in_browser import restored
from tests.e2e.test_reconstructions_in_browser import GRID, MINE, cells, draw

TIMES = 15
PAUSE_MS = 400
# Measurements beside the images take their time.
SETTLING_MS = 5_000

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
    with launched_browser() as browser, served() as server:
        for what, measured, title, recipe in (
            ("pen on the pad → reconstruction", _drawing, "Reconstructions", "vanilla-64"),
            ("noise slider → denoised pictures", _denoising, "Denoising", "denoise-256"),
            ("pointer on the map → picture, dense", _pointing, "Decode", "multilayer-64"),
            ("pointer on the map → picture, fully convolutional", _pointing, "Decode", "fully-conv"),
            ("unit's slider → picture, dense", _sliding, "Decode", "multilayer-64"),
            ("unit's slider → picture, fully convolutional", _sliding, "Decode", "fully-conv"),
        ):
            waits = measured(_trained(browser, server, title, recipe))
            table.add(what, *(f"{wait:.0f}" for wait in quantiles(waits)))
    return table


def _trained(browser: Browser, server: Server, title: str, recipe: str) -> Lab:
    """The page of this title, for a run that has learnt for a moment and rests."""
    lab = Lab(browser.new_context(**PROJECTOR).new_page(), server.url)
    lab.page.set_default_timeout(120_000)
    lab.open(dataset="mnist", epochs="500", recipe=recipe)
    lab.train.click()
    lab.wait_for_step(3 if recipe == "fully-conv" else 60)
    lab.pause.click()
    lab.page.get_by_role("link", name=title).first.click()
    return lab


def _waits(page: Page, canvas: Locator, event: str, act: Callable[[int], None]) -> list[float]:
    waits = []
    for time in range(TIMES):
        canvas.evaluate(_WATCH, event)
        act(time)
        waits.append(float(page.evaluate("window.acted")))
        page.wait_for_timeout(PAUSE_MS)
    return waits


def _drawing(lab: Lab) -> list[float]:
    page = lab.page
    # The pad moves until all images above it are there.
    cells(page, GRID, "JPEG").first.wait_for()
    draw(page, (0.3, 0.2), (0.7, 0.2), (0.45, 0.85))
    network = cells(page, MINE, "autoencoder").first
    network.wait_for()
    page.wait_for_timeout(SETTLING_MS)
    return _waits(page, network, "pointerdown", lambda time: draw(page, (0.2, 0.1 + time / 20), (0.4, 0.1 + time / 20)))


def _denoising(lab: Lab) -> list[float]:
    page = lab.page
    # Before, the grid has fewer rows, and is laid out again.
    page.locator(".st-key-denoising-grid canvas[aria-label^='TV denoising']").first.wait_for()
    page.wait_for_timeout(SETTLING_MS)
    slider = lab.slider("Draws per pixel")
    slider.focus()
    return _waits(page, restored(page), "keydown", lambda _: slider.press("ArrowRight"))


def _pointing(lab: Lab) -> list[float]:
    page = lab.page
    field = page.locator(".pad canvas")
    field.wait_for()
    page.wait_for_timeout(SETTLING_MS)
    box = field.bounding_box()
    assert box is not None

    def move(time: int) -> None:
        page.mouse.move(box["x"] + box["width"] * (0.2 + 0.04 * time), box["y"] + box["height"] * (0.3 + 0.03 * time))

    return _waits(page, page.locator("canvas.drawn"), "pointermove", move)


def _sliding(lab: Lab) -> list[float]:
    page = lab.page
    slider = page.locator(".unit input").first
    slider.wait_for()
    page.wait_for_timeout(SETTLING_MS)
    slider.focus()
    # To and fro, so that it never stands at an end.
    keys = ("PageUp", "PageDown")
    return _waits(page, page.locator("canvas.drawn"), "keydown", lambda time: slider.press(keys[time % 2]))
