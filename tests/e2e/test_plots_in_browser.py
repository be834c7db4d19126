"""Whatever is drawn lies within its plot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from aelib.spec.palette import SERIES
from tests.e2e.lab import Lab

COMPONENTS = Path(__file__).parents[2] / "aelib" / "ui" / "components"
# Numbers like those of a bell, and a few of them far away, as unusual images are.
POINTS = """const points = (count, dims, far) => {
  let seed = 7
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647
  const made = Float32Array.from({ length: count * dims }, () => random() + random() + random() - 1.5)
  for (let i = 0; i < 3 * dims; i++) made[i] *= far
  return made
}"""


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A page of nothing, to compute on."""
    page = browser.new_page()
    yield page
    page.close()


def computed(page: Page, scripts: tuple[str, ...], expression: str) -> Any:
    """What an expression is in JavaScript, beside what the component's scripts define."""
    files = [*COMPONENTS.glob("*.js"), *(COMPONENTS / name for name in scripts)]
    parts = [POINTS, *(file.read_text("utf-8") for file in files)]
    return page.evaluate("() => { " + "\n".join(parts) + f"\nreturn {expression} }}")


@pytest.mark.parametrize("far", [1, 3, 100])
@pytest.mark.parametrize("dims", [2, 3])
def test_every_dot_of_the_maps_lies_within_its_map(blank: Page, dims: int, far: int) -> None:
    seen = computed(
        blank,
        ("maps/lens.js",),
        f"""[[0.6, 0.35], [2.1, -1.2], [0, 1.5]].flatMap(([yaw, pitch]) => {{
          const made = points(500, {dims}, {far})
          const lens = lensOf(rangeOf(made, {dims}), {dims}, 320, 280, yaw, pitch)
          return Array.from({{ length: 500 }}, (_, i) => lens(made.subarray({dims} * i, {dims} * (i + 1))))
        }})""",
    )
    # A dot has a radius of up to four pixels.
    assert all(4 <= x <= 316 and 4 <= y <= 276 for x, y, _ in seen)


@pytest.mark.parametrize("far", [1, 100])
def test_every_dot_of_a_plane_lies_within_its_range(blank: Page, far: int) -> None:
    low, high, least, most = computed(
        blank,
        ("decoder/plane.js",),
        f"""(() => {{
          const plane = new Plane({{ codes: points(500, 2, {far}), units: 2, count: 500 }}, [0, 1])
          const [left, bottom, right, top] = plane.range
          const part = (v, i) => (i % 2 ? (v - bottom) / (top - bottom) : (v - left) / (right - left))
          const parts = Array.from(plane.points).map(part)
          return [left, right, Math.min(...parts), Math.max(...parts)]
        }})()""",
    )
    assert low < high
    assert least >= 0.02 and most <= 0.98


def test_what_is_nowhere_counts_for_nothing(blank: Page) -> None:
    assert computed(blank, (), "[...axisRange(Float32Array.from([NaN, 1, 3, NaN]), 0, 1)]") == pytest.approx(
        [0.92, 3.08]
    )
    low, high = computed(blank, (), "axisRange(Float32Array.from([NaN, NaN]), 0, 1)")
    assert low < high


def scale(page: Page, curves: str, along: str, log: bool, signed: bool = False) -> list[float]:
    """[low, high, the least and the greatest part of the height] of a scale and of all values of `curves`."""
    arguments = f"{curves}, {along}, {str(log).lower()}, {str(signed).lower()}"
    found: list[float] = computed(
        page,
        ("live/scale.js",),
        f"""(() => {{
          const {{ low, high, at }} = curveScale({arguments})
          const parts = {curves}.flat().map(([, v]) => at(v))
          return [low, high, Math.min(...parts), Math.max(...parts)]
        }})()""",
    )
    return found


