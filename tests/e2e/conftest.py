"""A real browser at the real app. Every page must leave the console and the server's log clean."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import MISSING, find_browser, launched_browser
from tests.e2e.lab import PROJECTOR, Lab
from tests.e2e.server import Server

# Browser, server and engine share the machine with whatever else it does: what fails once here may be its mood, what
# fails three times in a row is not. No other test has more than one chance.
FURTHER_CHANCES = 2

# A small machine may be busy training; a person would wait, too.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, pytest.Function) and "browser" in item.fixturenames:
            item.add_marker(pytest.mark.flaky(reruns=FURTHER_CHANCES))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names every test that needed a further chance, and what went wrong the first time."""
    reports = terminalreporter.getreports("rerun")
    if reports:
        terminalreporter.section("browser tests that needed a second chance")
    for report in reports:
        reason = report.longrepr.reprcrash.message.splitlines()[0] if hasattr(report.longrepr, "reprcrash") else ""
        terminalreporter.line(f"{report.nodeid}: {reason}")


# Playwright holds the event loop of its thread: it ends before other tests begin that need one of their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    if find_browser() is None:
        if os.environ.get("CI"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with launched_browser() as browser:
        yield browser


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("home")
    # Without MNIST of its own the app starts with the bundled digits.
    data_dir = os.environ.get("AELIB_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    server = Server(home, AELIB_DATA_DIR=data_dir)
    yield server
    server.stop()
    assert server.complaints() == []


@pytest.fixture
def screen() -> dict[str, Any]:
    return PROJECTOR


@pytest.fixture
def page(browser: Browser, screen: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(**screen)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.set_default_timeout(60_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def lab(page: Page, server: Server) -> Lab:
    return Lab(page, server.url)
