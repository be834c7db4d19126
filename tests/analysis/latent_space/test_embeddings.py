"""Maps of codes and pixels, and their figures, against scikit-learn and the definitions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.spatial.distance import cdist, pdist
from sklearn.decomposition import PCA
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from aelib.analysis.latent_space import embeddings
from aelib.analysis.latent_space.embeddings import Flattening
from aelib.spec.config import Knobs
from aelib.train.inference import encode, reconstruct, target
from aelib.train.projection import fit_pca
from aelib.train.resident import Basis, Data
from aelib.train.slices import Slice, first_slice, next_slice
from tests.samples import digits, settings, with_one_code

PCA_OF_CODES = Flattening("pca")


@cache
def basis() -> Basis:
    return fit_pca(digits())


@cache
def trained(code_size: int = 2, colour: bool = False) -> Slice:
    config = settings(code_size=code_size, widths=(32,), code_activation="linear", colour=colour)
    knobs = Knobs.of(config)
    return next_slice(first_slice(config, digits(), knobs), digits(), knobs, 30)


@cache
def deep(family: str = "dense") -> Slice:
    """Two hidden layers before the code, trained for a moment."""
    config = settings(family=family, widths=(24, 12) if family == "dense" else (4, 3), code_size=5)
    knobs = Knobs.of(config)
    return next_slice(first_slice(config, digits(), knobs), digits(), knobs, 10)


def hidden_by_hand(link: Slice, layers: int) -> np.ndarray:
    """The dense layers up to there, written out: ReLU of weights times numbers."""
    vectors = digits().test.numpy().astype(np.float32) / 255
    for index in range(layers):
        weight, bias = (link.state.weights[f"encoder.{2 * index}.{name}"] for name in ("weight", "bias"))
        vectors = np.maximum(vectors @ weight.T + bias, 0)
    return vectors


def codes_of(link: Slice) -> np.ndarray:
    return encode(link.state, digits().test.float().div(255)).flatten(1).numpy()


def test_a_code_of_two_numbers_is_its_place_on_the_map() -> None:
    seen = embeddings.look(trained(), digits(), basis(), 100, 2, PCA_OF_CODES, None)
    assert seen.map is not None
    np.testing.assert_allclose(seen.map.points, codes_of(trained()), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("flattening", [PCA_OF_CODES, Flattening("tsne"), Flattening("units", (0, 1, 2))])
def test_a_code_of_two_numbers_stays_flat_in_three_dimensions(flattening: Flattening) -> None:
    seen = embeddings.look(trained(), digits(), basis(), 100, 3, flattening, None)
    assert seen.map is not None
    assert seen.map.points.shape == (100, 2)


@pytest.mark.filterwarnings("error")
def test_codes_that_are_all_alike_lie_on_one_point() -> None:
    seen = embeddings.look(with_one_code(trained(8), 0.3), digits(), basis(), 100, 2, PCA_OF_CODES, None)
    assert seen.map is not None
    assert not np.ptp(seen.map.points, axis=0).any()


@pytest.mark.parametrize("dims", [2, 3])
def test_longer_codes_are_laid_out_as_by_sklearns_pca_but_for_a_turn(dims: int) -> None:
    seen = embeddings.look(trained(8), digits(), basis(), 100, dims, PCA_OF_CODES, None)
    oracle = PCA(dims, svd_solver="full").fit_transform(codes_of(trained(8)))
    assert seen.map is not None
    np.testing.assert_allclose(pdist(seen.map.points), pdist(oracle), rtol=1e-3, atol=1e-3)


def test_the_map_of_codes_is_turned_towards_that_of_pixels() -> None:
    seen = embeddings.look(trained(8), digits(), basis(), 100, 2, PCA_OF_CODES, None)
    beside = embeddings.pixel_map(digits(), basis(), 100, 2).points
    assert seen.map is not None
    ours = seen.map.points - seen.map.points.mean(0)
    overlap = ours.T @ (beside - beside.mean(0))
    # The best turn leaves a symmetric overlap without negative directions (orthogonal Procrustes).
    np.testing.assert_allclose(overlap, overlap.T, rtol=1e-2, atol=1e-2 * np.abs(overlap).max())
    assert np.linalg.eigvalsh(overlap).min() > 0


def test_chosen_units_are_the_axes() -> None:
    seen = embeddings.look(trained(8), digits(), basis(), 100, 2, Flattening("units", (5, 1)), 3)
    codes = codes_of(trained(8))
    assert seen.map is not None
    np.testing.assert_allclose(seen.map.points, codes[:, [5, 1]], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(seen.activation, codes[:, 3], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("colour", [False, True])
def test_reconstructions_and_errors_are_the_networks(colour: bool) -> None:
    data, link = digits(), trained(colour=colour)
    seen = embeddings.look(link, data, basis(), 100, 2, PCA_OF_CODES, None)
    clean = data.test.float().div(255)
    _, output = reconstruct(link.state, clean)
    wanted = target(clean, data.test_labels, link.state.config, data)
    np.testing.assert_allclose(seen.errors, (output - wanted).square().mean(1), rtol=1e-4)
    np.testing.assert_allclose(seen.reconstructions, output * 255, atol=0.51)
    assert seen.reconstructions.shape == (100, 2352 if colour else 784)


def test_feature_maps_are_codes_too() -> None:
    config = settings("conv-pool")
    link = first_slice(config, digits(), Knobs.of(config))
    seen = embeddings.look(link, digits(), basis(), 50, 2, PCA_OF_CODES, 127)
    assert seen.map is not None
    assert seen.map.points.shape == (50, 2)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_hidden_layer_can_take_the_codes_place(layers: int) -> None:
    seen = embeddings.look(deep(), digits(), basis(), 100, 2, Flattening("units", (9, 1)), 3, layers)
    vectors = hidden_by_hand(deep(), layers)
    assert seen.map is not None
    np.testing.assert_allclose(seen.map.points, vectors[:, [9, 1]], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(seen.activation, vectors[:, 3], rtol=1e-4, atol=1e-5)
    of_code = embeddings.look(deep(), digits(), basis(), 100, 2, PCA_OF_CODES, None)
    np.testing.assert_array_equal(seen.reconstructions, of_code.reconstructions)


def test_all_layers_together_are_the_code() -> None:
    whole = embeddings.activity(deep(), digits(), 100, 3)
    np.testing.assert_array_equal(whole.mean, embeddings.activity(deep(), digits(), 100).mean)


def test_feature_maps_are_looked_at_after_pooling() -> None:
    maps = encode(deep("conv-dense").state, digits().test.float().div(255), 2)
    assert maps.shape == (100, 4, 14, 14)
    found = embeddings.activity(deep("conv-dense"), digits(), 100, 2)
    np.testing.assert_allclose(found.mean, maps.flatten(1).mean(0), rtol=1e-3, atol=1e-5)


def test_a_network_that_lost_its_mind_still_gives_numbers() -> None:
    link = trained(8)
    broken = {name: np.full_like(array, np.nan) for name, array in link.state.arrays.items()}
    seen = embeddings.look(
        replace(link, state=replace(link.state, arrays=broken)), digits(), basis(), 50, 2, PCA_OF_CODES, 0
    )
    assert seen.map is not None
    assert np.isfinite(seen.map.points).all()
    assert np.isfinite(seen.errors).all()


@pytest.mark.parametrize(("link", "layers"), [(trained(2), None), (trained(8), None), (deep(), 1)])
def test_an_own_picture_is_placed_where_the_same_test_picture_is(link: Slice, layers: int | None) -> None:
    data = digits()
    seen = embeddings.look(link, data, basis(), 100, 2, PCA_OF_CODES, None, layers)
    own = embeddings.own(link, data, data.test[7].reshape(28, 28).numpy(), layers)
    assert seen.map is not None
    np.testing.assert_allclose(seen.map.projection.place(own.vector[None])[0], seen.map.points[7], rtol=1e-4, atol=1e-4)
    assert own.error == pytest.approx(seen.errors[7], rel=1e-4)
    np.testing.assert_array_equal(own.reconstruction, seen.reconstructions[7])


def test_pixels_lie_on_the_first_axes_of_the_training_pictures() -> None:
    laid = embeddings.pixel_map(digits(), basis(), 100, 3)
    pca = PCA(3, svd_solver="full").fit(digits().train.numpy() / 255)
    oracle = pca.transform(digits().test.numpy() / 255)
    np.testing.assert_allclose(np.abs(laid.points), np.abs(oracle), atol=1e-3)
    image = digits().test[4].numpy()[None] / np.float32(255)
    np.testing.assert_allclose(laid.projection.place(image)[0], laid.points[4], atol=1e-5)


# ---- figures ---------------------------------------------------------------------------------------------------------


def trust_by_definition(true: np.ndarray, shown: np.ndarray, k: int) -> float:
    """Venna and Kaski 2006, equation 1, word for word."""
    n = len(true)
    rank = cdist(true, true).argsort(1).argsort(1)
    near_true, near_shown = (cdist(p, p).argsort(1)[:, 1 : k + 1] for p in (true, shown))
    penalty = sum(rank[i, j] - k for i in range(n) for j in set(near_shown[i].tolist()) - set(near_true[i].tolist()))
    return float(1 - 2 / (n * k * (2 * n - 3 * k - 1)) * penalty)


def test_trustworthiness_and_continuity_are_what_their_authors_defined() -> None:
    points = np.random.default_rng(0).normal(size=(100, 2)).astype(np.float32)
    points[:, 0] += digits().test[:100].float().mean(1).numpy()
    pixels = digits().test.numpy() / 255
    found = embeddings.quality(digits(), points, 100)
    assert found.trustworthiness == pytest.approx(trust_by_definition(pixels, points, 5))
    assert found.continuity == pytest.approx(trust_by_definition(points, pixels, 5))
    assert found.compared == 100


def test_a_map_that_keeps_every_distance_is_perfect() -> None:
    pixels = digits().test.numpy() / np.float32(255)
    found = embeddings.quality(digits(), pixels, 100)
    assert (found.trustworthiness, found.continuity) == (1.0, 1.0)


def test_a_map_by_class_tells_all_classes_and_one_by_chance_hardly_any() -> None:
    labels = digits().test_labels.numpy()
    noise = np.random.default_rng(0).normal(size=(100, 2))
    by_class = np.stack([labels * 10.0, labels * 0.0], 1) + 0.1 * noise
    # In a fold a class may have too few others to be named by the majority of five.
    assert (embeddings.quality(digits(), by_class, 100).accuracy or 0) > 0.9
    assert (embeddings.quality(digits(), noise, 100).accuracy or 0) < 0.35


def test_of_many_points_some_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embeddings, "COMPARED", 60)
    points = embeddings.pixel_map(digits(), basis(), 100, 2).points
    found = embeddings.quality(digits(), points, 100)
    assert found.compared == 60
    again = embeddings.quality(digits(), points, 100)
    assert (found.trustworthiness, found.continuity, found.accuracy) == (
        again.trustworthiness,
        again.continuity,
        again.accuracy,
    )


def test_too_few_points_have_no_figures() -> None:
    few: Data = replace(digits(), test=digits().test[:8], test_labels=digits().test_labels[:8])
    assert embeddings.quality(few, np.zeros((8, 2)), 500) == embeddings.Quality(None, None, None, 8)


def test_without_classes_there_is_no_accuracy() -> None:
    alike = replace(digits(), test_labels=digits().test_labels * 0)
    found = embeddings.quality(alike, embeddings.pixel_map(alike, basis(), 100, 2).points, 100)
    assert found.accuracy is None
    assert found.trustworthiness is not None


def test_pixels_and_whole_codes_are_the_reference() -> None:
    found = embeddings.reference(trained(8), digits(), 100)
    assert found.units == 8
    np.testing.assert_array_equal(
        found.pixels, embeddings.quality(digits(), digits().test.numpy() / np.float32(255), 100).right
    )
    np.testing.assert_array_equal(found.code, embeddings.quality(digits(), codes_of(trained(8)), 100).right)


def test_neighbours_of_other_folds_name_the_class_as_scikit_learn_has_it() -> None:
    pixels, labels = digits().test.numpy() / np.float32(255), digits().test_labels.numpy()
    folds = KFold(5, shuffle=True, random_state=0)
    oracle = cross_val_score(KNeighborsClassifier(5), pixels, labels, cv=folds).mean()
    assert embeddings.quality(digits(), pixels, 100).accuracy == pytest.approx(oracle)


def test_a_hidden_layer_is_compared_with_pixels_and_code() -> None:
    found = embeddings.reference(deep(), digits(), 100, 1)
    np.testing.assert_array_equal(found.layer, embeddings.quality(digits(), hidden_by_hand(deep(), 1), 100).right)
    without = embeddings.reference(deep(), digits(), 100)
    np.testing.assert_array_equal(found.pixels, without.pixels)
    np.testing.assert_array_equal(found.code, without.code)
    assert without.layer is None


# ---- units -----------------------------------------------------------------------------------------------------------


def test_units_are_counted_silent_and_dead_as_defined() -> None:
    codes = np.zeros((10, 4), np.float32)
    codes[:, 0] = np.linspace(-1, 1, 10)
    codes[:3, 1] = 0.5
    codes[:, 2] = 0.7
    found = embeddings.activity_of(codes)
    assert found.threshold == pytest.approx(0.01)
    np.testing.assert_allclose(found.mean, [0, 0.15, 0.7, 0], atol=1e-6)
    np.testing.assert_allclose(found.silent, [0, 0.7, 0, 1], atol=1e-6)
    # A unit that always says the same is dead, whether it says nothing or something.
    assert found.dead.tolist() == [False, False, True, True]


def test_activity_is_that_of_the_chosen_pictures() -> None:
    found = embeddings.activity(trained(8), digits(), 100)
    np.testing.assert_allclose(found.mean, codes_of(trained(8)).mean(0), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(found.deviation, codes_of(trained(8)).std(0), rtol=1e-3, atol=1e-4)


def test_a_code_that_is_all_silent_is_all_dead() -> None:
    found = embeddings.activity_of(np.zeros((5, 3), np.float32))
    assert found.dead.all()
    assert (found.silent == 1).all()
