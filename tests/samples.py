"""Small data and runs for the tests of the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from aelib import datasets
from aelib.datasets import Dataset
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.recipes import RECIPES
from aelib.spec.state import State
from aelib.train.resident import Data
from aelib.train.slices import Slice
from aelib.train.trainer import prepare


@cache
def digits(train: int = 300, test: int = 100) -> Data:
    """The first of the bundled digits."""
    whole = datasets.load("digits")
    return prepare(cut(whole, train, test))


def cut(dataset: Dataset, train: int, test: int) -> Dataset:
    """The first images of a data set."""
    return replace(
        dataset,
        train_images=dataset.train_images[:train],
        train_labels=dataset.train_labels[:train],
        test_images=dataset.test_images[:test],
        test_labels=dataset.test_labels[:test],
    )


def unlabelled(name: str, train_images: np.ndarray, test_images: np.ndarray) -> Dataset:
    """Images uint8 [N, 28, 28] without classes."""
    labels = [np.zeros(len(images), np.int64) for images in (train_images, test_images)]
    return Dataset(name, name, "", train_images, labels[0], test_images, labels[1], ("all",))


def settings(recipe: str = "vanilla-64", **changes: Any) -> RunConfig:
    """A recipe on the digits with small batches, in float32."""
    wanted: dict[str, Any] = {"dataset": "digits", "batch_size": 32, "precision": "float32"} | changes
    return replace(RECIPES[recipe].config, **wanted)


def knobs_of(config: RunConfig, **changes: Any) -> Knobs:
    return replace(Knobs.of(config), **changes)


def assert_same_arrays(ours: Mapping[str, np.ndarray], theirs: Mapping[str, np.ndarray]) -> None:
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        np.testing.assert_array_equal(array, theirs[name], err_msg=name)


def assert_same_state(ours: State, theirs: State) -> None:
    assert (ours.config, ours.step) == (theirs.config, theirs.step)
    assert_same_arrays(ours.arrays, theirs.arrays)


def with_one_code(link: Slice, bias: float) -> Slice:
    """The network without weights, and with every bias the same: whatever it sees, its code is alike."""
    arrays = {
        name: np.full_like(array, bias if name.endswith("bias") else 0) for name, array in link.state.arrays.items()
    }
    return replace(link, state=replace(link.state, arrays=arrays))
