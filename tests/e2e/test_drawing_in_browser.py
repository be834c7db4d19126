"""What all canvases draw with."""

from __future__ import annotations

import random
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.server import PROJECT

WIDTH, HEIGHT = 470, 260


@pytest.fixture
def drawing(page: Page) -> Page:
    page.add_script_tag(path=PROJECT / "aelib" / "ui" / "components" / "dots.js")
    return page


def names_spread(page: Page, boxes: list[dict[str, Any]]) -> list[list[float]]:
    """Where the names of groups come to stand whose middles and half sizes these are."""
    found: list[list[float]] = page.evaluate(
        "([boxes, w, h]) => { spread(boxes, w, h); return boxes.map((box) => box.middle) }", [boxes, WIDTH, HEIGHT]
    )
    return found


def test_names_of_groups_do_not_lie_on_each_other(drawing: Page) -> None:
    chance = random.Random(7)
    for words in ([6] * 10, [30] * 10, [6] * 26, [45, 12, 30]):
        # All in the midst of the map, as before anything is learnt; two at the very same place.
        middles = [[chance.gauss(WIDTH / 2, 12), chance.gauss(HEIGHT / 2, 12)] for _ in words]
        middles[1] = list(middles[0])
        boxes = [{"middle": middle, "half": [half, 9]} for middle, half in zip(middles, words, strict=True)]
        places = names_spread(drawing, boxes)
        for (ax, ay), (bx, by) in combinations(places, 2):
            i, j = places.index([ax, ay]), places.index([bx, by])
            assert abs(ax - bx) > words[i] + words[j] - 1 or abs(ay - by) > 17
        assert all(half <= x <= WIDTH - half for (x, _), half in zip(places, words, strict=True))
        assert all(9 <= y <= HEIGHT - 9 for _, y in places)


def test_names_that_have_room_stay_where_they_belong(drawing: Page) -> None:
    boxes = [{"middle": [100 * i + 50, 60], "half": [20, 9]} for i in range(4)]
    assert names_spread(drawing, boxes) == [box["middle"] for box in boxes]
