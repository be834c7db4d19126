"""Files that take long to read: the page goes on, and nothing is read for somebody who left."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.datasets.samples import blank_pages, zipped
from tests.e2e.lab import Lab
from tests.e2e.server import Server
from tests.processes import readers
from tests.runs.waiting import wait_until


def send_slow_files(lab: Lab, folder: Path) -> None:
    (folder / "pages.zip").write_bytes(zipped(blank_pages(120)))
    lab.open(dataset="digits", recipe="vanilla-64", epochs="500")
    lab.page.get_by_role("button", name="Use your own images").click()
    lab.page.locator("input[type=file]").set_input_files(folder / "pages.zip")
    lab.page.get_by_role("button", name="Use these images").click()
    expect(lab.page.get_by_text(re.compile(r"Reading images … \d+ s"))).to_be_visible()


def test_reading_goes_on_beside_the_page_until_it_is_cancelled(lab: Lab, server: Server, tmp_path: Path) -> None:
    send_slow_files(lab, tmp_path)
    lab.page.keyboard.press("Escape")
    lab.train.click()
    lab.wait_for_step(1)
    assert len(readers(server.pid)) == 1
    lab.page.get_by_role("button", name="Use your own images").click()
    lab.page.get_by_role("button", name="Cancel").click()
    wait_until(lambda: not readers(server.pid))
    expect(lab.page.get_by_role("button", name="Use these images")).to_be_visible()
    expect(lab.page.get_by_test_id("stAlert")).to_have_count(0)
    assert lab.query()["dataset"] == "digits"


def test_reading_ends_with_its_tab(lab: Lab, page: Page, server: Server, tmp_path: Path) -> None:
    send_slow_files(lab, tmp_path)
    assert len(readers(server.pid)) == 1
    page.close()
    wait_until(lambda: not readers(server.pid))
