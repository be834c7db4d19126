"""Means with their confidence, and what is measured of restored images."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import sem, t
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from aelib.analysis.denoising.quality import mean, measured


@pytest.mark.parametrize("count", [2, 12, 1_000])
def test_the_band_is_students_interval(count: int) -> None:
    values = np.random.default_rng(count).normal(15, 3, count)
    found = mean(values)
    low, high = t.interval(0.95, count - 1, values.mean(), sem(values))
    assert [found.low, found.high] == pytest.approx([low, high])
    assert found.count == count


def test_one_picture_says_nothing_of_the_mean() -> None:
    assert mean(np.array([3.0])).margin == float("inf")


def test_grey_pictures_are_measured_as_by_scikit_image() -> None:
    random = np.random.default_rng(0)
    target, images = random.random((3, 784)), random.random((3, 784))
    found = measured(target, images)
    for i in range(3):
        a, b = target[i].reshape(28, 28), images[i].reshape(28, 28)
        assert found.psnr[i] == pytest.approx(peak_signal_noise_ratio(a, b, data_range=1.0))
        assert found.ssim[i] == pytest.approx(structural_similarity(a, b, data_range=1.0))
    np.testing.assert_array_equal(found.images, np.rint(images * 255))


def test_coloured_pictures_are_measured_as_by_scikit_image() -> None:
    random = np.random.default_rng(1)
    target, images = random.random((2, 2352)), random.random((2, 2352))
    found = measured(target, images)
    a, b = target[1].reshape(3, 28, 28), images[1].reshape(3, 28, 28)
    assert found.psnr[1] == pytest.approx(peak_signal_noise_ratio(a, b, data_range=1.0))
    assert found.ssim[1] == pytest.approx(structural_similarity(a, b, data_range=1.0, channel_axis=0))
