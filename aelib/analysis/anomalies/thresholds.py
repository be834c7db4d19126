"""Which images are flagged as anomalous: those whose score is above a threshold. Plain NumPy, for the web server; the
component `aelib.ui.components.detector` does the same in the browser while a hand moves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np


class By(StrEnum):
    """What a threshold is set by. `ALARMS`: how many percent of the normal images may be flagged; `QUANTILE`: of all
    images; `COST`: how many times as much as a false alarm a missed anomaly costs; `HAND`: the threshold itself."""

    ALARMS = "alarms"
    QUANTILE = "quantile"
    COST = "cost"
    HAND = "hand"


@dataclass(frozen=True)
class Rule:
    """How a threshold is set: to what `value` says of `by`."""

    by: By
    value: float


USUAL = Rule(By.ALARMS, 5.0)


def threshold(rule: Rule, normal: np.ndarray, anomalous: np.ndarray) -> float:
    """The threshold for scores float [N] and [M]: one of them, or minus infinity where all images are flagged. The
    lowest that flags no more than the rule allows, or of the cheapest ones the lowest."""
    every = np.sort(np.concatenate([normal, anomalous]))
    match rule.by:
        case By.ALARMS:
            return _flagging(np.sort(normal), rule.value)
        case By.QUANTILE:
            return _flagging(every, rule.value)
        case By.COST:
            candidates = np.concatenate([[-np.inf], every])
            missed = np.searchsorted(np.sort(anomalous), candidates, side="right")
            alarms = len(normal) - np.searchsorted(np.sort(normal), candidates, side="right")
            return float(candidates[np.argmin(rule.value * missed + alarms)])
        case By.HAND:
            return rule.value


def _flagging(ascending: np.ndarray, percent: float) -> float:
    """The lowest threshold above which at most so many percent of the scores lie."""
    # Percent come from a slider: 7 % of 100 images are 7, though 0.07 × 100 is a little more.
    kept = len(ascending) - int(np.floor(percent / 100 * len(ascending) + 1e-9))
    return float(ascending[kept - 1]) if kept else -float("inf")
