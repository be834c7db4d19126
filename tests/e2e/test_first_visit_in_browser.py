"""The first visit: something moves, and one press begins a run."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.lab import Lab


def test_an_example_is_replayed_until_somebody_takes_over(lab: Lab) -> None:
    page = lab.page
    lab.open()
    expect(lab.state).to_have_text("Example")
    moment = page.locator(".moment")
    seen = {moment.input_value()}
    for _ in range(60):
        page.wait_for_timeout(100)
        seen.add(moment.input_value())
    assert len(seen) > 5
    moment.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(600)
    assert moment.input_value() == "0"
    before = moment.input_value()
    page.wait_for_timeout(1_500)
    assert moment.input_value() == before


def test_a_start_begins_the_visitors_own_run(lab: Lab) -> None:
    page = lab.page
    lab.open()
    page.get_by_role("button", name="Shrink the bottleneck").click()
    expect(lab.state).to_have_text(re.compile("^(Starting|Training|Finished)"))
    expect(page.locator(".codes .about")).to_contain_text("2-D code")
    expect(page.get_by_role("button", name="Add noise")).to_have_count(0)
