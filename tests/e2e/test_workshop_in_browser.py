"""A room with a leader, a projector and two participants, one of them on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.lab import PHONE, PROJECTOR, Lab
from tests.e2e.server import Server

# What happens in the room reaches everybody within two seconds; a small machine that trains may need longer.
SOON = 10_000


@pytest.fixture
def people(browser: Browser) -> Iterator[list[Page]]:
    """Two participants with browsers of their own."""
    contexts = [browser.new_context(**screen) for screen in (PROJECTOR, PHONE)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def join(page: Page) -> str:
    """Takes the pseudonym that is offered first; which it is."""
    page.get_by_role("button", name="Join").click()
    said = page.get_by_test_id("stAlert").get_by_text("return code")
    expect(said).to_be_visible()
    return re.search(r"You are (\w+ \w+)\.", said.inner_text())[1]  # type: ignore[index]


def test_a_leader_gathers_freezes_and_shows(page: Page, people: list[Page], server: Server) -> None:
    page.goto(f"{server.url}/workshop")
    page.get_by_label("Title").fill("<b>Saturday</b>")
    page.get_by_role("button", name="Open the room").click()
    expect(page.get_by_text("You lead <b>Saturday</b>")).to_be_visible()
    code = page.get_by_role("heading", name=re.compile(r"^Code \w{3} \w{3}$")).inner_text().removeprefix("Code ")
    page.get_by_role("button", name="Screens").click()
    link = page.get_by_test_id("stCode").filter(has_text="workshop?")
    expect(link).to_have_count(2)
    projector_link, lead_link = link.all_inner_texts()
    page.keyboard.press("Escape")

    # One types the code, the other scans the link.
    laptop, phone = people
    laptop.goto(f"{server.url}/workshop")
    laptop.get_by_label("Code on the projector").fill(code.lower())
    laptop.get_by_role("button", name="Continue").click()
    names = [join(laptop)]
    phone.goto(f"{server.url}/workshop")
    phone.get_by_label("Code on the projector").fill(code)
    phone.get_by_role("button", name="Continue").click()
    names.append(join(phone))
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(2, timeout=SOON)
    assert set(page.locator(".tile .name").all_inner_texts()) == set(names)

    # A participant trains, and the board shows it.
    lab = Lab(laptop, server.url)
    laptop.get_by_role("button", name="Go to the Train page").click()
    lab.train.click()
    step = lab.wait_for_step(20)
    trained = tiles.filter(has_text=names[0])
    expect(trained.locator(".error")).to_have_text(re.compile(r"0\.\d{4}"))

    # Everybody is frozen, and goes on afterwards, where it was.
    page.get_by_role("button", name="Freeze").click()
    for person in people:
        expect(person.get_by_role("dialog", name="Look at the front")).to_be_visible(timeout=SOON)
    expect(lab.state).to_have_text("Paused")
    page.get_by_role("button", name="Release").click()
    for person in people:
        expect(person.get_by_role("dialog")).to_have_count(0, timeout=SOON)
    assert lab.wait_for_step(step + 20) > step

    # A raised hand comes first, also after a reload of both.
    phone.get_by_role("button", name="Raise hand").tap()
    expect(tiles.first.locator(".hand")).to_have_text("hand 1", timeout=SOON)
    phone.reload()
    expect(phone.get_by_text(names[1])).to_be_visible()
    page.reload()
    expect(tiles.first.locator(".name")).to_have_text(names[1])

    # The leader opens a tile, which is read only, and shows it on the projector.
    trained.click()
    expect(page.locator(".live .figures .step")).to_be_visible()
    expect(page.locator(".st-key-pause")).to_have_count(0)
    page.get_by_role("button", name="Show on projector").click()
    projector = page.context.new_page()
    projector.goto(f"{server.url}/workshop?{projector_link.split('?')[1].strip()}")
    expect(projector.locator(".live .figures .step")).to_be_visible()
    expect(projector.get_by_text(names[0])).to_be_visible()
    expect(projector.get_by_role("button", name="Freeze")).to_have_count(0)

    # Nobody but the leader leads: a participant who opens the page has neither seat nor board.
    phone.goto(f"{server.url}/workshop?lead={'x' * 22}")
    expect(phone.get_by_text("What the leader shows to everybody appears here.")).to_be_visible()
    expect(phone.locator(".board")).to_have_count(0)
    assert lead_link.split("=")[1].strip() in page.url

    # One is removed, and the end of the room reaches the other.
    page.get_by_role("button", name="Remove").first.click()
    page.locator(".st-key-workshop-remove button").click()
    expect(laptop.get_by_text(names[0])).to_have_count(0, timeout=SOON)
    page.get_by_role("button", name="Room").click()
    page.get_by_text("End the room for everybody").click()
    page.get_by_role("button", name="End the room").click()
    expect(page.get_by_role("button", name="Download results")).to_be_visible()
    expect(phone.get_by_label("Code on the projector")).to_be_visible(timeout=SOON)
    lab.pause.click()
