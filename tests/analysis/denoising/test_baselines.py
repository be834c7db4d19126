"""The methods beside the network, against the libraries that they come from."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import median_filter
from skimage.metrics import peak_signal_noise_ratio
from skimage.restoration import denoise_nl_means, denoise_tv_chambolle, inpaint_biharmonic

from aelib.analysis.denoising import baselines
from aelib.analysis.denoising.baselines import BASELINES, corrupted_images, fitting, restore, tune
from aelib.spec.corruptions import CORRUPTIONS
from aelib.train.projection import fit_pca
from aelib.train.resident import Basis, Data
from tests.samples import digits

SIDE = (28, 28)


@pytest.fixture(scope="module")
def data() -> Data:
    return digits()


@pytest.fixture(scope="module")
def basis(data: Data) -> Basis:
    return fit_pca(data)


def test_every_task_has_doing_nothing_and_pca_beside_it() -> None:
    for task in {corruption.task for corruption in CORRUPTIONS.values()}:
        assert {"nothing", "pca"} < {baseline.name for baseline in fitting(task)}


@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_pictures_are_damaged_the_same_way_every_time(data: Data, corruption: str) -> None:
    one, other = corrupted_images(data, corruption, 0.5), corrupted_images(data, corruption, 0.5)
    np.testing.assert_array_equal(one.corrupted, other.corrupted)
    np.testing.assert_array_equal(one.clean, data.probe.numpy() / np.float32(255))
    assert one.corrupted.min() >= 0
    assert one.corrupted.max() <= 1


@pytest.mark.parametrize("corruption", ["block", "line", "half"])
def test_the_hole_is_where_the_corruption_blackens(data: Data, corruption: str) -> None:
    damaged = corrupted_images(data, corruption, 0.5)
    np.testing.assert_array_equal(damaged.corrupted, np.where(damaged.hole, 0, damaged.clean))


def test_pictures_that_the_damage_missed_are_left_out(data: Data) -> None:
    damaged = corrupted_images(data, "block", 0.2)
    touched = damaged.touched()
    assert 0 < len(touched.clean) < len(damaged.clean)
    assert (touched.clean != touched.corrupted).any(axis=1).all()
    assert len(corrupted_images(data, "gaussian", 0.0).touched().clean) == len(damaged.clean)


def test_parts_are_the_whole(data: Data) -> None:
    damaged = corrupted_images(data, "gaussian", 0.5)
    parts = [damaged.part(index, 3).corrupted for index in range(3)]
    np.testing.assert_array_equal(np.concatenate(parts), damaged.corrupted)


@pytest.mark.parametrize(
    ("name", "number", "oracle"),
    [
        ("nothing", 0, lambda seen: seen),
        ("median", 5, lambda seen: median_filter(seen, size=5)),
        ("nlm", 0.3, lambda seen: denoise_nl_means(seen, patch_size=3, patch_distance=5, h=0.3)),
        ("tv", 0.25, lambda seen: denoise_tv_chambolle(seen, weight=0.25, eps=1e-6)),
    ],
)
def test_a_picture_is_restored_as_by_the_library(data: Data, name: str, number: float, oracle: object) -> None:
    damaged = corrupted_images(data, "gaussian", 0.4, count=3)
    restored = restore(name, damaged, number)
    expected = oracle(damaged.corrupted[1].reshape(SIDE)).clip(0, 1)  # type: ignore[operator]
    np.testing.assert_allclose(restored[1].reshape(SIDE), expected, atol=1e-6)


def test_a_gap_is_filled_as_by_the_library(data: Data) -> None:
    damaged = corrupted_images(data, "block", 0.4, count=3)
    expected = inpaint_biharmonic(damaged.corrupted[2].reshape(SIDE), damaged.hole[2].reshape(SIDE)).clip(0, 1)
    np.testing.assert_allclose(restore("biharmonic", damaged)[2].reshape(SIDE), expected, atol=1e-6)


def test_where_everything_is_gone_a_gap_stays(data: Data) -> None:
    damaged = corrupted_images(data, "half", 1.0, count=2)
    np.testing.assert_array_equal(restore("biharmonic", damaged), damaged.corrupted)


@pytest.mark.parametrize(("level", "side"), [(0.5, 14), (0.75, 7), (0.86, 4), (0.0, 28)])
def test_coarse_pixels_are_enlarged_as_by_pillow(data: Data, level: float, side: int) -> None:
    damaged = corrupted_images(data, "low-resolution", level, count=2)
    coarse = damaged.clean[1].reshape(side, 28 // side, side, 28 // side).mean((1, 3))
    expected = np.asarray(Image.fromarray(coarse).resize(SIDE, Image.Resampling.BICUBIC)).clip(0, 1)
    np.testing.assert_allclose(restore("bicubic", damaged)[1].reshape(SIDE), expected, atol=1e-5)


def test_pca_projects_on_as_many_axes_as_the_code_has_numbers(data: Data, basis: Basis) -> None:
    damaged = corrupted_images(data, "gaussian", 0.4, count=4)
    restored = restore("pca", damaged, basis=basis, code_size=10)
    np.testing.assert_allclose(restored, basis.reconstruct(damaged.corrupted, 10), atol=1e-6)


@pytest.mark.parametrize("corruption", ["gaussian", "salt-and-pepper"])
def test_the_number_chosen_is_the_best_of_the_grid_on_training_pictures(data: Data, corruption: str) -> None:
    numbers = tune(data, corruption, 0.3)
    damaged = corrupted_images(data, corruption, 0.3, "training")
    assert set(numbers) == {"median", "nlm", "tv"}
    for name in ("median", "tv"):
        scores = {
            number: np.mean(
                [
                    peak_signal_noise_ratio(clean, one, data_range=1.0)
                    for clean, one in zip(damaged.clean, restore(name, damaged, number), strict=True)
                ]
            )
            for number in BASELINES[name].grid
        }
        assert numbers[name] == max(scores, key=lambda number: scores[number])


def test_numbers_are_chosen_on_training_pictures_and_not_on_test_pictures(data: Data) -> None:
    training = corrupted_images(data, "gaussian", 0.3, "training").clean
    known = data.train.numpy() / np.float32(255)
    assert len(training) == baselines.TUNED_ON
    assert all((known == image).all(axis=1).any() for image in training)


def test_where_there_is_nothing_to_choose_nothing_is_chosen(data: Data) -> None:
    assert tune(data, "block", 0.5) == {}


def test_the_curve_measures_what_the_methods_make_of_all_probe_images(data: Data, basis: Basis) -> None:
    damaged = corrupted_images(data, "gaussian", 0.5)
    parts = [baselines.psnrs(data, basis, "gaussian", 0.5, "tv", 0, 0.25, part) for part in range(2)]
    expected = [
        peak_signal_noise_ratio(clean, one, data_range=1.0)
        for clean, one in zip(damaged.clean, restore("tv", damaged, 0.25), strict=True)
    ]
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=1e-4)


def test_twelve_pictures_are_shown(data: Data, basis: Basis) -> None:
    found = baselines.shown(data, basis, "gaussian", 0.5, 16, {"median": 3, "pca": 0})
    assert list(found) == ["median", "pca"]
    assert found["median"].images.shape == (12, 784)
    assert found["median"].images.dtype == np.uint8
    damaged = corrupted_images(data, "gaussian", 0.5, count=12)
    expected = peak_signal_noise_ratio(damaged.clean[0], restore("median", damaged, 3)[0], data_range=1.0)
    assert found["median"].psnr[0] == pytest.approx(expected, abs=1e-4)
