"""The Decode page by hand: over the map, at the sliders, from image to image; and the browser's own decoder."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, Page, expect

from aelib.analysis.decode import decoding
from aelib.spec import palette
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.train import inference, slices
from aelib.ui.components import decoder
from aelib.ui.components.packing import Packer
from tests.e2e.lab import PHONE, Lab
from tests.samples import digits, knobs_of, settings

DECODERS = {
    "dense": settings(widths=(64, 32), code_size=12),
    "dense, bent": settings(widths=(33, 18, 7), code_size=5, hidden_activation="elu", output_activation="linear"),
    "dense, tied": settings(widths=(50,), code_size=9, tied=True, hidden_activation="tanh"),
    "dense, coloured": settings(widths=(16,), code_size=6, colour=True, hidden_activation="leaky-relu"),
    "conv-pool": settings("conv-pool"),
    "conv-pool, two": settings("conv-pool", widths=(4, 6)),
    "conv-pool, four": settings("conv-pool", widths=(4, 3, 5, 2)),
    "conv-stride": settings("fully-conv", widths=(8, 6, 4)),
    "conv-stride, one": settings("fully-conv", widths=(3,)),
    "conv-stride, two": settings("fully-conv", widths=(3, 5)),
    "conv-stride, four": settings("fully-conv", widths=(3, 5, 2, 4)),
    "conv-dense": settings("conv-dense-20", widths=(4, 4)),
}
DECODE = """([block, codes, count]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  const { header, array } = unpack(bytes(block))
  const found = (place) => place && array(place)
  const network = new Network(header.layers.map((l) => ({ ...l, weight: found(l.weight), bias: found(l.bias) })))
  const all = new Float32Array(bytes(codes).buffer)
  const units = all.length / count
  return Array.from({ length: count }, (_, i) => Array.from(network.run(all.subarray(i * units, (i + 1) * units))))
}"""


@pytest.fixture(scope="module")
def workbench(browser: Browser) -> Page:
    """An empty page that knows the component's scripts."""
    page = browser.new_page()
    folder = Path(decoder.__file__).parent
    scripts = (*folder.parent.glob("*.js"), folder / "network.js")
    colours = json.dumps({"classes": palette.CLASSES})
    page.add_script_tag(content="\n".join((f"const PALETTE = {colours}", *(s.read_text("utf-8") for s in scripts))))
    return page


def as_text(block: bytes) -> str:
    return base64.b64encode(block).decode()


@pytest.mark.parametrize("name", DECODERS)
def test_the_browsers_pictures_are_those_of_the_network(workbench: Page, name: str) -> None:
    config: RunConfig = DECODERS[name]
    first = slices.first_slice(config, digits(), knobs_of(config))
    # After some steps no bias is zero any more.
    state = slices.next_slice(first, digits(), knobs_of(config), 3).state
    codes = np.random.default_rng(0).normal(0, 2, (4, plan(config).code_units)).astype(np.float32)
    packer = Packer()
    block = packer.pack({"layers": [part.for_browser(packer.add) for part in decoding.decoder_layers(state)]})
    drawn = workbench.evaluate(DECODE, [as_text(block), as_text(codes.tobytes()), len(codes)])
    expected = inference.decode(state, torch.tensor(codes)).numpy()
    np.testing.assert_allclose(np.array(drawn), expected, atol=1e-3)


