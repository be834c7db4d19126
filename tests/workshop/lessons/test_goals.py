"""The grammar of goals."""

from __future__ import annotations

import pytest

from aelib.spec.fields import InvalidInput
from aelib.workshop.lessons import Goal, Measured


@pytest.mark.parametrize(
    ("text", "measured", "met"),
    [
        ("test_mse < pca", Measured(10, 0.01, 0.02), True),
        ("test_mse < pca", Measured(10, 0.02, 0.02), False),
        ("test_mse <= pca", Measured(10, 0.02, 0.02), True),
        ("test_mse > pca", Measured(10, 0.03, 0.02), True),
        ("test_mse<.02", Measured(10, 0.01), True),
        ("active_units < 0.3", Measured(10, active_units=0.2), True),
        ("steps >= 100", Measured(100), True),
        ("steps >= 100", Measured(99), False),
        ("test_mse < pca and steps >= 100", Measured(99, 0.01, 0.02), False),
        ("test_mse < pca and steps >= 100", Measured(100, 0.01, 0.02), True),
    ],
)
def test_a_goal_is_met_where_all_its_comparisons_hold(text: str, measured: Measured, met: bool) -> None:
    assert Goal.parse("goal", text).met(measured) is met


@pytest.mark.parametrize("text", ["test_mse < pca", "test_mse > pca", "test_mse < 1", "active_units > 0"])
def test_what_is_not_known_meets_no_goal(text: str) -> None:
    assert not Goal.parse("goal", text).met(Measured(10))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "test_mse",
        "pca > test_mse",
        "accuracy > 0.9",
        "test_mse < nan",
        "test_mse < 1 or steps > 2",
        "test_mse < 1 and",
        "steps >= pca",
        "__import__('os') < 1",
        "test_mse < 0.1; steps > 1",
        "steps > 1" + " and steps > 1" * 50,
        ["steps > 1"],
        7,
    ],
)
def test_whatever_else_is_refused_in_one_sentence(text: object) -> None:
    with pytest.raises(InvalidInput, match=r"^noise\.md, step 2, goal: .*\.$"):
        Goal.parse("noise.md, step 2, goal", text)


def test_a_goal_reads_as_a_phrase() -> None:
    goal = Goal.parse("goal", "test_mse < pca and steps >= 100")
    assert str(goal) == "test error (MSE) below PCA’s and training steps at least 100"
