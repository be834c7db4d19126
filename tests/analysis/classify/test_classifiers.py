"""What a code is worth to a classifier that gets few labels."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from aelib.analysis.classify import classifiers
from aelib.analysis.classify.classifiers import drawn, most_labels
from aelib.analysis.latent_space.embeddings import finite
from aelib.nn.autoencoder import initial_weights
from aelib.spec.config import Knobs
from aelib.train.inference import encode
from aelib.train.projection import fit_pca
from aelib.train.resident import Basis, Data
from aelib.train.slices import Slice, first_slice, next_slice
from tests.samples import digits, settings


@cache
def trained(recipe: str = "vanilla-64", steps: int = 30, colour: bool = False) -> Slice:
    small = {"widths": (4, 4)} if "conv" in recipe else {"widths": (), "code_size": 16}
    config = settings(recipe, colour=colour, **small)
    knobs = Knobs.of(config)
    return next_slice(first_slice(config, digits(), knobs), digits(), knobs, steps)


@cache
def basis() -> Basis:
    return fit_pca(digits())


def labels() -> np.ndarray:
    return digits().train_labels.numpy()


# ---- draws -----------------------------------------------------------------------------------------------------------


def test_a_draw_has_as_many_of_each_class_and_is_always_the_same() -> None:
    which = drawn(labels(), 7, 3)
    assert np.bincount(labels()[which]).tolist() == [7] * 10
    assert len(np.unique(which)) == 70
    np.testing.assert_array_equal(which, drawn(labels(), 7, 3))
    assert not np.array_equal(which, drawn(labels(), 7, 4))


def test_a_draw_with_more_labels_holds_the_one_with_fewer() -> None:
    assert set(drawn(labels(), 3, 0)) < set(drawn(labels(), 10, 0))


def test_as_many_can_be_drawn_as_the_rarest_class_has() -> None:
    assert most_labels(np.array([0, 0, 0, 2, 2, 1, 1, 1])) == 2
    assert most_labels(labels()) == np.bincount(labels()).min()
    # Nothing to be told apart.
    assert most_labels(np.zeros(5, np.int64)) == 0


def test_convolutions_are_tested_on_fewer_pictures() -> None:
    assert classifiers.tests(settings(), 10_000) == 10_000
    assert classifiers.tests(settings("conv-pool"), 10_000) == 2_000
    assert classifiers.tests(settings("conv-pool"), 397) == 397


# ---- logistic regression ---------------------------------------------------------------------------------------------


def by_sklearn(train: np.ndarray, test: np.ndarray, which: np.ndarray) -> float:
    """scikit-learn, word for word."""
    centre = train.mean(0)
    spread = np.sqrt(((train - centre) ** 2).mean())
    model = LogisticRegression(max_iter=1000).fit((train[which] - centre) / spread, labels()[which])
    return float(model.score((test - centre) / spread, digits().test_labels.numpy()))


def pixels() -> tuple[np.ndarray, np.ndarray]:
    return digits().train.numpy() / np.float32(255), digits().test.numpy() / np.float32(255)


def test_on_pixels_it_is_scikit_learns_on_the_same_draw() -> None:
    found = classifiers.from_pixels(digits(), 5, 2, 100)
    assert found.accuracy == pytest.approx(by_sklearn(*pixels(), drawn(labels(), 5, 2)), abs=0.011)
    assert found.accuracy > 0.5
    assert len(found.named) == 12


def test_on_pca_it_is_scikit_learns_on_the_same_draw() -> None:
    train, test = pixels()
    pca = PCA(16).fit(train)
    found = classifiers.from_pca(digits(), basis(), 16, 5, 2, 100)
    oracle = by_sklearn(pca.transform(train), pca.transform(test), drawn(labels(), 5, 2))
    assert found.accuracy == pytest.approx(oracle, abs=0.011)


@pytest.mark.parametrize("recipe", ["vanilla-64", "conv-pool"])
def test_on_codes_it_is_scikit_learns_on_the_same_draw(recipe: str) -> None:
    link = trained(recipe)
    train, test = (finite(encode(link.state, torch.tensor(part))) for part in pixels())
    found = classifiers.from_code(link, digits(), 5, 2, 100)
    assert found.accuracy == pytest.approx(by_sklearn(train, test, drawn(labels(), 5, 2)), abs=0.011)


def test_a_code_that_is_all_silent_names_by_chance() -> None:
    link = trained()
    silent = {name: np.zeros_like(array) for name, array in link.state.arrays.items()}
    found = classifiers.from_code(replace(link, state=replace(link.state, arrays=silent)), digits(), 5, 0, 100)
    assert found.accuracy < 0.3


# ---- the larger network ----------------------------------------------------------------------------------------------


def separable() -> Data:
    """Digits whose class is written into their first row of pixels."""
    data = digits()

    def mark(images: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        images = images.clone()
        images[:, :28] = 0
        for digit in range(10):
            images[numbers == digit, 2 * digit : 2 * digit + 2] = 255
        images[:, 28:] //= 16
        return images

    return replace(data, train=mark(data.train, data.train_labels), test=mark(data.test, data.test_labels))


def test_classes_that_can_be_told_are_all_told() -> None:
    data, link = separable(), trained()
    assert classifiers.from_pixels(data, 10, 0, 100).accuracy == 1
    assert classifiers.from_pretrained(link, data, 10, 0, 100).accuracy == 1
    assert classifiers.from_scratch(link.state.config, data, 10, 0, 100).accuracy == 1


def test_training_with_labels_leaves_the_run_as_it_was() -> None:
    link = trained()
    before = {name: array.copy() for name, array in link.state.arrays.items()}
    first = classifiers.from_pretrained(link, digits(), 5, 0, 100)
    for name, array in link.state.arrays.items():
        np.testing.assert_array_equal(array, before[name])
    again = classifiers.from_pretrained(link, digits(), 5, 0, 100)
    assert first.accuracy == again.accuracy
    np.testing.assert_array_equal(first.named, again.named)


def test_all_weights_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a code that says nothing of the classes, a classifier alone could not learn them."""
    monkeypatch.setattr(classifiers, "STEPS", 500)
    link = trained()
    arrays = dict(link.state.arrays)
    arrays["weights/encoder.0.weight"] = np.zeros_like(arrays["weights/encoder.0.weight"])
    arrays["weights/encoder.0.bias"] = np.linspace(0.1, 1, 16, dtype=np.float32)
    dull = replace(link, state=replace(link.state, arrays=arrays))
    assert classifiers.from_code(dull, digits(), 10, 0, 100).accuracy < 0.3
    assert classifiers.from_pretrained(dull, digits(), 10, 0, 100).accuracy > 0.4