class Decoding:
    """The page's parts."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        one = lab.page.locator
        self.map, self.drawn, self.real = one(".pad canvas"), one("canvas.drawn"), one("canvas.real")
        self.strip, self.samples = one(".strip canvas"), one(".samples canvas")
        self.about, self.sliders = one(".pad .about"), one(".unit input")

    def enter(self) -> Decoding:
        self.lab.page.get_by_role("link", name="Decode").first.click()
        expect(self.map).to_have_attribute("data-place", re.compile(r"\d"))
        return self

    def move(self, x: float, y: float) -> None:
        """Moves the mouse over the map, to these parts of its width and height."""
        self.map.scroll_into_view_if_needed()
        box = self.map.bounding_box()
        assert box is not None
        self.lab.page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])

    def units(self) -> list[tuple[float, float]]:
        """Where the thumb of each slider is, and the figure beside it."""
        read = "rows => rows.map((row) => [row.children[1].value, row.children[2].textContent])"
        found = self.lab.page.locator(".unit").evaluate_all(read)
        return [(float(value), float(said.replace("\N{MINUS SIGN}", "-"))) for value, said in found]

    def changes(self, canvas: Locator, before: tuple[int, int]) -> tuple[int, int]:
        self.lab.wait_for_change(canvas, before)
        return self.lab.look(canvas)


@pytest.fixture
def decoding_page(lab: Lab, mnist_dir: Path) -> Decoding:
    lab.open(dataset="mnist", recipe="custom", widths="64", code_size="4", code_activation="linear", epochs="500")
    lab.train.click()
    lab.wait_for_step(60)
    lab.pause.click()
    expect(lab.state).to_have_text("Paused")
    return Decoding(lab).enter()


def untrained(lab: Lab) -> Decoding:
    """The page with a network that was only made."""
    # Without a run, a step makes the network and goes no further.
    lab.one_step.click()
    expect(lab.state).to_have_text("Paused", timeout=60_000)
    return Decoding(lab).enter()


def test_a_code_that_no_image_can_have_is_called_so(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", epochs="500")
    page, remark = untrained(lab), lab.page.locator(".shown .remark")
    expect(remark).to_contain_text("Test images have codes like this one.")
    page.move(0.02, 0.02)
    expect(remark).to_contain_text("No image at all has exactly this code: ReLU gives no value below 0.")
    expect(lab.page.locator(".samples .remark")).to_contain_text("No image has a code like")


def test_the_code_shown_is_said_as_it_is(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", epochs="500")
    page, where = untrained(lab), lab.page.locator(".shown .where")
    expect(where).to_contain_text("the code of a test image")
    for x, y, plane in ((0.5, 0.5, "principal"), (0.98, 0.03, "principal"), (0.97, 0.97, "units")):
        lab.page.get_by_label("What the map shows").select_option(plane)
        page.move(x, y)
        expect(where).to_contain_text(
            "the rest at its mean" if plane == "principal" else "the other units at their mean"
        )
        assert all(abs(value - said) < 0.006 * max(1, abs(said)) for value, said in page.units())


def test_pictures_follow_pointer_sliders_and_ways_on_mnist(decoding_page: Decoding) -> None:
    page, lab = decoding_page, decoding_page.lab
    seen = lab.look(page.drawn)
    page.move(0.2, 0.2)
    seen = page.changes(page.drawn, seen)
    assert seen[0] > 20
    page.move(0.8, 0.7)
    seen = page.changes(page.drawn, seen)
    lab.page.mouse.down()
    lab.page.mouse.up()
    pinned = page.map.get_attribute("data-place")
    page.move(0.5, -0.1)
    expect(page.map).to_have_attribute("data-place", str(pinned))
    lab.page.get_by_role("link", name="Train").first.click()
    expect(lab.train).to_be_visible()
    page.enter()
    expect(page.map).to_have_attribute("data-place", str(pinned))
    seen = lab.look(page.drawn)

    reset = lab.page.get_by_role("button", name="reset")
    expect(reset).to_be_disabled()
    page.sliders.nth(2).focus()
    for _ in range(30):
        lab.page.keyboard.press("ArrowRight")
    changed = page.changes(page.drawn, seen)
    reset.click()
    seen = page.changes(page.drawn, changed)

    page.map.focus()
    lab.page.keyboard.press("Shift+ArrowUp")
    seen = page.changes(page.drawn, seen)

    strip = lab.look(page.strip)
    lab.page.locator(".tray button").nth(10).click()
    strip = page.changes(page.strip, strip)
    lab.page.get_by_role("button", name="swap").click()
    strip = page.changes(page.strip, strip)
    lab.page.locator(".slot").nth(1).click()
    page.move(0.5, 0.5)
    lab.page.mouse.down()
    lab.page.mouse.up()
    page.changes(page.strip, strip)

    walk = lab.page.locator("canvas.pairing")
    before = lab.look(walk)
    lab.page.locator("button.play").click()
    page.changes(walk, before)
    lab.page.locator("button.play").click()

    map_before = lab.look(page.map)
    lab.page.locator("input.tiles").click()
    page.changes(page.map, map_before)

    samples = lab.look(page.samples)
    lab.page.get_by_role("button", name="New samples").click()
    page.changes(page.samples, samples)
    expect(lab.page.locator(".samples .remark")).to_contain_text("times as far")


def test_the_view_stays_in_place_while_the_run_trains(decoding_page: Decoding) -> None:
    page, lab = decoding_page, decoding_page.lab
    lab.page.locator(".decoder").evaluate("node => { node.tagged = true }")
    before, map_before = page.about.inner_text(), lab.look(page.map)
    lab.page.get_by_role("button", name="Continue training").click()
    expect(page.about).not_to_have_text(before)
    page.changes(page.map, map_before)
    lab.page.get_by_role("button", name="Pause").click()
    expect(lab.page.get_by_role("button", name="Continue training")).to_be_visible()
    assert lab.page.locator(".decoder").evaluate("node => node.tagged === true")


def test_what_is_too_large_for_the_browser_is_drawn_by_the_server(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="custom", widths="4096", code_size="256", batch_size="32")
    page = untrained(lab)
    expect(page.about).to_contain_text("decoded on the server")
    seen = lab.look(page.drawn)
    for place in (0.2, 0.5, 0.8):
        page.move(place, place)
        seen = page.changes(page.drawn, seen)


def test_on_a_phone_nothing_sticks_out(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="custom", widths="16", code_size="2")
    untrained(lab)
    lab.page.set_viewport_size(PHONE["viewport"])
    expect(lab.page.locator(".decoder.narrow")).to_be_visible()
    outside = lab.page.locator(".decoder").evaluate(
        """node => [...node.querySelectorAll("*")].filter((part) => part.getBoundingClientRect().right > innerWidth)
        .map((part) => part.className)"""
    )
    assert outside == []
