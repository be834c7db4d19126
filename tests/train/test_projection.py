from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from sklearn.decomposition import PCA

from aelib.spec.images import GRID_COLUMNS, GRID_ROWS
from aelib.train.projection import align, code_activity, fit_pca, flatten_codes, grid_area, grid_codes, pca_error
from aelib.train.resident import Basis
from tests.samples import digits, knobs_of, settings


@cache
def basis() -> Basis:
    return fit_pca(digits(1000))


def points(count: int = 60) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32) * (3, 1)


@pytest.mark.parametrize(("train", "code_size"), [(1000, 2), (1000, 32), (300, 32), (300, 299)])
def test_reconstructions_are_those_of_sklearns_pca(train: int, code_size: int) -> None:
    data = digits(train)
    ours = basis() if train == 1000 else fit_pca(data)
    images = data.test.cpu().numpy() / 255
    oracle = PCA(code_size, svd_solver="full").fit(data.train.cpu().numpy() / 255)
    expected = oracle.inverse_transform(oracle.transform(images)).clip(0, 1)
    np.testing.assert_allclose(ours.reconstruct(images, code_size), expected, atol=1e-3)


@pytest.mark.parametrize("code_units", [784, 800, 6272])
def test_as_many_numbers_as_pixels_lose_nothing(code_units: int) -> None:
    config = settings()
    assert pca_error(digits(1000), basis(), config, knobs_of(config), code_units) < 1e-9


def test_pca_error_is_that_of_the_clean_probe_pictures() -> None:
    data, config = digits(1000), settings()
    clean = data.probe.cpu().numpy() / 255
    errors = [pca_error(data, basis(), config, knobs_of(config), units) for units in (2, 8, 64)]
    expected = [np.square(basis().reconstruct(clean, units) - clean).mean() for units in (2, 8, 64)]
    np.testing.assert_allclose(errors, expected, rtol=1e-4)
    assert errors == sorted(errors, reverse=True)


def test_pca_sees_the_noise_that_the_network_sees() -> None:
    config = settings(corruption="gaussian")
    silent, soft, loud = (
        pca_error(digits(1000), basis(), config, knobs_of(config, corruption_level=level), 784)
        for level in (0.0, 0.1, 0.4)
    )
    assert silent < 1e-9 < soft < loud


@pytest.mark.parametrize("angle", [0.3, 2.0, np.pi])
@pytest.mark.parametrize("mirror", [1, -1])
def test_aligning_undoes_turns_and_mirrors(angle: float, mirror: int) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) @ np.diag([1, mirror])
    np.testing.assert_allclose(align(points() @ turn, points()), points(), atol=1e-5)


def test_aligning_neither_shifts_nor_stretches() -> None:
    other = np.random.default_rng(1).normal(size=(60, 2))
    np.testing.assert_allclose(
        np.linalg.norm(align(points(), other), axis=1), np.linalg.norm(points(), axis=1), rtol=1e-5
    )


def test_aligning_to_nothing_gives_finite_points() -> None:
    for one, other in ((points(), np.zeros((60, 2))), (np.zeros((60, 2)), points())):
        assert np.isfinite(align(one, other)).all()


def test_codes_of_two_numbers_are_shown_as_they_are() -> None:
    np.testing.assert_array_equal(flatten_codes(points(), 0), points())


def test_longer_codes_are_shown_by_their_first_two_components() -> None:
    codes = np.random.default_rng(0).normal(size=(100, 10)).astype(np.float32) * np.linspace(5, 1, 10)
    flat = flatten_codes(codes, 0)
    oracle = PCA(2, svd_solver="full").fit_transform(codes)
    assert flat.shape == (100, 2)
    np.testing.assert_allclose(align(flat, oracle), oracle, atol=1e-3)


DEAD = {
    "all zero": np.zeros((50, 8), np.float32),
    "constant": np.tile(np.arange(8, dtype=np.float32), (50, 1)),
    "constant but for rounding": np.float32(1) - np.float32(6e-8) * np.random.default_rng(0).integers(0, 9, (200, 8)),
    "all but one unit": np.eye(8, dtype=np.float32)[0] * np.linspace(0, 1, 50, dtype=np.float32)[:, None],
    "of two numbers": np.zeros((50, 2), np.float32),
    "not a number": np.full((50, 8), np.nan, np.float32),
    "infinite": np.full((50, 8), np.inf, np.float32),
    "enormous": np.random.default_rng(0).normal(size=(50, 8)).astype(np.float32) * np.float32(1e25),
    "enormous feature maps": np.random.default_rng(0).normal(size=(200, 800)).astype(np.float32) * np.float32(1e25),
    "few pictures": np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32),
}


@pytest.mark.parametrize("kind", DEAD)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_degenerate_codes_give_finite_points(kind: str) -> None:
    flat = flatten_codes(DEAD[kind], 0)
    assert flat.shape == (len(DEAD[kind]), 2)
    assert np.isfinite(flat).all()


@pytest.mark.parametrize("kind", ["all zero", "constant", "constant but for rounding"])
@pytest.mark.filterwarnings("error")
def test_codes_that_are_all_alike_are_asked_for_no_axes(kind: str) -> None:
    assert not np.ptp(flatten_codes(DEAD[kind], 0), axis=0).any()


def test_the_decoded_area_holds_all_codes_and_its_cells_are_squares() -> None:
    codes = points() + np.array([5, -2], np.float32)
    area = grid_area(codes)
    assert area is not None
    left, right, bottom, top = area
    assert left < codes[:, 0].min() and codes[:, 0].max() < right
    assert bottom < codes[:, 1].min() and codes[:, 1].max() < top
    assert (right - left) / GRID_COLUMNS == pytest.approx((top - bottom) / GRID_ROWS, rel=1e-5)
    middles = grid_codes(area).reshape(GRID_ROWS, GRID_COLUMNS, 2)
    # From the top left, row by row.
    assert (np.diff(middles[..., 0], axis=1) > 0).all() and (np.diff(middles[..., 1], axis=0) < 0).all()
    half = (right - left) / GRID_COLUMNS / 2
    np.testing.assert_allclose(middles[0, 0], (left + half, top - half), rtol=1e-4)
    np.testing.assert_allclose(middles[-1, -1], (right - half, bottom + half), rtol=1e-4)


@pytest.mark.parametrize("codes", [np.ones((5, 2)), np.full((5, 2), np.nan), np.array([[0, 0], [np.inf, 1]])])
def test_codes_that_are_nowhere_have_no_area(codes: np.ndarray) -> None:
    assert grid_area(codes.astype(np.float32)) is None


def test_the_activity_of_a_sparse_code_is_counted() -> None:
    config = settings("sparse-64", code_size=4)
    codes = np.array([[0, 1, 0.05, 0], [0, -1, 0.2, 0], [0, 0, 0, 0]], np.float32)
    found = code_activity(codes, config)
    assert found is not None
    np.testing.assert_allclose(found.shares, [0, 2 / 3, 1 / 3, 0])
    assert found.mean == pytest.approx(1)
    wide = code_activity(np.ones((3, 300), np.float32), settings("k-sparse", code_size=300))
    assert wide is not None and wide.shares.shape == (128,) and wide.mean == 300
    assert code_activity(codes, settings("vanilla-64", code_size=4)) is None
