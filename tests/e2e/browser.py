"""Which browser the tests drive: one that is installed, found by name. Run as a script, prints it or fails."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
MISSING = "No browser found: install Chromium or Chrome (Debian: sudo apt install chromium)."


def find_browser() -> str | None:
    """The path of a Chromium-like browser, or None."""
    named = (shutil.which(name) for name in NAMES)
    placed = (place for place in PLACES if Path(place).is_file())
    return next((path for path in (*named, *placed) if path), None)


def launch_arguments() -> list[str]:
    arguments = [
        "--disable-dev-shm-usage",
        "--enable-unsafe-swiftshader",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
    ]
    # Chromium's sandbox refuses to run as root, which is who runs tests in a container.
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox", *arguments] if is_root else arguments


@contextmanager
def launched_browser() -> Iterator[Browser]:
    """A browser without a window. Raises `SystemExit` where none is installed."""
    # Here, because this file is run as a script where Playwright is not installed yet.
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        raise SystemExit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=launch_arguments())
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(print(find_browser()) if find_browser() else MISSING)
