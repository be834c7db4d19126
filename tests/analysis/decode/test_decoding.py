"""Where codes lie, which weights the decoder has, and how random codes compare with real ones."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances

from aelib.analysis.decode import decoding
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.train import inference, slices
from aelib.train.slices import Slice
from tests.samples import digits, knobs_of, settings, with_one_code

CONFIGS = {
    "dense": settings(widths=(32,), code_size=12),
    "tied": settings("vanilla-64", tied=True),
    "two numbers": settings(widths=(16,), code_size=2, code_activation="linear"),
    "feature maps": settings("conv-pool"),
}


@cache
def trained(config: RunConfig, steps: int = 20) -> Slice:
    data = digits()
    first = slices.first_slice(config, data, knobs_of(config))
    return slices.next_slice(first, data, knobs_of(config), steps)


def codes_of(config: RunConfig) -> np.ndarray:
    codes: np.ndarray = inference.encode(trained(config).state, digits().probe.float() / 255).flatten(1).numpy()
    return codes


@pytest.mark.parametrize("name", CONFIGS)
def test_the_axes_are_those_of_sklearns_pca(name: str) -> None:
    config = CONFIGS[name]
    codes = codes_of(config)
    found = decoding.code_map(trained(config), digits())
    oracle = PCA(2, svd_solver="full").fit(codes)
    np.testing.assert_array_equal(found.codes, codes)
    np.testing.assert_allclose(found.mean, codes.mean(0), atol=1e-5)
    np.testing.assert_allclose(np.abs(np.sum(found.axes * oracle.components_, 1)), 1, atol=1e-3)
    assert found.share == pytest.approx(oracle.explained_variance_ratio_.sum(), abs=1e-3)


def test_every_unit_has_its_range_and_spread() -> None:
    config = CONFIGS["dense"]
    codes, found = codes_of(config), decoding.code_map(trained(config), digits())
    np.testing.assert_allclose(found.spread, codes.std(0), atol=1e-5)
    inside = (codes >= found.low) & (codes <= found.high)
    assert (inside.mean(0) >= 0.96).all()
    assert (found.low >= codes.min(0)).all() and (found.high <= codes.max(0)).all()


def test_the_usual_distance_holds_95_in_100_codes() -> None:
    config = CONFIGS["dense"]
    apart = pairwise_distances(codes_of(config)) + np.diag(np.full(len(codes_of(config)), np.inf))
    usual = decoding.code_map(trained(config), digits()).usual
    assert (apart.min(0) <= usual).mean() == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize("name", ["dense", "tied"])
def test_dense_layers_carry_the_weights_that_the_decoder_computes_with(name: str) -> None:
    config = CONFIGS[name]
    link = trained(config)
    code = codes_of(config)[:5]
    values = code
    for part in decoding.decoder_layers(link.state):
        assert part.weight is not None and part.bias is not None
        bend: dict[str, Any] = {
            "relu": lambda x: np.maximum(x, 0),
            "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        }
        values = bend[part.layer.activation](values @ part.weight.T + part.bias)
    np.testing.assert_allclose(values, inference.decode(link.state, torch.tensor(code)).numpy(), atol=1e-5)


@pytest.mark.parametrize("name", CONFIGS)
def test_the_decoders_numbers_are_counted(name: str) -> None:
    config = CONFIGS[name]
    parts = decoding.decoder_layers(trained(config).state)
    arrays = [array for part in parts for array in (part.weight, part.bias) if array is not None]
    assert decoding.decoder_weights(plan(config)) == sum(array.size for array in arrays)


def test_multiplications_are_those_that_torch_does() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    for config in (*CONFIGS.values(), settings("fully-conv"), settings("conv-dense-20")):
        link = trained(config, 1)
        code = torch.zeros(1, plan(config).code_units)
        with FlopCounterMode(display=False) as counter:
            inference.decode(link.state, code)
        assert decoding.multiplications(plan(config)) == counter.get_total_flops() // 2, config.family


def test_a_decoder_too_large_for_a_browser_keeps_its_weights() -> None:
    config = settings(widths=(4096,), code_size=1024)
    assert not decoding.fits_browser(plan(config))
    link = slices.first_slice(config, digits(), knobs_of(config))
    assert decoding.code_map(link, digits()).layers is None


def test_of_long_codes_fewer_are_sent() -> None:
    assert decoding.pictures_mapped(32, 1000) == 1000
    assert decoding.pictures_mapped(8_192, 1000) == 122
    assert decoding.pictures_mapped(10_000_000, 1000) == 1


@pytest.mark.parametrize("bias", [0.0, 0.3])
@pytest.mark.filterwarnings("error")
def test_codes_that_never_vary_still_have_a_map(bias: float) -> None:
    dead = with_one_code(trained(CONFIGS["dense"]), bias)
    found = decoding.code_map(dead, digits())
    for array in (found.mean, found.axes, found.low, found.high, found.spread):
        assert np.isfinite(array).all()
    assert found.usual == 0
    assert found.share == 1
    assert np.isfinite(decoding.samples(dead, digits(), 0, 5).holes.distance)


def test_pictures_of_codes_are_the_networks() -> None:
    config = CONFIGS["feature maps"]
    link, codes = trained(config), codes_of(config)[:7]
    expected = inference.decode(link.state, torch.tensor(codes)).numpy()
    images = decoding.decode(link, digits(), codes)
    assert images.dtype == np.uint8 and images.shape == (7, 784)
    np.testing.assert_allclose(images / 255, expected, atol=0.5 / 255 + 1e-6)


def test_random_codes_have_mean_and_covariance_of_the_gaussian() -> None:
    generator = np.random.default_rng(1)
    mix = generator.normal(size=(3, 3))
    mean, covariance = np.array([1.0, -2.0, 0.5]), mix @ mix.T
    drawn = decoding.draw_gaussian(mean, covariance, seed=0, count=40_000)
    np.testing.assert_allclose(drawn.mean(0), mean, atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=0.1)


def test_samples_repeat_with_their_seed_and_follow_the_training_codes() -> None:
    config = CONFIGS["dense"]
    first, again, other = (decoding.samples(trained(config), digits(), seed, 24) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.codes, again.codes)
    np.testing.assert_array_equal(first.images, again.images)
    assert first.holes == again.holes
    assert (first.codes != other.codes).any()
    assert (first.codes.shape, first.images.shape, first.fitted) == ((24, 12), (24, 784), 300)


def test_codes_from_where_real_ones_lie_fall_into_no_hole() -> None:
    generator = np.random.default_rng(0)
    training_codes, test_codes, drawn = (generator.normal(size=(2000, 4)) for _ in range(3))
    holes = decoding.measure_holes(training_codes, test_codes, drawn)
    assert holes.distance == pytest.approx(holes.real_distance, rel=0.05)
    assert holes.far == pytest.approx(0.05, abs=0.02)


def test_codes_on_a_ring_leave_a_hole_in_the_middle_of_their_gaussian() -> None:
    generator = np.random.default_rng(0)

    def ring(count: int) -> np.ndarray:
        angle = generator.uniform(0, 2 * np.pi, count)
        return np.stack([np.cos(angle), np.sin(angle)], 1) + generator.normal(0, 0.02, (count, 2))

    codes = ring(2000)
    drawn = decoding.draw_gaussian(codes.mean(0), np.cov(codes.T), 0, 2000)
    holes = decoding.measure_holes(codes, ring(500), drawn)
    assert holes.distance > 5 * holes.real_distance
    assert holes.far > 0.7
