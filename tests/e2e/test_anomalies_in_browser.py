"""The Anomalies page in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.lab import Lab
from tests.e2e.server import PROJECT

QUICK = {"recipe": "vanilla-64", "code_size": "16", "dataset": "digits:0,1,2,3,4,5,6,7,8", "epochs": "500"}


def histogram(page: Page) -> Locator:
    return page.locator(".detector canvas[role=slider]")


def share(page: Page, cell: str) -> float:
    """Percent in a cell of the confusion matrix."""
    found = re.search(r"\(([\d.]+) %\)", page.locator(f".detector .{cell}").inner_text())
    assert found is not None
    return float(found[1])


def measured(lab: Lab) -> Page:
    """The page, with a run that has learnt for a moment and rests."""
    lab.open(**QUICK)
    lab.train.click()
    lab.wait_for_step(40)
    lab.pause.click()
    lab.page.get_by_role("link", name="Anomalies").first.click()
    expect(lab.page.get_by_text("The network reveals anomalies better than PCA")).to_be_visible()
    return lab.page


def test_the_confusion_matrix_follows_the_threshold(lab: Lab) -> None:
    page = measured(lab)
    assert share(page, "alarms") == pytest.approx(5, abs=0.3)
    missed = page.locator(".st-key-anomalies-missed canvas").first
    expect(missed).to_be_visible()
    box = histogram(page).bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    page.mouse.down()
    curve = lab.look(page.locator(".detector .roc"))
    # To the left of all: everything is flagged, before the hand rests.
    page.mouse.move(box["x"] + 2, middle, steps=4)
    expect(page.locator(".detector .hits")).to_have_text(re.compile(r"\(100\.0 %\)"))
    assert share(page, "alarms") > 95
    lab.wait_for_change(page.locator(".detector .roc"), curve)
    page.mouse.up()
    expect(page.get_by_text("none at this threshold")).to_be_visible()

    # Keys move it, too, and rules set it.
    page.locator(".detector .by").select_option("alarms")
    expect(page.locator(".detector output")).to_have_text("at most 5 % false alarms")
    histogram(page).focus()
    before = share(page, "alarms")
    for _ in range(10):
        histogram(page).press("ArrowLeft")
    expect(page.locator(".detector .by")).to_have_value("hand")
    assert share(page, "alarms") > before
    page.locator(".detector .by").select_option("quantile")
    expect(page.locator(".detector output")).to_have_text("the most suspicious 50 %")
    flagged = [int(page.locator(f".detector .{cell}").inner_text().split(" ")[0]) for cell in ("hits", "alarms")]
    # There are 397 test images.
    assert sum(flagged) == 198
    page.locator(".detector .by").select_option("cost")
    expect(page.locator(".detector output")).to_have_text("a miss costs as much as a false alarm")
    slider = page.locator(".detector input[type=range]")
    slider.focus()
    slider.press("End")
    # A missed anomaly costs as much as a hundred false alarms.
    expect(page.locator(".detector .missed")).to_have_text("0 (0.0 %)")
    page.locator(".st-key-anomalies-score").get_by_text("nearest codes", exact=True).click()
    expect(page.locator(".detector .title")).to_have_text("nearest codes")
    expect(page.locator(".detector .by")).to_have_value("cost")


def test_the_chart_keeps_its_size_whatever_sets_the_threshold(lab: Lab) -> None:
    page = measured(lab)
    sizes = []
    for by in ("alarms", "quantile", "cost", "hand"):
        page.locator(".detector .by").select_option(by)
        expect(page.locator(".detector .by")).to_have_value(by)
        box = histogram(page).bounding_box()
        assert box is not None
        sizes.append((box["width"], box["height"]))
    assert sizes == [sizes[0]] * 4


def test_an_image_of_ones_own_is_drawn_beside_what_is_said_of_it(lab: Lab) -> None:
    page = measured(lab)
    page.get_by_label("Anomalies", exact=True).click()
    page.get_by_role("option", name="Your own image").click()
    pad = page.locator(".drawing-pad canvas")
    expect(pad).to_be_visible()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.8, steps=5)
    page.mouse.up()
    expect(page.locator(".detector .flagged")).to_contain_text("flagged at the threshold")
    expect(page.locator(".detector .confusion")).to_be_hidden()
    expect(page.locator(".detector .roc")).to_be_hidden()
    drawn, chart = pad.bounding_box(), histogram(page).bounding_box()
    assert drawn is not None and chart is not None
    assert drawn["x"] + drawn["width"] < chart["x"]
    assert drawn["y"] < chart["y"] + chart["height"] and chart["y"] < drawn["y"] + drawn["height"]


@pytest.mark.parametrize("line", [12, 60, 200, 380, 400])
def test_both_labels_of_the_threshold_stay_inside_the_chart(page: Page, line: int) -> None:
    page.add_script_tag(path=PROJECT / "aelib" / "ui" / "components" / "detector" / "labels.js")
    middle = page.evaluate("(line) => meeting(line, [12, 400], [110, 55])", line)
    assert middle - 110 >= 12 and middle + 55 <= 400
    # Where there is room, they meet at the line.
    assert line != 200 or middle == line
