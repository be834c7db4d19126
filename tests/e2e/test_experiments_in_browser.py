"""The Experiments page in a real browser."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.lab import Lab


def test_an_experiment_is_opened_expected_run_and_stopped(lab: Lab) -> None:
    lab.open(dataset="digits")
    page = lab.page
    page.get_by_role("link", name="Experiments").first.click()
    expect(page.get_by_text(re.compile(r"\d+ of \d+ are answered on this server"))).to_be_visible()
    page.locator(".st-key-card-C43").get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="C43")).to_be_visible()
    expect(page).to_have_url(re.compile("experiment=C43"))
    page.get_by_role("radio", name="Supported").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Training run 1 of")).to_be_visible()
    # Dots come one after another, in place.
    dots = page.locator(".dot-plot .dot")
    expect(dots.first).to_be_visible(timeout=60_000)
    page.locator(".dot-plot").evaluate("plot => { plot.dataset.seen = 'yes' }")
    before = dots.count()
    expect(dots.nth(before)).to_be_visible(timeout=60_000)
    assert page.locator(".dot-plot").evaluate("plot => plot.dataset.seen") == "yes"
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Continue")).to_be_visible(timeout=30_000)
    # It is opened again by its address, and remembers what was expected.
    page.reload()
    expect(page.get_by_role("heading", name="C43")).to_be_visible()
    expect(dots.first).to_be_visible()
    expect(page.get_by_role("radio", name="Supported")).to_be_checked()
    page.get_by_role("button", name="Open on Train page").first.click()
    expect(lab.train).to_be_visible()
