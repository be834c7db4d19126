"""The Reconstructions page by hand: on real MNIST, a digit is drawn and seen to come back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.lab import Lab

MINE = ".st-key-reconstructions-mine"
GRID = ".st-key-reconstructions-grid"


def opened(lab: Lab) -> Page:
    """The page, with a run on MNIST that has learnt for a moment."""
    lab.open(dataset="mnist", recipe="vanilla-64", learning_rate="0.005", epochs="500")
    lab.train.click()
    lab.wait_for_step(60)
    lab.pause.click()
    expect(lab.state).to_have_text("Paused")
    lab.page.get_by_role("link", name="Reconstructions").click()
    expect(cells(lab.page, GRID, "JPEG").first).to_be_visible()
    return lab.page


def cells(page: Page, grid: str, row: str) -> Locator:
    """The images of a row."""
    return page.locator(f"{grid} .cell canvas[aria-label^='{row},']")


def draw(page: Page, *points: tuple[float, float]) -> None:
    """A stroke on the pad through points in parts of its side."""
    pad = page.locator(".drawing-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*at[0])
    page.mouse.down()
    for point in at[1:]:
        page.mouse.move(*point, steps=6)
    page.mouse.up()


def test_a_digit_is_drawn_and_seen_to_come_back(lab: Lab, mnist_dir: Path) -> None:
    page = opened(lab)
    draw(page, (0.25, 0.2), (0.7, 0.2), (0.45, 0.85))
    seen, network = cells(page, MINE, "network input"), cells(page, MINE, "autoencoder")
    expect(network).to_be_visible()
    lab.wait_for_look(seen, lambda look: look[0] > 5)
    before = lab.wait_for_look(network, lambda look: look[0] > 20)
    caption = page.locator(f"{MINE} .caption").nth(1)
    # What was drawn may still be under way to both.
    for _ in range(100):
        if network.get_attribute("aria-label") == f"autoencoder, image 1, {caption.inner_text()}":
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError(network.get_attribute("aria-label"))
    # The pad and the images stay mounted, and follow the next stroke.
    for part in (".drawing-pad", MINE + " .image-grid"):
        page.locator(part).evaluate("node => { node.tagged = true }")
    draw(page, (0.3, 0.5), (0.75, 0.5))
    lab.wait_for_change(network, before)
    for part in (".drawing-pad", MINE + " .image-grid"):
        assert page.locator(part).evaluate("node => node.tagged === true")

    # The drawing outlives a look at another page, and is taken back stroke by stroke.
    drawn = lab.settled_look(seen)
    page.get_by_role("link", name="Recipes").click()
    expect(page.get_by_text("Each model encodes an image")).to_be_visible()
    page.get_by_role("link", name="Reconstructions").click()
    expect(network).to_be_visible()
    lab.wait_for_look(seen, lambda look: look == drawn)
    draw(page, (0.1, 0.1), (0.9, 0.1))
    lab.wait_for_change(seen, drawn)
    page.locator(".drawing-pad .clear").click()
    expect(page.get_by_text("Draw or upload a digit")).to_be_visible()
    expect(page.locator(".drawing-pad .undo")).to_be_disabled()


def test_pictures_are_chosen_compared_and_uploaded(lab: Lab, mnist_dir: Path, tmp_path: Path) -> None:
    page = opened(lab)
    expect(page.get_by_text("on average").first).to_be_visible()
    originals = cells(page, GRID, "original")
    expect(originals).to_have_count(12)
    before = lab.look(originals.first)
    page.get_by_role("radio", name="Worst").or_(page.get_by_role("button", name="Worst")).first.click()
    lab.wait_for_change(originals.first, before)
    for row in ("autoencoder", "error", "PCA", "JPEG"):
        expect(cells(page, GRID, row)).to_have_count(12)
    originals.nth(2).hover()
    expect(page.locator(f"{GRID} .zoom")).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()

    paper = np.full((300, 400), 235, np.uint8)
    paper[60:240, 190:220] = 30
    Image.fromarray(paper).save(tmp_path / "one.jpg")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    page.get_by_text("Upload", exact=True).click()
    page.locator("input[type=file]").set_input_files(tmp_path / "broken.png")
    expect(page.get_by_test_id("stAlert").filter(has_text="PNG or JPEG")).to_be_visible()
    page.locator("input[type=file]").set_input_files(tmp_path / "one.jpg")
    expect(cells(page, MINE, "autoencoder")).to_be_visible()
    lab.wait_for_look(cells(page, MINE, "network input"), lambda look: look[0] > 1)
