"""What frames every page: its heading, the drawer on a phone, the presenter view, single keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.lab import PHONE, Lab


def test_every_page_has_one_heading_and_a_title_of_its_own(lab: Lab) -> None:
    lab.open(dataset="digits")
    for name in ("Train", "Decode", "My runs"):
        lab.page.get_by_role("link", name=name, exact=True).click()
        expect(lab.page).to_have_title(f"{name} · Autoencoder Lab")
        expect(lab.page.get_by_role("heading", level=1)).to_have_text(name)


@pytest.mark.parametrize("screen", [PHONE], ids=["phone"])
def test_the_drawer_gives_way_to_the_page_that_was_chosen_in_it_and_to_a_tap_beside_it(lab: Lab) -> None:
    page = lab.page
    lab.open(dataset="digits")
    drawer, opens = page.get_by_test_id("stSidebar"), page.get_by_test_id("stExpandSidebarButton")
    expect(drawer).to_have_attribute("data-collapsed", "true")
    opens.tap()
    expect(drawer).to_have_attribute("data-collapsed", "false")
    page.touchscreen.tap(375, 500)
    expect(drawer).to_have_attribute("data-collapsed", "true")
    opens.tap()
    drawer.get_by_role("link", name="Recipes").tap()
    expect(page).to_have_title("Recipes · Autoencoder Lab")
    expect(drawer).to_have_attribute("data-collapsed", "true")


def test_the_presenter_view_hides_the_settings_and_gives_them_back(lab: Lab) -> None:
    page = lab.page
    lab.open(dataset="digits")
    settings, heading = page.get_by_test_id("stSidebar"), page.locator(".curve h3")
    before = heading.evaluate("one => one.getBoundingClientRect().height")
    page.keyboard.press("v")
    expect(settings).to_be_hidden()
    page.wait_for_function(f"() => document.querySelector('html').style.fontSize === '20px' && {before} > 0")
    page.get_by_role("link", name="Recipes", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recipes")
    page.get_by_role("button", name="Leave presenter view").click()
    page.get_by_role("link", name="Train", exact=True).click()
    expect(settings).to_be_visible()
    assert page.evaluate("document.documentElement.style.fontSize") == ""


def test_single_keys_act_until_they_are_switched_off(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", epochs="1")
    lab.page.keyboard.press("s")
    assert lab.wait_for_step(1) == 1
    lab.page.get_by_text("Single-key shortcuts").click()
    expect(lab.page.locator("kbd")).to_have_count(0)
    lab.page.keyboard.press("t")
    lab.page.wait_for_timeout(1_500)
    assert lab.step() == 1
    expect(lab.state).to_have_text(re.compile("Paused"))
