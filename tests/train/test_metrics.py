from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from aelib.nn.autoencoder import build
from aelib.spec.corruptions import corrupt
from aelib.train import image_quality
from aelib.train.image_quality import psnr, ssim
from aelib.train.metrics import evaluate
from aelib.train.trainer import advance, init
from tests.samples import digits, knobs_of, settings


def pairs(count: int = 12) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    clean = rng.random((count, 784)).astype(np.float32)
    noise = rng.normal(0, np.linspace(0.01, 0.5, count)[:, None], clean.shape)
    return clean, (clean + noise).clip(0, 1).astype(np.float32)


def test_psnr_is_that_of_scikit_image() -> None:
    clean, images = pairs()
    oracle = [peak_signal_noise_ratio(a, b, data_range=1) for a, b in zip(clean, images, strict=True)]
    np.testing.assert_allclose(psnr(clean, images), oracle, rtol=1e-5)


def test_ssim_is_that_of_scikit_image() -> None:
    clean, images = pairs()
    oracle = [
        structural_similarity(a.reshape(28, 28).astype(float), b.reshape(28, 28).astype(float), data_range=1)
        for a, b in zip(clean, images, strict=True)
    ]
    np.testing.assert_allclose(ssim(clean, images), oracle, atol=1e-4)


def test_a_perfect_image_has_the_best_figures() -> None:
    clean, _ = pairs()
    np.testing.assert_allclose(psnr(clean, clean), image_quality.BEST_PSNR)
    np.testing.assert_allclose(ssim(clean, clean), 1)


def test_a_known_error_has_the_psnr_of_its_definition() -> None:
    black = np.zeros((1, 784), np.float32)
    assert psnr(black, black + np.float32(0.1))[0] == pytest.approx(20, abs=1e-4)
    assert psnr(black, black + 1)[0] == pytest.approx(0, abs=1e-9)


def test_evaluation_is_what_a_direct_computation_gives() -> None:
    config, data = settings(), digits()
    state, _ = advance(init(config, data), data, knobs_of(config), 10)
    measured = evaluate(state, data)
    clean = data.test.float() / 255
    output = build(config, state.weights, data.test.device)(clean).detach()
    truth, images = clean.cpu().numpy().astype(np.float64), output.cpu().numpy().astype(np.float64)
    cross_entropy = -(truth * np.log(images) + (1 - truth) * np.log(1 - images)).mean()
    assert measured.clean.mse == pytest.approx(np.square(truth - images).mean(), rel=1e-5)
    assert measured.clean.bce == pytest.approx(cross_entropy, rel=1e-4)
    assert measured.clean.psnr == pytest.approx(-10 * np.log10(np.square(truth - images).mean(1)).mean(), rel=1e-5)
    assert measured.clean.ssim == pytest.approx(ssim(truth, images).mean(), abs=1e-4)
    assert measured.noisy is None


def test_noisy_figures_need_a_corruption_and_follow_its_level() -> None:
    config, data = settings(corruption="gaussian", corruption_level=0.3), digits()
    state, _ = advance(init(config, data), data, knobs_of(config), 60)
    measured = evaluate(state, data)
    assert measured.noisy is not None
    assert measured.noisy.mse != measured.clean.mse
    assert evaluate(state, data) == measured
    silent, loud = evaluate(state, data, level=0.0), evaluate(state, data, level=0.9)
    assert silent.noisy == silent.clean == measured.clean
    assert loud.noisy is not None and loud.noisy.mse > measured.noisy.mse


def test_noisy_figures_compare_with_the_clean_image() -> None:
    """Masking everything: the encoder sees black, and the error is that of its one answer."""
    config, data = settings(corruption="masking", corruption_level=1.0), digits()
    state = init(config, data)
    clean = data.test.float() / 255
    black = corrupt(clean, "masking", 1.0, torch.Generator(clean.device))
    answer = build(config, state.weights, clean.device)(black).detach()
    noisy = evaluate(state, data).noisy
    assert noisy is not None
    assert noisy.mse == pytest.approx(float((answer - clean).square().mean()), rel=1e-5)


@pytest.mark.parametrize("activation", ["linear", "relu", "tanh"])
def test_outputs_that_are_no_probability_have_no_cross_entropy(activation: str) -> None:
    config, data = settings(output_activation=activation, corruption="block"), digits()
    measured = evaluate(init(config, data), data)
    assert measured.noisy is not None
    assert measured.clean.bce is None and measured.noisy.bce is None
    assert all(math.isfinite(value) for name, value in asdict(measured.clean).items() if name != "bce")
