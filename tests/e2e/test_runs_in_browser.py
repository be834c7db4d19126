"""The table of one's runs, with a mouse."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.lab import Lab


def tick(lab: Lab, row: int) -> None:
    """Clicks the box at the start of a row of the table, counted from 0."""
    box = lab.page.get_by_test_id("stDataFrame").bounding_box()
    assert box is not None
    lab.page.mouse.click(box["x"] + 18, box["y"] + 36 + 44 * row + 22)


def test_runs_are_selected_named_compared_and_opened(lab: Lab) -> None:
    page = lab.page
    for size in ("3", "12"):
        lab.open(dataset="digits", recipe="vanilla-64", code_size=size, epochs="1")
        lab.train.click()
        expect(lab.state).to_have_text("Finished")
    page.get_by_role("link", name="My runs", exact=True).click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
    tick(lab, 0)
    name = page.get_by_label("Name", exact=True)
    name.fill("Twelve numbers")
    name.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Twelve numbers")
    tick(lab, 1)
    legend = page.locator(".js-plotly-plot .legendtext")
    expect(legend).to_have_text(["Twelve numbers", "3 latent dimensions"])
    expect(page.get_by_role("img", name="Twelve numbers, image 12")).to_be_visible()
    tick(lab, 1)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(lab.images).to_be_visible()
    assert lab.query()["code_size"] == "12"
    page.get_by_role("button", name="My runs").click()
    expect(page.locator("[class*=st-key-listed-]").first).to_contain_text("Twelve numbers")
