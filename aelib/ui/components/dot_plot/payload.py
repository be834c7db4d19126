"""What a dot plot shows, and where on its axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from aelib.analysis.denoising.quality import Mean, mean

# Room at either end of an axis, as a share of it.
_MARGIN = 0.06
_TICKS = 5


@dataclass(frozen=True)
class Row:
    """`values`: those of the seeds that are known, of so many `seeds`."""

    label: str
    values: Sequence[float]
    seeds: int


@dataclass(frozen=True)
class Group:
    """Rows that show the same, under a `title` ("" where their labels say it)."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Panel:
    """Groups on one axis. `percent`: the values are shares; `unit`: is written behind them."""

    groups: Sequence[Group]
    percent: bool = False
    log: bool = False
    unit: str = ""


def payload(panel: Panel) -> dict[str, Any]:
    """What the script draws: places in percent of the axis, and texts."""
    known = [value for group in panel.groups for row in group.rows for value in row.values if math.isfinite(value)]
    scale = _Scale.of(known, log=panel.log and all(value > 0 for value in known))
    return {
        "groups": [
            {"title": group.title, "rows": [_row(row, panel, scale) for row in group.rows]} for group in panel.groups
        ],
        "ticks": [{"at": scale.percent(tick), "text": _short(tick, panel)} for tick in scale.ticks],
    }


def _row(row: Row, panel: Panel, scale: _Scale) -> dict[str, Any]:
    values = [value for value in row.values if math.isfinite(value)]
    missing = row.seeds - len(row.values)
    drawn: dict[str, Any] = {
        "label": row.label,
        "dots": [{"at": scale.percent(value), "text": _short(value, panel)} for value in values],
        "interval": None,
        "figure": "…",
    }
    if values:
        found = mean(np.array(values))
        drawn["figure"] = _figure(found, panel) + (f" · {missing} to come" if missing else "")
        if len(values) > 1:
            drawn["mean"] = scale.percent(found.value)
            drawn["interval"] = [min(100.0, max(0.0, scale.percent(end))) for end in (found.low, found.high)]
    return drawn


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    log: bool
    ticks: tuple[float, ...]

    @classmethod
    def of(cls, values: Sequence[float], *, log: bool) -> _Scale:
        """An axis that holds all values."""
        if not values:
            return cls(0.0, 1.0, False, ())
        low, high = (math.log10(end) if log else end for end in (min(values), max(values)))
        room = (high - low) * _MARGIN or abs(high) * _MARGIN or 1.0
        low, high = low - room, high + room
        return cls(low, high, log, _log_ticks(low, high) if log else _ticks(low, high))

    def percent(self, value: float) -> float:
        """Where a value lies, from 0 to 100."""
        if self.log:
            value = math.log10(value) if value > 0 else self.low
        return 100 * (value - self.low) / (self.high - self.low)


def _ticks(low: float, high: float) -> tuple[float, ...]:
    """Round numbers within the ends, at most about five."""
    rough = (high - low) / _TICKS
    size = 10 ** math.floor(math.log10(rough))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= rough)
    first = math.ceil(low / step)
    return tuple(number * step for number in range(first, math.floor(high / step) + 1))


def _log_ticks(low: float, high: float) -> tuple[float, ...]:
    """1, 2 and 5 times powers of ten within the ends, which are logarithms; round numbers where these are too near."""
    decades = range(math.floor(low), math.ceil(high) + 1)
    found = tuple(factor * 10.0**decade for decade in decades for factor in (1, 2, 5))
    within = tuple(tick for tick in found if low <= math.log10(tick) <= high)
    return within if len(within) > 1 else _ticks(10**low, 10**high)


def _short(value: float, panel: Panel) -> str:
    if panel.percent:
        return f"{value * 100:.3g} %"
    return f"{value:.3g}{f' {panel.unit}' if panel.unit else ''}"


def _figure(found: Mean, panel: Panel) -> str:
    """The mean with half the width of its interval, rounded to what that can bear."""
    factor, unit = (100, " %") if panel.percent else (1, f" {panel.unit}" if panel.unit else "")
    value, margin = found.value * factor, found.margin * factor
    if not math.isfinite(margin) or margin < 1e-4 * abs(value) or not margin:
        return f"{value:.4g}{unit}".replace("-", "\N{MINUS SIGN}")
    digits = max(0, 1 - math.floor(math.log10(margin)))
    digits = min(digits, max(0, 3 - math.floor(math.log10(abs(value))) if value else 3), 6)
    said = f"{value:.{digits}f} ± {margin:.{digits}f}{unit}"
    return said.replace("-", "\N{MINUS SIGN}")
