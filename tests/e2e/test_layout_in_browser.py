"""The Train page keeps its parts in place, and shows whole what it says."""

from __future__ import annotations

from playwright.sync_api import expect

from aelib.spec.config import KINDS
from aelib.spec.fields import Choice
from aelib.ui.panels.labels import LABELS, option_title
from tests.e2e.lab import Lab

# The titles of the options of every setting that is a choice.
TITLES = {
    name: [option_title(option) for option in kind.options] for name, kind in KINDS.items() if isinstance(kind, Choice)
}

# For each field that is on the page, which of its texts are wider than its box.
_CUT = """(texts) => Object.entries(texts).flatMap(([field, options]) => {
  const box = document.querySelector(`.st-key-setting-${field} input`)
  if (!box) return []
  const style = getComputedStyle(box)
  const pen = document.createElement("canvas").getContext("2d")
  pen.font = `${style.fontSize} ${style.fontFamily}`
  const room = box.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
  return options.filter((text) => pen.measureText(text).width > room)
})"""


def places(lab: Lab) -> list[object]:
    panels = [lab.page.locator(panel).first for panel in (".panel.network", ".curve", ".codes", ".pictures")]
    return [part.bounding_box() for part in (*panels, lab.images)]


def test_what_comes_to_be_said_pushes_nothing_away(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="sparse-64", learning_rate="10", epochs="2")
    before = places(lab)
    lab.train.click()
    expect(lab.state).to_have_text("Finished")
    notices = lab.page.locator(".notices")
    expect(notices.locator(".more")).to_contain_text("1 of")
    expect(lab.page.locator(".key.penalty")).to_be_visible()
    assert places(lab) == before
    notices.locator("summary").click()
    expect(notices.locator("li").last).to_be_visible()
    assert places(lab) == before
    lab.slider(LABELS["code_size"]).press("ArrowRight")
    expect(lab.page.locator(".stMain").get_by_text("still show the old run")).to_be_visible()
    assert places(lab) == before


def test_the_error_says_which_it_is_and_of_how_many_images(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", epochs="1")
    lab.train.click()
    header = lab.page.locator(".curve header")
    expect(header.locator(".kind")).to_have_text("mean squared error")
    expect(header.locator(".sample")).to_have_text("397 test images")
    lab.open(dataset="digits", recipe="single-32", epochs="1")
    lab.train.click()
    expect(header.locator("option:enabled")).to_have_text(["mean squared error", "loss: binary cross-entropy"])


def test_no_choice_of_a_setting_is_cut_short(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="denoise-256", loss="bce")
    for title in ("Network", "Training", "Initialization"):
        lab.page.get_by_test_id("stSidebar").locator("summary", has_text=title).click()
    expect(lab.page.locator(".st-key-setting-precision input")).to_be_visible()
    assert lab.page.evaluate(_CUT, TITLES) == []


def test_a_run_and_its_buttons_are_one_row_of_the_list(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="tanh-l1", learning_rate="0.02", epochs="3")
    lab.one_step.click()
    lab.wait_for_step(1)
    lab.page.get_by_role("button", name="My runs").click()
    row = lab.page.locator("[class*=st-key-listed-]").first
    expect(row.get_by_role("button")).to_have_count(3)
    tops = {round(button.bounding_box()["y"]) for button in row.get_by_role("button").all()}  # type: ignore[index]
    assert len(tops) == 1
