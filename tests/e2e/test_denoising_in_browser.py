"""The Denoising page in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.lab import Lab

QUICK = {
    "recipe": "vanilla-64",
    "code_size": "16",
    "corruption": "gaussian",
    "corruption_level": "0.5",
    "epochs": "500",
}


@pytest.fixture
def trained(lab: Lab) -> Iterator[Page]:
    """The page, with a run that has learnt for a moment and rests."""
    lab.open(**QUICK)
    lab.train.click()
    lab.wait_for_step(40)
    lab.pause.click()
    lab.page.get_by_role("link", name="Denoising").first.click()
    expect(restored(lab.page)).to_be_visible()
    # Once all methods have been measured, the grid has all its rows.
    expect(lab.page.get_by_role("cell", name="TV denoising")).to_be_visible()
    yield lab.page


def restored(page: Page) -> Locator:
    """The first image as the network gives it back; its label ends with its PSNR."""
    return page.locator(".st-key-denoising-grid canvas[aria-label^='autoencoder']").first


def test_moving_the_level_changes_the_pictures_in_place(lab: Lab, trained: Page) -> None:
    before = lab.look(restored(trained))
    restored(trained).evaluate("canvas => canvas.dataset.same = 'yes'")
    slider = lab.slider("Noise level")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    lab.wait_for_change(restored(trained), before)
    assert restored(trained).get_attribute("data-same") == "yes"


def test_images_follow_the_level_while_it_is_dragged(lab: Lab, trained: Page) -> None:
    page, slider = trained, lab.slider("Noise level")
    value = page.locator(".slider output")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    for share in (0.6, 0.75, 0.9):
        before = lab.look(restored(page))
        page.mouse.move(box["x"] + box["width"] * share, middle, steps=3)
        lab.wait_for_change(restored(page), before)
    assert float(value.inner_text()) > 0.8
    page.mouse.up()
    # The page follows with the other methods, for the level where the hand came to rest.
    chosen = value.inner_text()
    expect(page.get_by_text(re.compile(f"at {float(chosen):g} changes"))).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Computing the baselines")).to_have_count(0)
    assert value.inner_text() == chosen


def test_the_curve_appears_with_the_network_first(trained: Page) -> None:
    expect(trained.locator(".st-key-denoising-curve .legendtext").first).to_have_text("autoencoder")
    assert trained.get_by_text("95 % confidence intervals").is_visible()
