"""What differences say about claims."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t, ttest_rel

from aelib.analysis.claims import Outcome
from aelib.experiments.judging import Mean, equals, larger, paired, relative, signed, together, within_holm


def difference(value: float, margin: float) -> Mean:
    return Mean(value, margin, 5)


def test_a_difference_is_paired_by_seed_with_students_interval() -> None:
    one, other = np.array([3.0, 5, 4, 6, 8]), np.array([2.0, 4, 4, 4, 7])
    found = paired(one, other)
    interval = ttest_rel(one, other).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.margin == pytest.approx(t.ppf(0.975, 4) * (one - other).std(ddof=1) / 5**0.5)


@pytest.mark.parametrize(
    ("value", "margin", "outcome", "why"),
    [
        (2.0, 0.5, Outcome.SUPPORTED, ""),
        (-2.0, 0.5, Outcome.REFUTED, ""),
        (0.2, 0.5, Outcome.REFUTED, "the difference is too small to matter"),
        (0.2, 0.1, Outcome.REFUTED, "the difference is too small to matter"),
        (0.5, 2.0, Outcome.UNDECIDED, ""),
    ],
)
def test_a_difference_has_to_be_clear_and_to_matter(value: float, margin: float, outcome: Outcome, why: str) -> None:
    assert larger(difference(value, margin), 1.0) == (outcome, why)


@pytest.mark.parametrize(
    ("value", "margin", "outcome"),
    [
        (0.1, 0.2, Outcome.SUPPORTED),
        (0.1, 3.0, Outcome.UNDECIDED),
        (-4.0, 0.5, Outcome.REFUTED),
        (4.0, 0.5, Outcome.REFUTED),
    ],
)
def test_things_are_equal_where_no_difference_that_matters_is_possible(
    value: float, margin: float, outcome: Outcome
) -> None:
    assert equals(difference(value, margin), 1.0)[0] is outcome


def test_several_tests_together_are_more_careful_than_one() -> None:
    # p = 0.04 for one that is just clear by itself.
    just = difference(1.0, 0.95)
    assert larger(just)[0] is Outcome.SUPPORTED
    assert within_holm({"a": just})["a"] is Outcome.SUPPORTED
    assert set(within_holm({"a": just, "b": just, "c": just}).values()) == {Outcome.UNDECIDED}
    clear = within_holm({"a": difference(1.0, 0.1), "b": just, "c": difference(-1.0, 0.1)})
    assert list(clear.values()) == [Outcome.SUPPORTED, Outcome.SUPPORTED, Outcome.REFUTED]


def test_a_claim_of_several_parts_depends_only_where_they_contradict_each_other() -> None:
    yes, no, open_ = Outcome.SUPPORTED, Outcome.REFUTED, Outcome.UNDECIDED
    assert together([yes, yes]) is yes and together([no, no]) is no
    assert together([yes, no]) is together([yes, no, open_]) is Outcome.DEPENDS
    assert together([yes, open_]) is together([no, open_]) is open_


def test_differences_are_said_with_their_interval() -> None:
    assert signed(difference(-0.6543, 0.1), "dB") == "−0.654 ± 0.1 dB"
    assert signed(difference(0.0123, 0.004), percent=True) == "+1.23 ± 0.4 percentage points"
    assert relative(difference(-0.123, 0.03)) == "−12.3 ± 3.0\N{NO-BREAK SPACE}%"
