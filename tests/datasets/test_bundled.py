from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from aelib import datasets
from aelib.datasets import bundled, jitter
from aelib.datasets.dataset import Dataset
from tests.datasets.samples import drawings


@pytest.fixture(scope="module", params=["digits", "letters"])
def dataset(request: pytest.FixtureRequest) -> Dataset:
    return datasets.load(request.param)


def test_importing_the_package_does_not_import_torch() -> None:
    code = "import sys, aelib.datasets as d; d.default_name(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_bundled_sets_have_the_promised_form(dataset: Dataset) -> None:
    for images, labels in (
        (dataset.train_images, dataset.train_labels),
        (dataset.test_images, dataset.test_labels),
    ):
        assert images.dtype == np.uint8 and images.shape == (len(labels), 28, 28)
        assert labels.dtype == np.int64
        assert set(labels) == set(range(len(dataset.classes)))
    assert 12_000 <= len(dataset.train_images) <= 13_000


def test_bundled_sets_look_like_mnist(dataset: Dataset, real_data: Path) -> None:
    mnist = datasets.load("mnist", real_data).train_images
    for images in (dataset.train_images, dataset.test_images):
        assert images.mean() == pytest.approx(mnist.mean(), rel=0.3)
        assert (images == 0).mean() == pytest.approx((mnist == 0).mean(), abs=0.05)
        assert (images.reshape(len(images), -1).max(axis=1) > 200).mean() > 0.99
        masses = np.array([ndimage.center_of_mass(image) for image in images[:300]])
        assert np.abs(masses.mean(axis=0) - 13.5).max() < 0.7


def test_bundled_sets_are_the_same_bytes_each_time(dataset: Dataset) -> None:
    again = {"digits": bundled.digits, "letters": bundled.letters}[dataset.name]()
    assert again.train_images.tobytes() == dataset.train_images.tobytes()
    assert again.test_labels.tobytes() == dataset.test_labels.tobytes()


def test_classes_of_bundled_sets_can_be_told_apart(dataset: Dataset) -> None:
    train = dataset.train_images.reshape(len(dataset.train_images), -1)[:4000] / 255
    test = dataset.test_images.reshape(len(dataset.test_images), -1)[:500] / 255
    judge = KNeighborsClassifier(3).fit(train, dataset.train_labels[:4000])
    assert judge.score(test, dataset.test_labels[:500]) > {"digits": 0.93, "letters": 0.75}[dataset.name]


def test_test_digits_are_scans_that_no_training_digit_was_made_of() -> None:
    digits = datasets.load("digits")
    counts = np.bincount(digits.train_labels) / 9 + np.bincount(digits.test_labels)
    np.testing.assert_array_equal(counts, np.bincount(load_digits().target))


def test_arrays_are_read_only(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="read-only"):
        dataset.train_images[0] = 0


def test_warping_by_the_identity_averages_blocks_of_canvas_pixels() -> None:
    canvases = drawings(3, side=56)
    expected = canvases.reshape(3, 28, 2, 28, 2).mean(axis=(2, 4))
    warped = jitter.warp(canvases, np.array([2, 0, 1]))
    np.testing.assert_allclose(warped, expected[[2, 0, 1]], atol=0.51)


def test_a_shift_moves_the_picture_by_whole_pixels() -> None:
    canvases = drawings(2, side=56)
    shift = np.tile(np.eye(2, 3, dtype=np.float32), (2, 1, 1))
    shift[:, :, 2] = (3, -2)
    plain, moved = jitter.warp(canvases, np.arange(2)), jitter.warp(canvases, np.arange(2), shift)
    np.testing.assert_array_equal(moved[:, :-3, 2:], plain[:, 3:, :-2])


def test_elastic_fields_are_smooth_and_as_strong_as_asked() -> None:
    fields = jitter.random_elastic(np.random.default_rng(0), 400, pixels=0.9)
    assert fields.std() == pytest.approx(0.9, rel=0.1)
    assert np.abs(np.diff(fields, axis=-1)).max() < 1
