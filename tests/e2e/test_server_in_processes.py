"""The server as a process: where it is started, what it keeps for itself, and how it comes to its end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.lab import Lab
from tests.e2e.server import Server


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_ends_in_order(tmp_path: Path, told: signal.Signals) -> None:
    server = Server(tmp_path)
    # Not by the signal itself: Python came to its end, and with it everything that is done then.
    assert server.stop(told) == 0
    assert server.complaints() == []


def test_the_app_shows_itself_wherever_its_server_is_started(page: Page, tmp_path: Path) -> None:
    elsewhere, home = tmp_path / "elsewhere", tmp_path / "home"
    elsewhere.mkdir()
    home.mkdir()
    server = Server(home, elsewhere)
    try:
        Lab(page, server.url).open()
        logo = page.get_by_test_id("stHeaderLogo").or_(page.get_by_test_id("stSidebarLogo")).first
        expect(logo).to_be_visible()
        assert logo.evaluate("image => image.complete && image.naturalWidth > 0")
        for link in ("Recipes", "Latent space"):
            page.get_by_role("link", name=link).click()
            expect(page.get_by_role("link", name=link)).to_have_attribute("aria-current", "page")
            expect(page.get_by_test_id("stException")).to_have_count(0)
        # Settings of the project count, too.
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "15px"
        page.goto("about:blank")
    finally:
        server.stop()
    assert server.complaints() == []


def test_a_second_server_with_the_same_folder_says_so_and_keeps_off(tmp_path: Path, page: Page) -> None:
    first = Server(tmp_path)
    Lab(page, first.url).open(dataset="digits")
    second = Server(tmp_path)
    try:
        other = page.context.new_page()
        other.goto(second.url)
        expect(other.get_by_text("Another server is using this folder of runs")).to_be_visible()
        page.goto("about:blank")
        assert first.stop() == 0
        # With the first one gone, the folder is free.
        Lab(other, second.url).open(dataset="digits")
    finally:
        second.stop()
    assert second.complaints() == []
