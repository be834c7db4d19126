"""The network as a drawing: an image goes through it, units are looked at, layers come and go."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.lab import PHONE, Lab

DENSE = {"dataset": "digits", "recipe": "custom", "widths": "200,64", "code_size": "8", "epochs": "3"}


def selected(lab: Lab) -> Locator:
    return lab.page.locator(".edit .selected")


def said(lab: Lab) -> Locator:
    return lab.page.locator(".panel.network .said")


def trained(lab: Lab, **query: str) -> Lab:
    lab.open(**DENSE | query)
    expect(lab.network).to_have_attribute("data-live", "false")
    lab.train.click()
    expect(lab.state).to_have_text("Finished")
    lab.wait_for_rest()
    expect(lab.network).to_have_attribute("data-live", "true")
    return lab


@pytest.mark.parametrize("query", [{}, {"family": "conv-pool", "widths": "8,4", "epochs": "1"}], ids=["dense", "conv"])
def test_another_image_goes_through_the_network_when_it_is_clicked(lab: Lab, query: dict[str, str]) -> None:
    trained(lab, **query)
    box = lab.network.bounding_box()
    assert box is not None and box["height"] >= 200
    before = lab.look(lab.network)
    lab.images.click(position={"x": 300, "y": 40})
    expect(lab.network).not_to_have_attribute("data-image", "0")
    lab.wait_for_change(lab.network, before)
    # And by keys.
    lab.images.focus()
    for _ in range(12):
        lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("ArrowLeft")
    expect(lab.network).to_have_attribute("data-image", re.compile(r"\d+"))


def test_the_network_is_that_of_the_step_looked_at(lab: Lab) -> None:
    trained(lab)
    newest = lab.look(lab.network)
    lab.moment.focus()
    lab.moment.press("Home")
    lab.wait_for_change(lab.network, newest)
    lab.page.locator(".follow").click()
    lab.wait_for_look(lab.network, lambda look: look == newest)


def test_units_show_their_weights_and_what_they_draw(lab: Lab) -> None:
    trained(lab)
    lab.network.focus()
    # From the code to the first layer.
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("ArrowLeft")
    expect(said(lab)).to_contain_text("unit 1 of 200")
    expect(said(lab)).to_contain_text("its weights, step")
    expect(said(lab)).to_contain_text("128 of 200 are drawn")
    lab.page.keyboard.press("ArrowDown")
    expect(said(lab)).to_contain_text("unit 2 of 200")
    lab.page.keyboard.press("ArrowRight")
    expect(said(lab)).to_contain_text("unit 1 of 64")
    expect(said(lab)).not_to_contain_text("weights")
    lab.page.keyboard.press("ArrowRight")
    expect(said(lab)).to_contain_text("unit 1 of 8, activation")
    expect(said(lab)).to_contain_text("effect of + 1 std on the output, step")


def test_a_unit_under_the_pointer_is_told(lab: Lab) -> None:
    trained(lab, widths="none", code_size="2")
    box = lab.network.bounding_box()
    assert box is not None
    plain = lab.page.locator(".panel.network .facts").inner_text()
    # The code is in the middle.
    for at in range(-30, 31, 3):
        lab.page.mouse.move(box["x"] + box["width"] / 2 + at, box["y"] + 80)
        if "of 2" in said(lab).inner_text():
            break
    expect(said(lab)).to_contain_text("effect of + 1 std")
    expect(lab.page.locator(".panel.network .facts")).to_contain_text("dense layer: 784 → 2")
    lab.page.mouse.move(5, 5)
    expect(lab.page.locator(".panel.network .facts")).to_have_text(plain)


def test_layers_are_edited_in_the_drawing_and_the_settings_follow(lab: Lab) -> None:
    lab.open(**DENSE)
    page = lab.page
    expect(selected(lab)).to_have_text("code · 8")
    page.get_by_role("button", name="More units").click()
    page.wait_for_url("**code_size=10**")
    expect(selected(lab)).to_have_text("code · 10")
    page.get_by_role("button", name="Add layer").click()
    page.wait_for_url(re.compile(r"widths=200%2C64%2C32|widths=200,64,32"))
    # By keys: to the first hidden layer, twice as wide, and gone.
    lab.network.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(selected(lab)).to_have_text("encoder layer 1 · 200")
    page.keyboard.press("+")
    page.wait_for_url(re.compile(r"widths=256(%2C|,)64(%2C|,)32"))
    page.keyboard.press("Delete")
    page.wait_for_url(re.compile(r"widths=64(%2C|,)32"))
    page.keyboard.press("Insert")
    page.wait_for_url(re.compile(r"widths=64(%2C|,)\d+(%2C|,)32"))
    lab.train.click()
    lab.wait_for_step(1)
    expect(lab.network).to_have_attribute("data-live", "true")


@pytest.mark.parametrize("screen", [PHONE], ids=["phone"])
def test_on_a_phone_the_network_is_whole_and_edited_by_touch(lab: Lab) -> None:
    lab.open(**DENSE)
    box = lab.network.bounding_box()
    assert box is not None and box["height"] >= 200 and box["x"] >= 0 and box["x"] + box["width"] <= 390
    lab.page.get_by_role("button", name="Fewer units").tap()
    lab.page.wait_for_url("**code_size=6**")
