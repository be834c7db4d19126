"""Which images are normal and which are anomalous."""

from __future__ import annotations

import numpy as np
import pytest

from aelib import datasets
from aelib.analysis.anomalies.groups import DISTORTIONS, TESTED, distorted, group_of
from tests.samples import unlabelled


def test_the_images_of_a_group_are_spread_over_the_test_split_and_named() -> None:
    dataset = datasets.load("letters")
    group = group_of(dataset)
    assert group.images.shape == (TESTED, 784) and group.images.dtype == np.uint8
    assert set(group.names) == set(dataset.classes)
    part = group_of(datasets.load("digits:7"))
    assert set(part.names) == {"7"}
    assert set(group_of(unlabelled("x", np.zeros((3, 28, 28), np.uint8), np.ones((2, 28, 28), np.uint8))).names) == {""}


@pytest.mark.parametrize("name", DISTORTIONS)
def test_distortions_are_of_the_normal_images_and_the_same_every_time(name: str) -> None:
    group = group_of(datasets.load("digits"))
    found = distorted(group, name)
    assert found.images.shape == group.images.shape and found.images.dtype == np.uint8
    assert (found.images != group.images).any(axis=1).all()
    np.testing.assert_array_equal(found.images, distorted(group, name).images)
    if name == "shuffled":
        np.testing.assert_array_equal(np.sort(found.images, axis=1), np.sort(group.images, axis=1))


def test_some_classes_of_the_whole_are_the_same_images_as_a_part() -> None:
    whole, part = group_of(datasets.load("letters"), ("B", "A")), group_of(datasets.load("letters:A,B"))
    np.testing.assert_array_equal(whole.images, part.images)
    assert whole.names == part.names
    assert len(group_of(datasets.load("letters"), ()).images) == 0
