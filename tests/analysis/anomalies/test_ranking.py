"""How well scores rank, against oracles."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from aelib.analysis.anomalies.ranking import RESAMPLES, above_chance, lead, rank


def test_auroc_counts_pairs_and_its_resamples_are_those_of_scikit_learn() -> None:
    chance = np.random.default_rng(0)
    low, high = chance.normal(size=30).round(1), chance.normal(0.7, size=20).round(1)
    ranking = rank(low, high)
    pairs = (high[:, None] > low).mean() + 0.5 * (high[:, None] == low).mean()
    assert ranking.auroc.value == pytest.approx(pairs)
    truth, both = np.repeat([0, 1], (30, 20)), np.concatenate([low, high])
    assert ranking.average_precision == pytest.approx(average_precision_score(truth, both.astype(np.float32)))
    again = np.random.default_rng(0)
    of_low = again.multinomial(30, np.full(30, 1 / 30), RESAMPLES)
    of_high = again.multinomial(20, np.full(20, 1 / 20), RESAMPLES)
    for number in range(5):
        weights = np.concatenate([of_low[number], of_high[number]])
        oracle = roc_auc_score(truth, both.astype(np.float32), sample_weight=weights)
        assert ranking.draws[number] == pytest.approx(oracle, abs=1e-6)
    assert ranking.auroc.low < ranking.auroc.value < ranking.auroc.high


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    chance = np.random.default_rng(3)
    # Two normal distributions one standard deviation apart: Φ(1 / √2).
    truth = 0.7602
    found = [rank(chance.normal(size=60), chance.normal(1, size=60)).auroc for _ in range(100)]
    assert 88 <= sum(one.low <= truth <= one.high for one in found) <= 100


def test_the_lead_of_a_score_over_itself_is_nothing() -> None:
    ranking = rank(np.arange(30), np.arange(10, 50))
    assert lead(ranking, ranking) == type(lead(ranking, ranking))(0, 0, 0)


def test_a_score_is_better_than_chance_where_its_interval_is() -> None:
    chance = np.random.default_rng(3)
    low, high, higher = (chance.normal(mean, size=200) for mean in (0, 0, 1))
    assert not above_chance(rank(low, high)) and not above_chance(rank(higher, low))
    assert above_chance(rank(low, higher)) and not above_chance(rank(low, np.array([99.0])))


def test_a_single_image_says_nothing_about_others() -> None:
    ranking = rank(np.arange(30), np.array([25.5]))
    assert ranking.auroc.value == pytest.approx(26 / 30)
    assert (ranking.auroc.low, ranking.auroc.high) == (0, 1)
    assert (lead(ranking, ranking).low, lead(ranking, ranking).high) == (-1, 1)
