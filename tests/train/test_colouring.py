"""Colouring as a task: what is asked of the network, and that it has to recognize what it sees to do it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from aelib.datasets import class_hues
from aelib.spec.config import RunConfig
from aelib.train.image_quality import ssim
from aelib.train.inference import reconstruct, target
from aelib.train.metrics import evaluate
from aelib.train.resident import Data
from aelib.train.trainer import advance, init, probe, snapshot
from tests.samples import assert_same_arrays, assert_same_state, digits, knobs_of, settings

COLOUR = settings("multilayer-64", widths=(32,), code_size=16, colour=True)


def coloured(grey: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Images [N, 784] times the hue of their class, plane after plane."""
    return np.concatenate([grey * class_hues(10)[labels, plane, None] for plane in range(3)], axis=1)


def shown_and_wanted(data: Data) -> tuple[torch.Tensor, np.ndarray]:
    clean = data.test.float() / 255
    return clean, coloured(clean.cpu().numpy(), data.test_labels.cpu().numpy())


def with_other_labels(data: Data) -> Data:
    return replace(data, train_labels=(data.train_labels + 1) % 10)


def test_the_target_is_the_picture_in_the_hue_of_its_class() -> None:
    data = digits()
    clean, expected = shown_and_wanted(data)
    np.testing.assert_allclose(target(clean, data.test_labels, COLOUR, data).cpu().numpy(), expected, atol=1e-6)
    assert target(clean, data.test_labels, settings(), data) is clean


def test_labels_mean_nothing_to_a_grey_run_and_everything_to_a_coloured_one() -> None:
    for config, same in ((settings(corruption="masking"), True), (COLOUR, False)):
        one, other = (
            advance(init(config, digits()), data, knobs_of(config), 3)[0].weights
            for data in (digits(), with_other_labels(digits()))
        )
        if same:
            assert_same_arrays(one, other)
        else:
            assert not np.array_equal(one["decoder.2.weight"], other["decoder.2.weight"])


def test_the_output_starts_at_the_mean_of_what_is_wanted() -> None:
    data = digits()
    wanted = coloured(data.train.cpu().numpy() / 255, data.train_labels.cpu().numpy()).mean()
    bias = init(COLOUR, data).weights["decoder.2.bias"]
    assert bias.shape == (3 * 784,)
    np.testing.assert_allclose(bias, math.log(wanted / (1 - wanted)), rtol=1e-4)


@pytest.mark.parametrize("changes", [{}, {"corruption": "half", "noisy_target": True}, {"loss": "bce"}])
def test_where_a_coloured_run_is_cut_makes_no_difference(changes: dict[str, object]) -> None:
    config, data = replace(COLOUR, **changes), digits()  # type: ignore[arg-type]
    start = init(config, data)
    whole, _ = advance(start, data, knobs_of(config), 7)
    part, _ = advance(start, data, knobs_of(config), 3)
    assert_same_state(advance(part, data, knobs_of(config), 4)[0], whole)


@pytest.mark.parametrize(
    "config",
    [
        COLOUR,
        settings("conv-pool", widths=(3, 2), colour=True),
        settings("fully-conv", widths=(3, 2), corruption="none", colour=True),
        settings("conv-dense-20", widths=(3, 2), colour=True, loss="bce"),
    ],
    ids=lambda config: config.family,
)
def test_every_family_is_measured_against_the_coloured_pictures(config: RunConfig) -> None:
    data = digits()
    state, progress = advance(init(config, data), data, knobs_of(config), 3)
    assert progress.healthy
    clean, wanted = shown_and_wanted(data)
    output = reconstruct(state, clean)[1].cpu().numpy()
    assert output.shape == wanted.shape
    seen = snapshot(state, data, knobs_of(config))
    assert seen.output.shape == (12, 3 * 784) and seen.corrupted.shape == (12, 784)
    # All of the test images are probe images here.
    assert probe(state, data, knobs_of(config)).test_mse == pytest.approx(np.square(output - wanted).mean(), rel=1e-4)
    measured = evaluate(state, data).clean
    assert measured.mse == pytest.approx(np.square(output - wanted).mean(), rel=1e-4)
    assert measured.psnr == pytest.approx(-10 * np.log10(np.square(output - wanted).mean(1)).mean(), rel=1e-4)
    entropy = -(wanted * np.log(output) + (1 - wanted) * np.log(1 - output)).mean()
    assert measured.bce == pytest.approx(entropy, rel=1e-3)


def test_ssim_in_colour_is_that_of_scikit_image() -> None:
    rng = np.random.default_rng(0)
    clean = rng.random((6, 3 * 784)).astype(np.float32)
    images = (clean + rng.normal(0, 0.2, clean.shape)).clip(0, 1).astype(np.float32)
    expected = [
        structural_similarity(a.reshape(3, 28, 28), b.reshape(3, 28, 28), channel_axis=0, data_range=1)
        for a, b in zip(clean, images, strict=True)
    ]
    np.testing.assert_allclose(ssim(clean, images), expected, atol=1e-5)


def test_a_network_colours_better_than_anything_that_does_not_recognize_the_digit() -> None:
    config, data = settings(colour=True, batch_size=64, learning_rate=3e-3), digits(1000, 397)
    state, _ = advance(init(config, data), data, knobs_of(config), 200)
    clean, wanted = shown_and_wanted(data)
    # The best answer that is blind for the class: every image in the mean hue, weighted by ink.
    grey = clean.cpu().numpy()
    energy = np.square(grey).sum(1)
    mean_hue = (energy[:, None] * class_hues(10)[data.test_labels.cpu().numpy()]).sum(0) / energy.sum()
    blind = np.concatenate([grey * share for share in mean_hue], axis=1)
    assert evaluate(state, data).clean.mse < 0.8 * np.square(blind - wanted).mean()
