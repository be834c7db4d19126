"""The Classify page in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.lab import Lab

QUICK = {"recipe": "vanilla-64", "code_size": "16", "dataset": "digits", "epochs": "500"}


def test_the_page_fills_in_and_goes_on_with_another_number_of_labels(lab: Lab) -> None:
    lab.open(**QUICK)
    lab.train.click()
    lab.wait_for_step(20)
    lab.pause.click()
    page = lab.page
    page.get_by_role("link", name="Classify").first.click()
    named = page.locator(".st-key-classify-grid canvas").first
    expect(named).to_be_visible()
    named.evaluate("canvas => canvas.dataset.same = 'yes'")
    expect(page.get_by_text("Codes may classify better")).to_be_visible()
    expect(page.locator(".st-key-classify-curve .legendtext").first).to_be_visible()
    # What was measured came into the same image.
    assert named.get_attribute("data-same") == "yes"
    slider = lab.slider("Labelled images per class")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"of \d+ steps done"))).to_be_visible()
