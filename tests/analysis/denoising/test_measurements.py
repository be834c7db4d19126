"""What is asked about a network that mends images."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from aelib.analysis.denoising import measurements
from aelib.analysis.denoising.baselines import corrupted_images
from aelib.datasets import class_hues
from aelib.spec.config import Knobs
from aelib.train.image_quality import psnr
from aelib.train.inference import reconstruct
from aelib.train.slices import Slice, first_slice, next_slice
from tests.samples import digits, settings


def trained(steps: int = 3, **changes: Any) -> Slice:
    small: dict[str, Any] = {"widths": (), "code_size": 8}
    config = settings(**small | changes)
    data, knobs = digits(), Knobs.of(config)
    return next_slice(first_slice(config, data, knobs), data, knobs, steps)


def test_the_pictures_shown_are_the_networks_own() -> None:
    link, data = trained(), digits()
    found = measurements.shown(link, data, "gaussian", 0.5)
    damaged = corrupted_images(data, "gaussian", 0.5, count=12)
    _, output = reconstruct(link.state, torch.tensor(damaged.corrupted))
    np.testing.assert_array_equal(found.output.images, np.rint(output.clamp(0, 1).numpy() * 255))
    np.testing.assert_array_equal(found.target, data.probe[:12].numpy())
    np.testing.assert_allclose(found.output.psnr, psnr(damaged.clean, output.numpy()), atol=1e-5)
    np.testing.assert_allclose(found.corrupted.psnr, psnr(damaged.clean, damaged.corrupted), atol=1e-5)


def test_network_and_other_methods_are_measured_on_the_same_pictures() -> None:
    link, data = trained(), digits()
    damaged = corrupted_images(data, "block", 0.3).touched()
    _, output = reconstruct(link.state, torch.tensor(damaged.corrupted))
    np.testing.assert_allclose(
        measurements.psnrs(link, data, "block", 0.3), psnr(damaged.clean, output.numpy()), atol=1e-5
    )


def test_a_network_that_colours_is_compared_with_the_coloured_picture() -> None:
    link, data = trained(colour=True), digits()
    found = measurements.shown(link, data, "none", 0.0)
    assert found.target.shape == found.output.images.shape == (12, 2352)
    hues = data.hues[data.probe_labels[:12]].numpy()
    expected = (hues[:, :, None] * found.corrupted.images[:, None, :]).reshape(12, -1)
    np.testing.assert_allclose(found.target, expected, atol=1)


def test_pictures_in_their_own_hues_name_their_classes_however_bright() -> None:
    hues = class_hues(10)
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, 50)
    images = hues[labels][:, :, None] * random.random((50, 1, 784)) * random.uniform(0.2, 1, (50, 1, 1))
    np.testing.assert_array_equal(measurements.nearest_hue(images.reshape(50, -1), hues), labels)


def test_a_network_that_learnt_to_colour_names_more_than_chance() -> None:
    link = trained(steps=300, colour=True, widths=(64,), code_size=32)
    found = measurements.named(link, digits(), "none", 0.0)
    assert len(found.classes) == len(digits().probe)
    assert found.right == (found.classes == digits().probe_labels.numpy()).mean()
    assert found.right > 0.3
