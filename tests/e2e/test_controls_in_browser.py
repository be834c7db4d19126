"""Whatever our own components offer is found in the running page and used: every button, option, switch and slider."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.lab import Lab

PAGES = ("Train", "Reconstructions", "Denoising", "Latent space", "Decode")
# Fewer on these pages would mean that they were not found.
AT_LEAST = {"Train": 4, "Reconstructions": 2, "Denoising": 1, "Decode": 8, "Latent space": 2}


@pytest.mark.parametrize("name", PAGES)
def test_every_control_of_a_component_can_be_used(lab: Lab, name: str) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", code_size="3", epochs="3")
    lab.train.click()
    expect(lab.state).to_have_text(re.compile("^Finished"))
    page = lab.page
    if name != "Train":
        page.get_by_role("link", name=name).first.click()
    expect(page.locator(".component canvas:visible").first).to_be_visible()
    page.wait_for_timeout(1500)
    used = set()
    for kind, use in (("select", every_option), ("input", both_ends), ("button", press)):
        controls = page.locator(f".component {kind}")
        # What one control does may show or hide others.
        for index in range(controls.count()):
            control = controls.nth(index)
            if index < controls.count() and control.is_visible() and control.is_enabled():
                used.add(f"{kind} {control.get_attribute('class')} {control.get_attribute('aria-label')} {index}")
                use(page, control)
                expect(page.get_by_test_id("stException")).to_have_count(0)
    assert len(used) >= AT_LEAST.get(name, 0), used
    expect(page.locator(".component canvas:visible").first).to_be_visible()


@pytest.mark.parametrize(("key", "state"), [("s", "^(Paused|Finished)"), ("0", "."), ("t", "^(Training|Finished)")])
def test_every_shortcut_does_what_its_button_does(lab: Lab, key: str, state: str) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", epochs="2")
    lab.page.locator(".curve h3").click()
    lab.page.keyboard.press(key)
    expect(lab.state).to_have_text(re.compile(state))


def every_option(page: Page, select: Locator) -> None:
    values = select.locator("option").evaluate_all("options => options.filter(o => !o.disabled).map(o => o.value)")
    for value in [*values, *values[:1]]:
        if select.is_visible():
            select.select_option(value)


def both_ends(page: Page, control: Locator) -> None:
    match control.get_attribute("type"):
        case "checkbox":
            control.click(force=True)
            control.click(force=True)
        case "range":
            for end in ("min", "max"):
                control.evaluate(
                    """(input, end) => {
                      input.value = input[end]
                      for (const kind of ["input", "change"]) input.dispatchEvent(new Event(kind, { bubbles: true }))
                    }""",
                    end,
                )
        case kind:
            raise AssertionError(f"a kind of control that nobody taught this test: {kind}")


def press(page: Page, button: Locator) -> None:
    # What plays moves the buttons below it, and a click would wait until they stand still.
    button.dispatch_event("click")
