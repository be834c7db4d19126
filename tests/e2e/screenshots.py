"""The README's images, taken from the running app: `make screenshots`."""

from __future__ import annotations

from typing import Any, Literal

from playwright.sync_api import Browser

from tests.e2e.browser import launched_browser
from tests.e2e.lab import PHONE, PROJECTOR, Lab
from tests.e2e.server import PROJECT, Server, served

IMAGES = PROJECT / "docs"
SETTINGS = {"recipe": "multilayer-64", "corruption": "gaussian", "corruption_level": "0.3", "epochs": "20"}
STEPS = 900
# Measurements beside the images take their time.
SETTLING_MS = 12_000


def shoot(
    browser: Browser, server: Server, name: str, scheme: Literal["light", "dark"], screen: dict[str, Any]
) -> None:
    """Trains for a while and takes the image while it is going on."""
    context = browser.new_context(**screen, color_scheme=scheme)
    lab = Lab(context.new_page(), server.url).open(**SETTINGS)
    lab.page.set_default_timeout(300_000)
    lab.train.click()
    while lab.step() < STEPS:
        lab.page.wait_for_timeout(200)
    # The mouse on the button would show its tooltip.
    lab.page.mouse.move(5, 5)
    lab.page.wait_for_timeout(800)
    lab.page.screenshot(path=IMAGES / f"{name}.png")
    lab.pause.click()
    context.close()


def look(browser: Browser, server: Server, title: str, name: str, scheme: Literal["light", "dark"]) -> None:
    """Opens the page of this title, trains the network that it offers, and takes the image when all is there."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    lab = Lab(context.new_page(), server.url).open()
    page = lab.page
    page.set_default_timeout(300_000)
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="Train one for me").click()
    page.get_by_role("button", name="Continue training").wait_for()
    if title == "Latent space":
        page.get_by_role("button", name="Start t-SNE").click()
        page.get_by_role("button", name="Cancel").wait_for()
        page.get_by_role("button", name="Restart t-SNE").wait_for()
    page.mouse.move(5, 5)
    page.wait_for_timeout(SETTLING_MS)
    if title == "Classify":
        page.get_by_text("steps done").wait_for(state="hidden")
        page.wait_for_timeout(1_000)
    page.screenshot(path=IMAGES / f"{name}.png")
    context.close()


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with launched_browser() as browser, served() as server:
        shoot(browser, server, "train-light", "light", PROJECTOR)
        shoot(browser, server, "train-dark", "dark", PROJECTOR)
        shoot(browser, server, "train-phone", "light", PHONE)
        look(browser, server, "Reconstructions", "reconstructions", "light")
        look(browser, server, "Denoising", "denoising", "dark")
        look(browser, server, "Latent space", "latent-space", "light")
        look(browser, server, "Decode", "decode", "dark")
        look(browser, server, "Classify", "classify", "light")
        look(browser, server, "Anomalies", "anomalies", "dark")


if __name__ == "__main__":
    main()
