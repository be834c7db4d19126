"""Which images the Reconstructions page shows, and how it sums errors up."""

from __future__ import annotations

import numpy as np
import pytest

from aelib.analysis.reconstructions.selection import decibels, pick, spreads

ERROR = np.random.default_rng(0).permutation(200).astype(np.float32)
ALL = np.arange(200)


def test_the_best_and_the_worst_are_the_ends_of_the_ranking() -> None:
    assert ERROR[pick("best", ALL, ERROR)].tolist() == list(range(12))
    assert ERROR[pick("worst", ALL, ERROR)].tolist() == list(range(199, 187, -1))


@pytest.mark.parametrize(("percentile", "first"), [(0, 0), (50, 94), (100, 188)])
def test_pictures_near_a_percentile_are_around_it(percentile: float, first: int) -> None:
    assert ERROR[pick("percentile", ALL, ERROR, percentile=percentile)].tolist() == list(range(first, first + 12))


def test_the_same_seed_draws_the_same_pictures() -> None:
    first, again, other = (pick("random", ALL, seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(set(first)) == 12


@pytest.mark.parametrize("way", ["random", "best", "worst", "percentile"])
def test_only_pictures_among_those_allowed_are_taken(way: str) -> None:
    few = np.array([5, 80, 133])
    assert sorted(pick(way, few, ERROR)) == [5, 80, 133]  # type: ignore[arg-type]
    assert len(pick(way, few[:0], ERROR)) == 0  # type: ignore[arg-type]


def test_spreads_are_percentiles_of_each_class_that_has_pictures() -> None:
    labels = np.repeat([0, 2], 100)
    found = spreads(ERROR, labels, ["a", "b", "c"])
    assert [(spread.label, spread.name, spread.count) for spread in found] == [(0, "a", 100), (2, "c", 100)]
    assert found[1].median == np.median(ERROR[100:])
    assert found[1].high == pytest.approx(np.quantile(ERROR[100:], 0.95))


def test_decibels_of_no_error_are_bounded() -> None:
    assert decibels(np.array([0.0, 0.01, 1.0])).tolist() == [100, 20, 0]
