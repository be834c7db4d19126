"""How claims are judged, against SciPy and published values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aelib.analysis.claims import Outcome, Verdict, combined, holm, judged
from aelib.analysis.denoising.quality import Mean, mean, p_value, paired

SUPPORTED, REFUTED, UNDECIDED, DEPENDS = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.UNDECIDED, Outcome.DEPENDS


@pytest.mark.parametrize(
    ("value", "margin", "outcome"),
    [(0.3, 0.2, SUPPORTED), (-0.3, 0.2, REFUTED), (0.1, 0.2, UNDECIDED), (0.2, 0.2, UNDECIDED), (0.0, 0.0, UNDECIDED)],
)
def test_a_claim_is_decided_where_the_interval_is_on_one_side_of_zero(
    value: float, margin: float, outcome: Outcome
) -> None:
    assert judged(Mean(value, margin, 1_000)) is outcome


def test_one_measurement_decides_nothing() -> None:
    assert judged(mean(np.array([5.0]))) is UNDECIDED
    assert p_value(mean(np.array([5.0]))) == 1.0


@pytest.mark.parametrize(
    ("outcomes", "outcome"),
    [
        ([SUPPORTED, SUPPORTED], SUPPORTED),
        ([REFUTED], REFUTED),
        ([REFUTED, SUPPORTED, UNDECIDED], DEPENDS),
        ([SUPPORTED, UNDECIDED], DEPENDS),
        ([UNDECIDED, UNDECIDED], UNDECIDED),
        ([], UNDECIDED),
    ],
)
def test_a_claim_depends_on_conditions_under_which_it_is_not_judged_alike(
    outcomes: list[Outcome], outcome: Outcome
) -> None:
    assert combined(outcomes) is outcome


@pytest.mark.parametrize("count", [2, 5, 1_000])
def test_paired_differences_are_those_of_scipy(count: int) -> None:
    chance = np.random.default_rng(count)
    one, other = chance.normal(0.3, 1, count), chance.normal(0, 1, count)
    oracle = stats.ttest_rel(one, other)
    low, high = oracle.confidence_interval(0.95)
    found = paired(one, other)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert p_value(found) == pytest.approx(oracle.pvalue)


def test_differences_that_are_all_alike_leave_no_doubt() -> None:
    assert p_value(mean(np.full(5, 0.25))) == 0.0
    assert p_value(mean(np.zeros(5))) == 1.0


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        # R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.02, 0.3, 0.9, 0.5, 0.04], [0.1, 0.9, 1.0, 1.0, 0.16]),
        ([0.04], [0.04]),
        ([], []),
    ],
)
def test_holm_adjusts_for_several_tests(p_values: list[float], adjusted: list[float]) -> None:
    assert holm(p_values) == pytest.approx(adjusted)


def test_holm_rejects_what_the_step_down_procedure_rejects() -> None:
    """The procedure as Holm describes it: the k-th smallest of n is compared with 0.05 / (n - k + 1), until one
    fails."""
    chance = np.random.default_rng(0)
    for _ in range(200):
        p_values = list(chance.uniform(0, 0.06, 5))
        rejected, alive = set(), True
        for k, index in enumerate(np.argsort(p_values)):
            alive = alive and p_values[index] < 0.05 / (5 - k)
            rejected |= {int(index)} if alive else set()
        assert {index for index, adjusted in enumerate(holm(p_values)) if adjusted < 0.05} == rejected


def test_the_answer_is_told_in_words() -> None:
    def answer(outcome: Outcome, why: str = "") -> str:
        return Verdict("C18", "", outcome, "", "", why).answer

    assert answer(SUPPORTED) == "supported"
    assert answer(UNDECIDED) == "undecided"
    assert answer(DEPENDS, "the data") == "depends on the data"
    assert answer(UNDECIDED, "not comparable") == "undecided: not comparable"
