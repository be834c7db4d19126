"""The app as a person sees it: what can be pressed, and what is to be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Locator, Page, expect

# What a browser's context shows, and how it is touched.
PROJECTOR: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}

# How many colours a canvas shows, and a number that stands for its content.
_CANVAS = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  const colours = new Set()
  let sum = 0
  for (let i = 0; i < data.length; i += 4) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2]
    if (data[i + 3]) colours.add(colour)
    sum = (sum * 31 + colour + data[i + 3]) % 1000000007
  }
  return [colours.size, sum]
}"""


class Lab:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    def open(self, **query: str) -> Lab:
        self.page.goto(f"{self._url}/?{urlencode(query)}")
        expect(self.train).to_be_visible()
        expect(self.images).to_be_visible()
        return self

    @property
    def train(self) -> Locator:
        return self.page.locator(".st-key-train button:visible").first

    @property
    def pause(self) -> Locator:
        return self.page.locator(".st-key-pause button:visible").first

    @property
    def one_step(self) -> Locator:
        return self.page.locator(".st-key-step button:visible").first

    @property
    def reset(self) -> Locator:
        return self.page.locator(".st-key-reset button:visible").first

    @property
    def network(self) -> Locator:
        return self.page.locator(".panel.network canvas")

    @property
    def curve(self) -> Locator:
        return self.page.locator(".curve canvas")

    @property
    def codes(self) -> Locator:
        return self.page.locator(".codes .map")

    @property
    def images(self) -> Locator:
        return self.page.locator(".block canvas").first

    @property
    def state(self) -> Locator:
        return self.page.locator(".figures .state")

    @property
    def moment(self) -> Locator:
        return self.page.locator(".moment")

    def step(self) -> int:
        return int(self.page.locator(".figures .step").get_attribute("data-step") or 0)

    def wait_for_step(self, least: int) -> int:
        """Waits until the step counter shows `least` or more."""
        for _ in range(1200):
            if self.step() >= least:
                return self.step()
            self.page.wait_for_timeout(50)
        raise AssertionError(f"still at step {self.step()}: {self.page.locator('.status').inner_text()}")

    def wait_for_rest(self) -> int:
        """Waits until the step counter has stood still for a while: what was under way may still arrive."""
        for _ in range(60):
            before = self.step()
            self.page.wait_for_timeout(1_000)
            if self.step() == before:
                return before
        raise AssertionError(f"still going on at step {self.step()}")

    def wait_for_error_below(self, limit: float) -> None:
        """Waits until the test error beside the curve is below `limit`."""
        for _ in range(600):
            if float(self.page.locator(".key.test b").inner_text() or "inf") < limit:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the error stays above {limit}")

    def look(self, canvas: Locator) -> tuple[int, int]:
        """(number of colours, a number that changes with the image) of a canvas."""
        colours, content = canvas.evaluate(_CANVAS)
        return colours, content

    def wait_for_look(self, canvas: Locator, sought: Callable[[tuple[int, int]], bool]) -> tuple[int, int]:
        """Waits until what `look` sees is as sought: a canvas is there before its image is."""
        for _ in range(200):
            seen = self.look(canvas)
            if sought(seen):
                return seen
            self.page.wait_for_timeout(50)
        raise AssertionError(f"the picture stays as it is: {seen}")

    def wait_for_change(self, canvas: Locator, before: tuple[int, int]) -> None:
        self.wait_for_look(canvas, lambda now: now != before)

    def settled_look(self, canvas: Locator) -> tuple[int, int]:
        """What `look` sees once nothing has changed for two seconds: a hand's last movement has been followed."""
        for _ in range(30):
            before = self.look(canvas)
            self.page.wait_for_timeout(2_000)
            if self.look(canvas) == before:
                return before
        raise AssertionError("the picture keeps changing")

    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.page.url).query).items()}

    def slider(self, label: str) -> Locator:
        return self.page.get_by_role("slider", name=re.compile(f"^{label}"))
