"""The map of a code of two dimensions: decoded images behind it, and drawings that land on it and are dragged."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.e2e.lab import Lab
from tests.e2e.server import Server

FLAT = {
    "dataset": "digits",
    "recipe": "custom",
    "widths": "128,32",
    "code_size": "2",
    "hidden_activation": "elu",
    "code_activation": "linear",
    "epochs": "3",
}


def draw_a_one(page: Page) -> None:
    page.get_by_role("button", name="Draw a digit").click()
    pad = page.locator(".drawing-pad canvas")
    expect(pad).to_be_visible()
    # The popover comes to rest.
    page.wait_for_timeout(500)
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 0.85 * box["height"], steps=8)
    page.mouse.up()
    page.wait_for_timeout(800)
    page.keyboard.press("Escape")


def test_decoded_images_lie_behind_the_dots_and_change_while_the_network_trains(lab: Lab) -> None:
    lab.open(**FLAT)
    expect(lab.page.locator(".ground")).to_be_hidden()
    lab.train.click()
    expect(lab.page.locator(".ground")).to_be_visible()
    # Dots alone have some tens of colours.
    lab.wait_for_look(lab.codes, lambda look: look[0] > 500)
    before = lab.look(lab.codes)
    lab.wait_for_change(lab.codes, before)
    expect(lab.state).to_have_text("Finished")
    with_grid = lab.settled_look(lab.codes)
    lab.page.locator(".ground input").uncheck()
    lab.wait_for_look(lab.codes, lambda look: look[0] < with_grid[0])
    # A wider code has none.
    lab.open(**FLAT | {"code_size": "3"})
    lab.train.click()
    lab.wait_for_step(5)
    expect(lab.page.locator(".ground")).to_be_hidden()
    lab.pause.click()


def test_a_drawing_lands_on_every_map_of_the_run_and_is_dragged(lab: Lab, browser: Browser, server: Server) -> None:
    lab.open(**FLAT)
    lab.train.click()
    expect(lab.state).to_have_text("Finished")
    lab.wait_for_rest()
    context = browser.new_context()
    other = Lab(context.new_page(), server.url)
    other.page.goto(lab.page.url)
    other.wait_for_look(other.codes, lambda look: look[0] > 500)
    theirs = other.settled_look(other.codes)
    draw_a_one(lab.page)
    spot = lab.page.locator(".codes .map")
    expect(spot).to_have_attribute("data-drawings", "1")
    other.wait_for_change(other.codes, theirs)
    expect(other.page.locator(".codes .map")).to_have_attribute("data-drawings", "1")
    # Dragged to a corner, with what is decoded there; and back by a key.
    at = [float(number) for number in (spot.get_attribute("data-first") or "").split()]
    box = spot.bounding_box()
    assert box is not None
    lab.page.mouse.move(box["x"] + at[0], box["y"] + at[1])
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 30, box["y"] + 30, steps=6)
    lab.page.mouse.up()
    expect(spot).to_have_attribute("data-first", "30 30")
    spot.focus()
    lab.page.keyboard.press("Escape")
    expect(spot).to_have_attribute("data-first", f"{at[0]:g} {at[1]:g}")
    context.close()
