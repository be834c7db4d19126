"""Which images a threshold flags."""

from __future__ import annotations

import numpy as np
import pytest

from aelib.analysis.anomalies.thresholds import By, Rule, threshold


def flagged(rule: Rule, low: np.ndarray, high: np.ndarray) -> tuple[int, int]:
    limit = threshold(rule, low, high)
    return int((low > limit).sum()), int((high > limit).sum())


@pytest.mark.parametrize("percent", [0, 1, 7, 50, 99, 100])
def test_a_threshold_flags_as_many_as_it_is_allowed_to(percent: float) -> None:
    chance = np.random.default_rng(0)
    low, high = chance.normal(size=100), chance.normal(1, size=60)
    assert flagged(Rule(By.ALARMS, percent), low, high)[0] == percent
    assert sum(flagged(Rule(By.QUANTILE, percent), low, high)) == int(1.6 * percent + 1e-9)


@pytest.mark.parametrize("ratio", [0.01, 0.5, 1, 2, 100])
def test_no_threshold_costs_less_than_the_cheapest(ratio: float) -> None:
    chance = np.random.default_rng(0)
    low, high = chance.normal(size=100).round(1), chance.normal(1, size=60).round(1)

    def cost(limit: float) -> float:
        return ratio * float((high <= limit).sum()) + float((low > limit).sum())

    found = threshold(Rule(By.COST, ratio), low, high)
    assert cost(found) == min(map(cost, [-np.inf, *low, *high]))


def test_equal_scores_are_flagged_together_or_not_at_all() -> None:
    low, high = np.array([1, 1, 1, 2]), np.array([1, 3])
    assert flagged(Rule(By.ALARMS, 50), low, high) == (1, 1)
    assert flagged(Rule(By.HAND, 1.5), low, high) == (1, 1)
