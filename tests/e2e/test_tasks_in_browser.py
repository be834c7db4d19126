"""A task picked by hand, and what the network makes of it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, expect

from aelib.spec.palette import MASK
from tests.e2e.lab import PROJECTOR, Lab
from tests.e2e.server import Server

Theme = Literal["light", "dark"]

# How many of the twelve hues of the colour circle a row of the canvas shows: the row's pixels that are no grey.
_HUES = """(canvas, row) => {
  const { data } = canvas.getContext("2d").getImageData(0, row * 30, canvas.width, 28)
  const hues = new Set()
  for (let i = 0; i < data.length; i += 4) {
    const [r, g, b] = [data[i], data[i + 1], data[i + 2]]
    const [low, high] = [Math.min(r, g, b), Math.max(r, g, b)]
    if (high - low < 60) continue
    const [from, more, less] = high === r ? [0, g, b] : high === g ? [2, b, r] : [4, r, g]
    const turn = from + (more - less) / (high - low)
    hues.add(Math.floor(((turn + 6) % 6) * 2))
  }
  return hues.size
}"""


# How many pixels of a row of the canvas have one of these colours, each "#rrggbb".
_PAINTED = """(canvas, [row, colours]) => {
  const { data } = canvas.getContext("2d").getImageData(0, row * 30, canvas.width, 28)
  let count = 0
  for (let i = 0; i < data.length; i += 4) {
    const colour = "#" + [0, 1, 2].map((k) => data[i + k].toString(16).padStart(2, "0")).join("")
    count += colours.includes(colour)
  }
  return count
}"""


def hues(canvas: Locator, row: int) -> int:
    count: int = canvas.evaluate(_HUES, row)
    return count


def wait_for_hues(canvas: Locator, row: int, least: int) -> None:
    for _ in range(600):
        if hues(canvas, row) >= least:
            return
        canvas.page.wait_for_timeout(50)
    raise AssertionError(f"only {hues(canvas, row)} hues")


def pick(lab: Lab, box: str, option: str) -> None:
    lab.page.get_by_role("combobox", name=box).click()
    lab.page.get_by_role("option", name=option).click()


def names(lab: Lab) -> list[str]:
    return lab.page.locator(".block .rows").first.locator("span").all_inner_texts()


def test_digits_are_coloured_before_the_eyes(lab: Lab, mnist_dir: Path) -> None:
    lab.open(dataset="mnist", recipe="vanilla-64", learning_rate="0.005", epochs="100")
    pick(lab, "Task", "Colourize")
    lab.page.wait_for_url("**colour=true**")
    lab.train.click()
    lab.wait_for_step(50)
    assert names(lab) == ["original", "output", "target"]
    # The frame of the image that goes through the network has one.
    assert hues(lab.images, 0) <= 1
    assert hues(lab.images, 2) >= 5
    wait_for_hues(lab.images, 1, 5)
    expect(lab.page.locator(".key.pca")).to_be_hidden()
    lab.pause.click()
    # What is selected on the maps stands above its reconstruction in colour.
    lab.page.get_by_role("link", name="Latent space").click()
    lab.page.get_by_title("Select every “0”").click()
    chosen = lab.page.locator(".chosen")
    expect(chosen).to_be_visible()
    assert hues(chosen, 0) == 0
    wait_for_hues(chosen, 1, 1)


def test_damage_is_shown_and_changed_while_training(lab: Lab, mnist_dir: Path) -> None:
    lab.open(dataset="mnist", recipe="vanilla-64", epochs="100")
    pick(lab, "Task", "Super-resolution")
    lab.page.wait_for_url("**corruption=low-resolution**")
    lab.train.click()
    lab.wait_for_step(20)
    assert names(lab) == ["original", "input", "output"]
    before = lab.look(lab.images)
    pick(lab, "Input resolution", "7×7 pixels")
    lab.page.wait_for_url("**corruption_level=0.75**")
    lab.wait_for_change(lab.images, before)
    expect(lab.state).to_have_text("Training")
    expect(lab.train).not_to_contain_text("new run")
    lab.pause.click()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_gap_is_drawn_as_a_mask_in_both_themes(browser: Browser, server: Server, theme: Theme) -> None:
    """Blocks of 14 × 14 pixels, on the network's input and nowhere else."""
    context = browser.new_context(**PROJECTOR, color_scheme=theme)
    lab = Lab(context.new_page(), server.url)
    lab.open(dataset="digits", recipe="vanilla-64", corruption="block", corruption_level="0.5")
    lab.one_step.click()
    expect(lab.page.locator(".removed")).to_be_visible()
    masked = [lab.images.evaluate(_PAINTED, [row, MASK[theme]]) for row in range(3)]
    whole = lab.images.evaluate("canvas => Math.floor(canvas.width / 30)") * 14 * 14
    # A side of the frame of the image that goes through the network may lie on a block.
    assert masked[0] == masked[2] == 0 and whole - 28 <= masked[1] <= whole
    expect(lab.page.locator(".removed")).to_have_text("removed")
    context.close()
