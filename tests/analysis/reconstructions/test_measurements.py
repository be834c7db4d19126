"""What the Reconstructions page is told, against oracles."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageFile
from sklearn.decomposition import PCA

from aelib import datasets
from aelib.analysis.denoising.baselines import corrupted_images, restore
from aelib.analysis.reconstructions import measurements
from aelib.analysis.reconstructions.jpeg import jpeg, scan_bytes
from aelib.spec.config import RunConfig
from aelib.train.image_quality import psnr
from aelib.train.inference import reconstruct
from aelib.train.metrics import evaluate
from aelib.train.projection import fit_pca
from aelib.train.resident import Basis
from aelib.train.slices import Slice, first_slice, next_slice, pca_baseline
from aelib.train.trainer import prepare, probe
from tests.samples import cut, digits, knobs_of, settings


@cache
def basis() -> Basis:
    return fit_pca(digits())


@cache
def trained(config: RunConfig) -> Slice:
    knobs = knobs_of(config)
    return next_slice(first_slice(config, digits(), knobs), digits(), knobs, 60)


def clean() -> np.ndarray:
    return digits().test.numpy() / np.float32(255)


def test_errors_are_those_of_the_evaluation() -> None:
    link = trained(settings())
    found = measurements.errors(link, digits())
    assert found.shape == (100,)
    assert found.mean() == pytest.approx(evaluate(link.state, digits()).clean.mse, rel=1e-5)


def test_a_comparison_shows_the_pictures_asked_for() -> None:
    link = trained(settings(code_size=8))
    compared = measurements.compare(link, digits(), basis(), (5, 0))
    assert np.array_equal(compared.original, digits().test.numpy()[[5, 0]])
    assert compared.network.psnr is not None and compared.error is not None
    errors = measurements.errors(link, digits())[[5, 0]]
    assert compared.network.psnr == pytest.approx(-10 * np.log10(errors), abs=1e-4)
    assert np.square(compared.error).mean(1) == pytest.approx(errors, rel=1e-4)


def test_pca_is_that_of_scikit_learn() -> None:
    compared = measurements.compare(trained(settings(code_size=8)), digits(), basis(), range(20))
    oracle = PCA(8, svd_solver="full").fit(digits().train.numpy() / 255.0)
    expected = oracle.inverse_transform(oracle.transform(clean()[:20])).clip(0, 1)
    assert compared.pca is not None
    assert compared.pca.psnr == pytest.approx(psnr(clean()[:20], expected), abs=0.01)


@pytest.mark.parametrize("units", [8, 32])
def test_pca_has_the_same_error_wherever_it_is_shown(units: int) -> None:
    config, data = settings(code_size=units), digits()
    truth = data.probe.numpy() / np.float32(255)
    oracle = PCA(units, svd_solver="full").fit(data.train.numpy() / 255.0)
    expected = np.square(oracle.inverse_transform(oracle.transform(truth)).clip(0, 1) - truth).mean(1)
    on_the_curve = pca_baseline(data, basis(), config, knobs_of(config))
    assert on_the_curve == pytest.approx(expected.mean(), rel=1e-4)
    untouched = corrupted_images(data, "gaussian", 0.0)
    compared = measurements.compare(trained(config), data, basis(), range(len(truth))).pca
    assert compared is not None and compared.psnr is not None
    for decibels in (psnr(truth, restore("pca", untouched, basis=basis(), code_size=units)), compared.psnr):
        np.testing.assert_allclose(10 ** (-decibels / 10), expected, rtol=1e-3)
    measured = measurements.measure(trained(config), data, basis()).pca
    assert measured is not None
    assert measured.psnr == pytest.approx(compared.psnr.mean(), abs=1e-3)


@pytest.mark.parametrize("activation", ["linear", "relu", "leaky-relu", "tanh", "sigmoid"])
def test_a_network_has_the_same_error_wherever_it_is_shown(activation: str) -> None:
    config, data = settings(code_size=8, output_activation=activation), digits()
    link, truth = trained(config), data.probe.float() / 255
    output = reconstruct(link.state, truth)[1].clamp(0, 1)
    expected = float((output - truth).square().mean())
    shown = probe(link.state, data, knobs_of(config))
    assert shown is not None
    assert shown.test_mse == pytest.approx(expected, rel=1e-4)
    errors = measurements.errors(link, data)
    assert errors.mean() == pytest.approx(evaluate(link.state, data).clean.mse, rel=1e-4)
    if len(errors) == len(truth):
        assert errors.mean() == pytest.approx(expected, rel=1e-4)


def test_pca_has_no_more_numbers_than_axes() -> None:
    config = settings("fully-conv")
    link = first_slice(config, digits(), knobs_of(config))
    compared = measurements.compare(link, digits(), basis(), range(3))
    assert compared.pca_units == len(basis().axes) == 300
    measured = measurements.measure(link, digits(), basis())
    assert (measured.code_units, measured.pca_units) == (32 * 7 * 7, 300)


def test_a_picture_from_outside_is_taken_like_one_of_the_data() -> None:
    link = trained(settings(code_size=8))
    ours = measurements.take(link, digits(), basis(), digits().test.numpy()[7])
    theirs = measurements.compare(link, digits(), basis(), (7,))
    assert np.array_equal(ours.network.images, theirs.network.images)
    assert ours.network.psnr == pytest.approx(theirs.network.psnr)
    assert ours.jpeg is None


def test_rounding_codes_to_bytes_costs_little_and_is_measured() -> None:
    found = measurements.measure(trained(settings(code_size=8)), digits(), basis())
    assert (found.count, found.code_units) == (100, 8)
    assert found.pca is not None
    for means in (found.network, found.pca):
        assert means.psnr - 0.5 < means.psnr_in_bytes < means.psnr + 0.01
    quality = evaluate(trained(settings(code_size=8)).state, digits()).clean
    assert (found.network.psnr, found.network.ssim) == pytest.approx((quality.psnr, quality.ssim), abs=1e-4)


def test_a_silent_unit_is_kept_when_codes_are_rounded() -> None:
    codes = np.array([[0.0, 1.0], [0.0, 3.0]], np.float32)
    rounded = measurements._rounded(codes, *measurements._limits(codes))
    assert rounded == pytest.approx(codes, abs=2 / 255)


def test_a_byte_has_256_values() -> None:
    codes = np.random.default_rng(0).uniform(size=(5_000, 1)).astype(np.float32)
    low, high = measurements._limits(codes)
    rounded = measurements._rounded(codes, low, high)
    assert len(np.unique(rounded)) == 256
    inside = (codes > low) & (codes < high)
    assert np.abs(rounded - codes)[inside].max() <= (high - low)[0] / 255 / 2 * 1.001


def test_a_run_in_colour_is_compared_with_its_coloured_target() -> None:
    link = trained(settings(colour=True))
    compared = measurements.compare(link, digits(), basis(), (0, 1))
    assert compared.wanted is not None and compared.wanted.shape == compared.network.images.shape == (2, 2352)
    assert compared.pca is None and compared.jpeg is None
    assert compared.error is not None and compared.error.shape == (2, 784)
    own = measurements.take(link, digits(), basis(), digits().test.numpy()[0])
    assert own.network.psnr is None and own.error is None
    assert measurements.measure(link, digits(), basis()).pca is None


def test_jpeg_keeps_to_its_bytes_where_it_can() -> None:
    images = digits().test.numpy()[:20]
    worse, few = jpeg(images, 60)
    better, many = jpeg(images, 200)
    assert few.max() <= 60 and many.max() <= 200
    truth = images / 255
    assert psnr(truth, better / 255).mean() > psnr(truth, worse / 255).mean()
    _, least = jpeg(images, 1)
    assert (least <= few).all() and least.min() > 1


def test_the_bytes_of_a_scan_are_all_that_differs_from_an_empty_picture() -> None:
    """Two files of one quality have the same headers and tables."""

    def file(image: np.ndarray) -> bytes:
        out = io.BytesIO()
        Image.fromarray(image).save(out, "JPEG", quality=30)
        return out.getvalue()

    digit, empty = file(digits().test.numpy()[0].reshape(28, 28)), file(np.zeros((28, 28), np.uint8))
    assert len(digit) - scan_bytes(digit) == len(empty) - scan_bytes(empty)
    assert digit.index(b"\xff\xda") < len(digit) - 2 - scan_bytes(digit)
    assert digit[: len(digit) - 2 - scan_bytes(digit)] == empty[: len(empty) - 2 - scan_bytes(empty)]


def test_markers_among_the_numbers_of_a_table_do_not_mislead() -> None:
    """At quality 1 the tables are full of 255s."""
    out = io.BytesIO()
    Image.fromarray(digits().test.numpy()[0].reshape(28, 28)).save(out, "JPEG", quality=1)
    parser = ImageFile.Parser()
    parser.feed(out.getvalue())
    assert parser.close().size == (28, 28)
    assert 10 < scan_bytes(out.getvalue()) < 60


def test_jpeg_is_measured_on_the_watched_pictures() -> None:
    found = measurements.measure_jpeg(digits(), 60)
    images, sizes = jpeg(digits().probe.numpy(), 60)
    assert found.count == len(images) == 100
    assert found.bytes == pytest.approx(sizes.mean())
    assert found.psnr == pytest.approx(psnr(digits().probe.numpy() / 255, images / 255).mean(), abs=1e-4)


def test_foreign_pictures_meet_the_network_and_the_components_of_its_own_data() -> None:
    link, foreign = trained(settings(code_size=8)), prepare(cut(datasets.load("letters"), 300, 100))
    found = measurements.measure(link, digits(), basis(), foreign)
    letters = foreign.probe.numpy() / np.float32(255)
    assert found.network.psnr == pytest.approx(measurements.measure(link, foreign, basis()).network.psnr)
    oracle = PCA(8, svd_solver="full").fit(digits().train.numpy() / 255.0)
    expected = psnr(letters, oracle.inverse_transform(oracle.transform(letters)).clip(0, 1))
    assert found.pca is not None and found.pca.psnr == pytest.approx(expected.mean(), abs=0.01)
    assert found.network.each.mean() == pytest.approx(found.network.psnr_in_bytes)
    # Codes are rounded in the range that they have on the data that was learnt from.
    assert found.network.psnr_in_bytes != measurements.measure(link, foreign, basis()).network.psnr_in_bytes
