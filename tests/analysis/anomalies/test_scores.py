"""Scores of anomalies against oracles, and what is known of how they rank."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from aelib import datasets
from aelib.analysis.anomalies import scores
from aelib.analysis.anomalies.groups import Group, distorted, group_of, one
from aelib.analysis.anomalies.ranking import Ranking
from aelib.analysis.anomalies.scores import ELBO, ERROR, FOREST, MAHALANOBIS, MEAN, NEAREST, OF_CODE, RESIDUAL, RIVALS
from aelib.spec.config import RunConfig
from aelib.train.inference import encode, reconstruct
from aelib.train.metrics import elbo
from aelib.train.projection import fit_pca
from aelib.train.resident import Basis, Data
from aelib.train.slices import Slice, first_slice, next_slice
from aelib.train.trainer import prepare
from tests.samples import cut, digits, knobs_of, settings, with_one_code


@cache
def trained(config: RunConfig, steps: int = 60) -> Slice:
    knobs = knobs_of(config)
    return next_slice(first_slice(config, digits(), knobs), digits(), knobs, steps)


@cache
def basis() -> Basis:
    return fit_pca(digits())


def normal() -> np.ndarray:
    return digits().test.numpy()


def noise(count: int = 50) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, 784), np.uint8)


def by_network(name: str, config: RunConfig | None = None) -> Ranking:
    return scores.by_network(trained(config or settings()), digits(), name, normal(), noise())


def by_rival(name: str, units: int = 8) -> Ranking:
    return scores.by_rival(digits(), basis(), name, units, normal(), noise())


def codes(images: np.ndarray) -> np.ndarray:
    return encode(trained(settings()).state, digits().test.new_tensor(images).float() / 255).numpy()


def scored(ranking: Ranking) -> np.ndarray:
    return np.concatenate([ranking.normal, ranking.anomalous])


def test_the_reconstruction_error_is_that_of_each_image() -> None:
    images = digits().test.new_tensor(np.concatenate([normal(), noise()])).float() / 255
    output = reconstruct(trained(settings()).state, images)[1].clamp(0, 1)
    oracle = np.square(output.numpy() - images.numpy()).mean(axis=1)
    np.testing.assert_allclose(scored(by_network(ERROR)), oracle, rtol=1e-5)


def test_distances_are_those_between_the_codes() -> None:
    known, found = codes(digits().train.numpy()), codes(np.concatenate([normal(), noise()]))
    nearest = np.sort(cdist(found, known), axis=1)[:, :5].mean(axis=1)
    np.testing.assert_allclose(scored(by_network(NEAREST)), nearest, rtol=1e-3)
    np.testing.assert_allclose(scored(by_network(MEAN)), np.linalg.norm(found - known.mean(0), axis=1), rtol=1e-4)


def test_mahalanobis_is_the_distance_in_units_of_the_codes_spread() -> None:
    known, found = codes(digits().train.numpy()), codes(np.concatenate([normal(), noise()]))
    centred = known - known.mean(0)
    covariance = centred.T.astype(np.float64) @ centred / len(known)
    # Ledoit and Wolf 2004, section 3.2: towards a multiple of the identity.
    trace = np.trace(covariance) / len(covariance)
    spread = np.square(covariance - trace * np.eye(len(covariance))).sum()
    scatter = sum(np.square(np.outer(one, one) - covariance).sum() for one in centred) / len(known) ** 2
    share = min(scatter, spread) / spread
    shrunk = (1 - share) * covariance + share * trace * np.eye(len(covariance))
    away = found - known.mean(0)
    oracle = np.sqrt(np.einsum("nk,kl,nl->n", away, np.linalg.inv(shrunk), away))
    np.testing.assert_allclose(scored(by_network(MAHALANOBIS)), oracle, rtol=1e-3)


def test_the_pca_residual_is_that_of_scikit_learn() -> None:
    oracle = PCA(8, svd_solver="full").fit(digits().train.numpy() / 255.0)
    images = np.concatenate([normal(), noise()]) / 255.0
    residual = np.square(oracle.inverse_transform(oracle.transform(images)).clip(0, 1) - images).mean(axis=1)
    np.testing.assert_allclose(scored(by_rival(RESIDUAL)), residual, rtol=1e-3)


def test_pca_never_keeps_so_much_that_only_rounding_errors_are_left() -> None:
    assert scores.pca_components(settings(code_size=32)) == 32
    assert scores.pca_components(settings("fully-conv")) == 256
    whole = prepare(cut(datasets.load("digits"), 1_000, 100))
    ranking = scores.by_rival(whole, fit_pca(whole), RESIDUAL, 256, whole.test.numpy(), noise())
    assert ranking.normal.min() > 1e-8


def test_the_negative_elbo_is_that_of_the_evaluation() -> None:
    link = trained(settings("vae"))
    found = scores.by_network(link, digits(), ELBO, normal()[:50], normal()[50:])
    bound = elbo(link.state, digits())
    assert bound is not None and scored(found).mean() == pytest.approx(-bound.bound, rel=1e-4)


def test_a_network_has_the_scores_that_mean_something() -> None:
    assert scores.of_network(settings()) == (ERROR, *OF_CODE)
    assert scores.of_network(settings("vae")) == (ERROR, *OF_CODE, ELBO)
    assert scores.of_network(settings("vae", loss="mse")) == (ERROR, *OF_CODE)
    assert scores.of_network(settings(colour=True)) == OF_CODE


@pytest.mark.parametrize("name", RIVALS)
def test_noise_is_no_digit_to_methods_without_a_network(name: str) -> None:
    assert by_rival(name).auroc.value > (0.95 if name == FOREST else 0.99)


@pytest.fixture(scope="module")
def on_mnist() -> tuple[Slice, Data, Group]:
    folder = Path(os.environ.get("AELIB_DATA_DIR", ""))
    if not datasets.is_available("mnist", folder):
        pytest.skip("needs MNIST in AELIB_DATA_DIR")
    whole = cut(datasets.load("mnist", folder), 10_000, 1_000)
    data, config = prepare(whole), settings(dataset="mnist", learning_rate=0.003)
    return next_slice(first_slice(config, data, knobs_of(config)), data, knobs_of(config), 900), data, group_of(whole)


def test_shuffled_pixels_fool_the_codes_and_not_the_reconstruction(on_mnist: tuple[Slice, Data, Group]) -> None:
    link, data, normal = on_mnist
    pair = normal.images, distorted(normal, "shuffled").images
    found = {name: scores.by_network(link, data, name, *pair).auroc.value for name in (ERROR, NEAREST)}
    assert found[ERROR] > 0.99
    assert found[NEAREST] < 0.7


def test_kmnist_against_mnist_ranks_as_it_is_known_to(on_mnist: tuple[Slice, Data, Group], mnist_dir: Path) -> None:
    if not datasets.is_available("kmnist", mnist_dir):
        pytest.skip("needs KMNIST in AELIB_DATA_DIR")
    link, data, normal = on_mnist
    pair = normal.images, group_of(datasets.load("kmnist", mnist_dir)).images
    found = {name: scores.by_network(link, data, name, *pair).auroc.value for name in (ERROR, *OF_CODE)}
    assert found[ERROR] > 0.99
    assert 0.65 < found[MEAN] < 0.85
    assert found[MEAN] < min(found[NEAREST], found[MAHALANOBIS]) < found[ERROR]


@pytest.mark.parametrize("recipe", ["vanilla-64", "conv-denoise", "fully-conv"])
@pytest.mark.parametrize("count", [1, 2, 60])
def test_few_images_are_enough(count: int, recipe: str) -> None:
    whole = cut(datasets.load("digits"), count, count)
    data = prepare(whole)
    config = settings(recipe, widths=(4, 4)) if recipe != "vanilla-64" else settings()
    link = first_slice(config, data, knobs_of(config))
    images = group_of(whole).images
    for name in scores.of_network(config):
        assert np.isfinite(scored(scores.by_network(link, data, name, images, images))).all()
    for name in RIVALS:
        assert np.isfinite(scored(scores.by_rival(data, fit_pca(data), name, 64, images, images[:1]))).all()
    assert np.isfinite(scores.code_map(link, data, images, images).normal).all()


def test_codes_that_are_all_alike_are_all_as_suspicious() -> None:
    link = with_one_code(trained(settings()), 0.5)
    for name in OF_CODE:
        assert scores.by_network(link, digits(), name, normal(), noise()).auroc.value == 0.5
    assert not scores.code_map(link, digits(), normal(), noise()).anomalous.any()


def test_the_covariance_of_wide_codes_is_that_of_their_principal_components() -> None:
    config = settings("conv-denoise")
    link = first_slice(config, digits(), knobs_of(config))
    assert scores.by_network(link, digits(), MAHALANOBIS, normal(), noise()).auroc.value > 0.9


def test_the_map_shows_a_code_of_two_dimensions_as_it_is() -> None:
    config = settings(code_size=2)
    link, data = first_slice(config, digits(), knobs_of(config)), digits()
    found = scores.code_map(link, data, normal(), noise())
    assert found.flat
    np.testing.assert_allclose(found.normal, encode(link.state, data.test.float() / 255).numpy(), rtol=1e-5)
    assert not scores.code_map(trained(settings()), data, normal(), noise()).flat


def test_reconstructions_are_bytes_in_the_runs_colours() -> None:
    for colour, pixels in ((False, 784), (True, 2352)):
        config = settings(colour=colour)
        link = first_slice(config, digits(), knobs_of(config))
        found = scores.reconstructions(link, digits(), one(normal()[0].reshape(28, 28)).images)
        assert found.shape == (1, pixels) and found.dtype == np.uint8
