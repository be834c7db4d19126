"""A login at a provider of OpenID Connect, and the way out again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.provider import Provider
from tests.e2e.server import Server
from tests.e2e.uploads import send_file, sessions_of


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def guarded(provider: Provider, tmp_path: Path) -> Iterator[Server]:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(provider.secrets_file())
    server = Server(tmp_path, AELIB_DATA_DIR=str(tmp_path), STREAMLIT_SECRETS_FILES=str(secrets))
    yield server
    server.stop()
    assert server.complaints() == []


def test_who_has_not_logged_in_can_send_no_files(guarded: Server, page: Page) -> None:
    sessions = sessions_of(page)
    page.goto(guarded.url)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "_streamlit_xsrf")
    answer = send_file(page, sessions[-1], {"X-Xsrftoken": token})
    assert (answer.status, answer.text()) == (403, "Uploads are not expected here.")


def test_a_visitor_logs_in_sees_own_runs_everywhere_and_logs_out(
    provider: Provider, guarded: Server, browser: Browser, page: Page
) -> None:
    # The first who comes to a server, and not by its front door.
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(f"{guarded.url}/decode")
    expect(elsewhere.get_by_role("button", name="Log in")).to_be_visible()
    expect(elsewhere.get_by_test_id("stMain").get_by_role("button")).to_have_count(1)

    gate, train = page.get_by_role("button", name="Log in"), page.locator(".st-key-train button:visible").first
    page.goto(guarded.url)
    expect(gate).to_be_visible()
    expect(page.get_by_role("link", name="Decode")).to_have_count(0)
    gate.click()
    expect(train).to_be_visible()
    assert provider.logins == 1
    page.locator(".st-key-step button:visible").first.click()
    page.wait_for_url("**run=**")

    # The same person in the other browser.
    elsewhere.get_by_role("button", name="Log in").click()
    elsewhere.get_by_role("button", name="My runs").click()
    expect(elsewhere.get_by_test_id("stPopoverBody").get_by_role("button", name="Open", exact=True)).to_have_count(1)
    elsewhere.context.close()

    # Where there is no room for all links beside the settings, the last ones are behind "more".
    page.set_viewport_size({"width": 1600, "height": 800})
    page.get_by_role("link", name="Log out").click()
    expect(gate).to_be_visible()
    assert provider.logouts == 1
    page.reload()
    expect(gate).to_be_visible()
    expect(train).to_be_hidden()
