"""The app of an installed package, started where nothing but the package is."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.lab import Lab
from tests.e2e.server import Server
from tests.installed import built, installed


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "wheel").mkdir()
    programs = installed(built(tmp_path / "wheel"), tmp_path / "environment")
    home = tmp_path / "home"
    home.mkdir()
    server = Server(home, home, programs)
    yield server
    server.stop()
    assert server.complaints() == []


def test_the_installed_app_trains_and_has_its_own_colours(elsewhere: Server, page: Page) -> None:
    with urllib.request.urlopen(elsewhere.url) as answer:
        assert answer.status == 200
    lab = Lab(page, elsewhere.url)
    lab.open(dataset="digits", recipe="vanilla-64", epochs="1")
    # Those of .streamlit/config.toml, in the theme of the browser's choice.
    assert page.locator(".stApp").evaluate("node => getComputedStyle(node).color") in (
        "rgb(17, 21, 30)",
        "rgb(230, 232, 238)",
    )
    lab.train.click()
    page.locator(".figures .state", has_text="Finished").wait_for()
