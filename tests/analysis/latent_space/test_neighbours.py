"""Claims about neighbours, from answers that are made up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from aelib.analysis.claims import Verdict
from aelib.analysis.classify import few_labels
from aelib.analysis.latent_space.neighbours import (
    codes_may_classify_better,
    good_before_tsne,
    layer_may_serve,
    map_beats_pca,
)


def right(share: float, count: int = 1_000) -> np.ndarray:
    """Of so many images this share is named rightly; a larger share holds those of a smaller one."""
    return np.arange(count) < round(share * count)


JUDGES: dict[str, Callable[[np.ndarray, np.ndarray], Verdict]] = {
    "C2": lambda one, other: map_beats_pca(one, other, "the code", "1,000 images"),
    "C20": lambda one, other: good_before_tsne(one, other, "the code", "1,000 images"),
    "C23": lambda one, other: codes_may_classify_better(one, other, "1,000 images"),
    "C29": lambda one, other: layer_may_serve(one, other, right(0.9), "hidden layer 1", "1,000 images"),
}


@pytest.mark.parametrize("claim", JUDGES)
def test_a_claim_is_supported_where_the_difference_is_beyond_chance(claim: str) -> None:
    found = JUDGES[claim](right(0.95), right(0.93))
    assert (found.claim, found.answer) == (claim, "supported")
    low, high = stats.ttest_rel(right(0.95).astype(float), right(0.93).astype(float)).confidence_interval(0.95)
    assert f"2.0 ± {50 * (high - low):.1f} percentage points more accurate" in found.reason
    assert "1,000 images" in found.conditions and "paired over the images" in found.conditions


@pytest.mark.parametrize(("claim", "answer"), [("C2", "refuted"), ("C20", "refuted"), ("C23", "undecided")])
def test_what_may_be_is_not_refuted_and_what_is_said_to_be_is(claim: str, answer: str) -> None:
    assert JUDGES[claim](right(0.5), right(0.7)).answer == answer
    assert JUDGES["C29"](right(0.5), right(0.7)).answer == "undecided"


@pytest.mark.parametrize("claim", ["C23", "C29"])
@pytest.mark.parametrize("share", [0.95, 0.5])
def test_what_may_be_and_was_not_shown_says_why_it_is_undecided(claim: str, share: float) -> None:
    found = JUDGES[claim](right(share), right(0.7))
    assert ("can support it, but not refute it" in found.conditions) == (found.answer == "undecided") == (share < 0.7)


def test_the_same_claim_has_the_same_explanation_however_it_is_measured() -> None:
    by_neighbours = codes_may_classify_better(right(0.5), right(0.7), "1,000 images")
    draws = np.array([0.7, 0.72, 0.74, 0.71, 0.73])
    by_regression = few_labels.codes_may_classify_better(few_labels.Pair(draws - 0.1, draws), 10, "one run")
    assert by_neighbours.statement == by_regression.statement
    assert by_neighbours.conditions.rpartition(". ")[2] == by_regression.conditions.rpartition(". ")[2]


@pytest.mark.parametrize("claim", JUDGES)
@pytest.mark.parametrize("count", [27, 1_000])
def test_what_chance_explains_is_not_decided(claim: str, count: int) -> None:
    chance = np.random.default_rng(0)
    one, other = chance.random(count) < 0.62, chance.random(count) < 0.6
    found = layer_may_serve(one, other, other, "", "") if claim == "C29" else JUDGES[claim](one, other)
    assert found.answer == "undecided"


def test_the_figures_of_tsne_maps_measured_beside_the_app() -> None:
    """5-NN on t-SNE maps: of the pixels 0.866, of vanilla codes 0.83, of sparse codes 0.872."""
    chance = np.random.default_rng(1)

    def named(accuracy: float) -> np.ndarray:
        return chance.random(1_000) < accuracy

    pixels = named(0.866)
    assert JUDGES["C20"](named(0.79), pixels).answer == "refuted"
    assert JUDGES["C20"](named(0.872), pixels).answer == "undecided"
