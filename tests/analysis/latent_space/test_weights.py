"""Weights as images, against the weights themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aelib.analysis.latent_space.weights import MOST, incoming
from aelib.spec.config import Knobs
from aelib.train.slices import Slice, first_slice
from tests.samples import digits, settings

FIRST = "encoder.0.weight"


def with_weights(weights: np.ndarray) -> Slice:
    """A dense network whose first layer has these weights, [units, 784]."""
    config = settings(widths=(len(weights),), code_size=2)
    link = first_slice(config, digits(), Knobs.of(config))
    arrays = dict(link.state.arrays) | {f"weights/{FIRST}": weights.astype(np.float32)}
    return replace(link, state=replace(link.state, arrays=arrays))


def test_a_picture_is_the_units_weights_by_the_largest_of_them() -> None:
    weights = np.random.default_rng(0).normal(size=(5, 784)) * np.arange(1, 6)[:, None]
    found = incoming(with_weights(weights), None)
    np.testing.assert_array_equal(found.units, range(5))
    np.testing.assert_allclose(found.largest, np.abs(weights).max(1), rtol=1e-6)
    np.testing.assert_allclose(found.images * found.largest[:, None], weights, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(np.abs(found.images).max(1), 1)
    assert (found.total, found.side) == (5, 28)


def test_of_many_units_those_with_the_largest_weights_are_shown_in_their_own_order() -> None:
    strength = np.random.default_rng(1).permutation(100) + 1
    found = incoming(with_weights(np.ones((100, 784)) * strength[:, None]), None)
    assert found.total == 100
    assert found.units.tolist() == [unit for unit in range(100) if strength[unit] > 100 - MOST]


def test_units_asked_for_stay_the_same_whatever_became_of_their_weights() -> None:
    found = incoming(with_weights(np.arange(100)[:, None] * np.ones((100, 784))), (1, 3))
    assert found.units.tolist() == [1, 3]
    np.testing.assert_array_equal(found.largest, [1, 3])


def test_units_without_weights_and_with_broken_ones_give_numbers() -> None:
    weights = np.zeros((3, 784))
    weights[1] = np.nan
    weights[2, 5] = np.inf
    found = incoming(with_weights(weights), None)
    np.testing.assert_array_equal(found.images, 0)


def test_a_filter_is_enlarged_to_the_size_of_a_picture() -> None:
    config = settings("conv-pool")
    link = first_slice(config, digits(), Knobs.of(config))
    found = incoming(link, None)
    filters = link.state.weights[FIRST]
    assert (found.total, found.side) == (len(filters), 3)
    image = found.images[2].reshape(28, 28)
    corners = image[np.ix_([0, 14, 27], [0, 14, 27])]
    np.testing.assert_allclose(corners * found.largest[2], filters[2, 0], rtol=1e-6)
    assert len(np.unique(image)) == 9
