"""Where dots, intervals and ticks are drawn."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy.stats import t

from aelib.ui.components.dot_plot.payload import Group, Panel, Row, payload


def drawn(*rows: Row, **options: Any) -> dict[str, Any]:
    return payload(Panel([Group("Test MSE", rows)], **options))


def row(values: list[float], **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = drawn(Row("arm", values, len(values)), **options)["groups"][0]["rows"][0]
    return found


def places(values: list[float], **options: Any) -> list[float]:
    return [dot["at"] for dot in row(values, **options)["dots"]]


def test_dots_keep_their_order_and_distances() -> None:
    low, middle, high = places([1.0, 2.0, 4.0])
    assert (high - middle) / (middle - low) == pytest.approx(2) and low > 0 and high < 100
    one, two, four = places([1.0, 2.0, 4.0], log=True)
    assert four - two == pytest.approx(two - one)


def test_the_figure_is_the_mean_with_students_interval() -> None:
    values = np.array([0.21, 0.22, 0.25])
    margin = t.ppf(0.975, 2) * values.std(ddof=1) / 3**0.5
    found = row(list(values), percent=True)
    assert found["figure"] == f"{values.mean() * 100:.1f} ± {margin * 100:.1f} %"
    assert found["mean"] == pytest.approx(sum(dot["at"] for dot in found["dots"]) / 3)
    low, high = found["interval"]
    assert low <= found["mean"] <= high and (low, high) == (0, 100)
    assert row([12.25, 12.26], unit="dB")["figure"].endswith(" dB")


def test_what_is_not_measured_yet_leaves_room() -> None:
    first, second = drawn(Row("first", [0.1], 2), Row("second", [], 2))["groups"][0]["rows"]
    assert first["figure"] == "0.1 · 1 to come" and first["interval"] is None
    assert second == {"label": "second", "dots": [], "interval": None, "figure": "…"}


@pytest.mark.parametrize("values", [[0.0, 0.0], [1e-5, 3e-5], [5.0], [-3.0, 1e4], [float("nan"), 1.0], [0.999, 1.0]])
@pytest.mark.parametrize("log", [False, True])
def test_ticks_are_within_the_axis_and_any_numbers_can_be_drawn(values: list[float], log: bool) -> None:
    found = drawn(Row("arm", values, len(values)), log=log)
    ticks = [tick["at"] for tick in found["ticks"]]
    assert ticks == sorted(ticks) and ticks and all(-0.01 <= tick <= 100.01 for tick in ticks)
    # JSON as browsers read it.
    json.dumps(found, allow_nan=False)