def test_from_scratch_is_the_same_training_from_a_runs_first_weights() -> None:
    config = trained().state.config
    untrained = first_slice(replace(config, seed=3), digits(), Knobs.of(config))
    weights = initial_weights(replace(config, seed=3), digits().mean_pixel)
    np.testing.assert_array_equal(untrained.state.weights["encoder.0.weight"], weights["encoder.0.weight"])
    scratch = classifiers.from_scratch(config, digits(), 5, 3, 100)
    pretrained = classifiers.from_pretrained(untrained, digits(), 5, 3, 100)
    assert scratch.accuracy == pretrained.accuracy
    np.testing.assert_array_equal(scratch.named, pretrained.named)


@pytest.mark.parametrize("recipe", ["conv-pool", "fully-conv"])
def test_codes_of_feature_maps_start_a_classifier_too(recipe: str) -> None:
    found = classifiers.from_pretrained(trained(recipe), digits(), 10, 0, 100)
    assert found.accuracy > 0.4


def test_a_run_in_colour_is_asked_about_grey_pictures() -> None:
    link = trained(colour=True)
    assert classifiers.from_code(link, digits(), 10, 0, 100).accuracy > 0.4
    assert classifiers.from_pretrained(link, digits(), 10, 0, 100).accuracy > 0.4


def test_the_learning_rate_is_given_by_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifiers, "STEPS", 20)
    asked = (trained(), digits(), 10, 0, 100)
    usual = classifiers.from_pretrained(*asked)
    assert classifiers.from_pretrained(*asked, classifiers.LEARNING_RATE).accuracy == usual.accuracy
    assert classifiers.from_pretrained(*asked, 1e-6).accuracy < usual.accuracy
