from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.color.colorconv import rgb2luv

from aelib import datasets
from aelib.datasets.hues import LIGHTNESS, check_classes, class_hues
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput

COUNTS = [1, 2, 10, 26]


@pytest.mark.parametrize("count", COUNTS)
def test_every_class_has_a_hue_of_its_own_and_all_are_equally_light(count: int) -> None:
    hues = class_hues(count)
    assert hues.shape == (count, 3) and hues.dtype == np.float32
    assert hues.min() >= 0 and hues.max() <= 1
    np.testing.assert_allclose(rgb2lab(hues)[:, 0], LIGHTNESS, atol=0.5)


@pytest.mark.parametrize("count", COUNTS)
def test_hues_are_evenly_spaced_and_vivid(count: int) -> None:
    _, u, v = rgb2luv(class_hues(count)).T
    angles = np.unwrap(np.arctan2(v, u))
    np.testing.assert_allclose(angles - angles[0], 2 * np.pi * np.arange(count) / count, atol=0.02)
    # As vivid as the screen can show: at least one of red, green and blue has reached its end.
    assert (np.abs(class_hues(count) - 0.5).max(axis=1) > 0.48).all()


@pytest.mark.parametrize(("count", "least"), [(10, 10), (26, 3)])
def test_hues_can_be_told_apart(count: int, least: float) -> None:
    lab = rgb2lab(class_hues(count))
    apart = deltaE_ciede2000(lab[:, None], lab[None]) + 1e3 * np.eye(count)
    assert apart.min() > least


def test_only_data_with_classes_can_be_coloured() -> None:
    digits = datasets.load("digits")
    one_class = replace(digits, classes=("all",))
    check_classes(RunConfig(colour=True), digits)
    check_classes(RunConfig(), one_class)
    with pytest.raises(InvalidInput, match="^colour: .*class labels") as caught:
        check_classes(RunConfig(colour=True), one_class)
    assert caught.value.field_name == "colour"
