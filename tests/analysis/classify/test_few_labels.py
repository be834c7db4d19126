"""Claims about few labels, from accuracies that are made up."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aelib.analysis.claims import Outcome
from aelib.analysis.classify.few_labels import Pair, codes_may_classify_better, pretraining_helped, starts_a_classifier

SUPPORTED, REFUTED, UNDECIDED, DEPENDS = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.UNDECIDED, Outcome.DEPENDS
DRAWS = np.array([0.70, 0.72, 0.74, 0.71, 0.73])
CLEAR = np.array([0.98, 1.0, 1.02, 1.01, 0.99])
CHANCE = np.array([-1.0, 1.1, -0.9, 1.0, -0.2])


def ahead(by: float, how: np.ndarray = CLEAR) -> Pair:
    """`one` is ahead by about so much, draw by draw."""
    return Pair(DRAWS + by * how, DRAWS)


@pytest.mark.parametrize(
    ("usual", "best", "outcome", "answer"),
    [
        (ahead(0.05), ahead(0.05), SUPPORTED, "supported"),
        (ahead(-0.05), ahead(-0.05), REFUTED, "refuted"),
        (ahead(0.02, CHANCE), ahead(0.02, CHANCE), UNDECIDED, "undecided"),
        (ahead(0.008), ahead(0.006, CHANCE), DEPENDS, "depends on the learning rate"),
    ],
)
def test_an_encoder_is_judged_at_the_usual_rate_and_at_each_sides_best(
    usual: Pair, best: Pair, outcome: Outcome, answer: str
) -> None:
    raised = Pair(best.one + 0.1, best.other + 0.1)
    found = starts_a_classifier(usual, {0.0025: ahead(0.0), 0.005: usual, 0.01: raised}, 10, "one run")
    assert (found.outcome, found.answer) == (outcome, answer)
    assert "best rate (0.01 and 0.01)" in found.reason
    assert "learning rate" in found.conditions and "one run" in found.conditions


def test_each_side_has_its_own_best_rate() -> None:
    by_rate = {0.005: Pair(DRAWS + 0.1, DRAWS), 0.01: Pair(DRAWS, DRAWS + 0.1 + 0.001 * CHANCE)}
    found = starts_a_classifier(by_rate[0.005], by_rate, 10, "one run")
    assert "best rate (0.005 and 0.01)" in found.reason
    assert found.answer == "depends on the learning rate"


@pytest.mark.parametrize(
    ("codes", "outcome"),
    [(ahead(0.05), SUPPORTED), (ahead(-0.05), UNDECIDED), (ahead(0.02, CHANCE), UNDECIDED)],
)
def test_what_may_be_is_never_refuted_by_one_network(codes: Pair, outcome: Outcome) -> None:
    found = codes_may_classify_better(codes, 10, "one run")
    assert found.outcome is outcome
    assert ("not refute it" in found.conditions) == (outcome is UNDECIDED)


def test_one_plus_among_five_tests_is_no_proof() -> None:
    """Alone, the difference with one label would count."""
    lone = ahead(0.012, np.array([0.2, 1.9, 1.6, 0.4, 0.9]))
    p_value = stats.ttest_rel(lone.one, lone.other).pvalue
    assert 0.01 < p_value < 0.05
    others = {count: ahead(0.004, CHANCE) for count in (3, 10, 30, 100)}
    found = pretraining_helped({1: lone, **others}, "one run")
    assert found.outcome is UNDECIDED
    assert f"1: +1.2 ± 1.1 (p = {5 * p_value:.2g})" in found.reason
    assert "Holm's correction for 5 tests" in found.conditions
    assert pretraining_helped({1: lone}, "one run").outcome is SUPPORTED


@pytest.mark.parametrize(
    ("gains", "answer"),
    [
        ((0.2, 0.1, 0.05), "supported"),
        ((-0.2, -0.1, -0.05), "refuted"),
        ((0.2, 0.1, -0.05), "depends on the number of labels"),
    ],
)
def test_pretraining_is_judged_over_all_numbers_of_labels(gains: tuple[float, ...], answer: str) -> None:
    by_labels = {count: ahead(gain) for count, gain in zip((1, 10, 100), gains, strict=True)}
    assert pretraining_helped({**by_labels, 30: ahead(0.01, CHANCE)}, "one run").answer == answer
