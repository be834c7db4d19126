"""Who restores images best, from PSNRs that are made up."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from aelib.analysis.denoising.restoration import restores_best

CHANCE = np.random.default_rng(0).normal(0, 0.4, 1_000)
CHANCE -= CHANCE.mean()
EASY = np.random.default_rng(1).normal(0, 3, 1_000)
EASY -= EASY.mean()


def around(mean: float, shift: int = 0) -> np.ndarray:
    """Images differ much, methods on the same image little."""
    return mean + EASY + np.roll(CHANCE, shift)


@pytest.mark.parametrize(
    ("network", "median", "nothing", "answer", "said"),
    [
        (17.0, 14.0, 9.0, "supported", "3.00 ± 0.03 dB ahead of median filter"),
        (12.0, 14.0, 9.0, "refuted", "2.00 ± 0.03 dB behind median filter"),
        (12.0, 14.0, 15.5, "refuted", "3.50 ± 0.03 dB behind no processing"),
        (14.02, 14.0, 9.0, "undecided", "0.02 ± 0.03 dB ahead of median filter"),
        (14.06, 14.0, 9.0, "supported", "0.06 ± 0.03 dB ahead of median filter"),
    ],
)
def test_the_best_rival_is_compared_image_by_image(
    network: float, median: float, nothing: float, answer: str, said: str
) -> None:
    others = {"nothing": around(nothing, 1), "median": around(median, 2), "pca": around(8.0, 3)}
    found = restores_best("noise", around(network), others, "test images of MNIST")
    assert (found.claim, found.answer) == ("C5", answer)
    assert said in found.reason and "2 other methods" in found.reason
    assert found.conditions.startswith("1,000 test images of MNIST")
    best = max(others.values(), key=np.mean)
    low, high = stats.ttest_rel(around(network), best).confidence_interval(0.95)
    assert (answer == "undecided") == (low < 0 < high)


@pytest.mark.parametrize(
    ("task", "claim", "said"), [("resolution", "C7", "raises the resolution"), ("gap", "C8", "fills gaps")]
)
def test_each_task_has_its_claim(task: str, claim: str, said: str) -> None:
    found = restores_best(task, around(20.0), {"nothing": around(18.0), "pca": around(17.0)}, "test images")
    assert found.claim == claim and said in found.statement
    assert "over no processing" not in found.reason


def test_images_that_are_not_corrupted_decide_nothing() -> None:
    found = restores_best("noise", around(20.0), {"nothing": np.full(1_000, 100.0), "pca": around(17.0)}, "test images")
    assert found.answer == "undecided: the images are not corrupted"