@pytest.mark.parametrize("log", [True, False])
def test_every_curve_lies_within_the_plot(blank: Page, log: bool) -> None:
    curves = "[[[0, 0.23], [10, 0.01]], [[0, 0.22], [10, 0.012]], [[0, 0.5]]]"
    low, high, least, most = scale(blank, curves, "[[[0, 0.009]], [[0, 0.002], [10, 0.7]]]", log)
    assert 0 <= least <= most <= 1
    # What is drawn along is near enough to have the scale reach it.
    assert low < 0.002 and high > 0.7


@pytest.mark.parametrize(("along", "log"), [("[[[0, 40]]]", True), ("[[[0, 40]]]", False), ("[[[0, 1e-7]]]", True)])
def test_what_is_too_far_away_does_not_press_the_errors_flat(blank: Page, along: str, log: bool) -> None:
    low, high, least, most = scale(blank, "[[[0, 0.23], [10, 0.01]]]", along, log)
    assert most - least > 0.7
    assert low <= 0.01 and high < 1


def test_free_energies_below_zero_lie_within_the_plot(blank: Page) -> None:
    low, high, least, most = scale(blank, "[[[0, -340], [9, -120]], [[0, 15]]]", "[]", False, True)
    assert low < -340 and high > 15
    assert least > 0 and most < 1


# How many pixels beside the plot's box have a colour of the series.
OUTSIDE = """(canvas, colours) => {
  const ratio = canvas.width / canvas.clientWidth
  const [left, top, right, bottom] = [52, 8, canvas.clientWidth - 8, canvas.clientHeight - 24].map((v) => v * ratio)
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  const counts = [0, 0]
  for (let y = 0; y < canvas.height; y++) {
    for (let x = 0; x < canvas.width; x++) {
      const at = 4 * (y * canvas.width + x)
      const near = (colour) => colour.every((v, k) => Math.abs(v - data[at + k]) < 12)
      if (data[at + 3] < 200 || !colours.some(near)) continue
      counts[x >= left - 1 && x <= right + 1 && y >= top - 1 && y <= bottom + 1 ? 0 : 1] += 1
    }
  }
  return counts
}"""


def test_errors_and_penalty_are_drawn_within_the_plot(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="sparse-64", epochs="2")
    lab.train.click()
    lab.page.locator(".figures .state", has_text="Finished").wait_for()
    colours = [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in SERIES["dark"].values()]
    colours += [[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in SERIES["light"].values()]
    for log in (True, False):
        lab.page.locator(".log").set_checked(log)
        lab.page.wait_for_timeout(300)
        inside, outside = lab.curve.evaluate(OUTSIDE, colours)
        assert inside > 300
        assert outside == 0


def test_a_place_far_from_all_dots_is_not_said_to_be_near_them(blank: Page) -> None:
    """In 32 dimensions, the mean code is no farther from the nearest code than these are from one another."""
    said = computed(
        blank,
        ("decoder/network.js", "decoder/plane.js", "decoder/shown.js"),
        """(() => {
          const units = 32, count = 400
          const codes = points(count, units, 1)
          const spread = new Float32Array(units).fill(1)
          const reach = { low: null, high: null, active: null, why: "" }
          const parts = { codes, spread, low: spread, high: spread, mean: new Float32Array(units), axes: spread }
          const places = Object.fromEntries(Object.keys(parts).map((name) => [name, name]))
          const map = new CodeMap({ units, reach, usual: 2.9, ...places }, (name) => parts[name])
          const plane = new Plane(map, [0, 1])
          return [map.code(7), plane.code([0, 0]), plane.code([1.6, 1.6]), plane.code([9, 9])].map(
            (code) => remarkOn(code, map, plane, map.nearest(code).distance))
        })()""",
    )
    assert [one["usual"] for one in said] == [True, True, False, False]
    assert said[0]["text"] == said[1]["text"] == "Test images have codes like this one."
    assert said[2]["text"].startswith("No test image lies near this place on the map. In all 32 numbers, the nearest")
    assert said[3]["text"].startswith("No test image has a code like this: the nearest one is at")
