"""What one unit looks for, or draws."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from aelib.analysis.units import MEASURED, direction_of, weights_of
from aelib.nn.autoencoder import build
from aelib.spec.config import RunConfig
from aelib.spec.state import Reconstructions
from aelib.train.slices import Slice
from aelib.train.trainer import advance, init
from tests.samples import digits, knobs_of, settings


def link(config: RunConfig) -> Slice:
    data = digits()
    state, progress = advance(init(config, data), data, knobs_of(config), 30)
    return Slice(state, progress, Reconstructions(30, np.empty((0, 0), np.uint8), np.empty((0, 0), np.uint8)))


def test_weights_are_those_of_the_first_layer() -> None:
    one = link(settings("multilayer-64"))
    found = weights_of(one, 17)
    expected = one.state.weights["encoder.0.weight"][17]
    np.testing.assert_allclose(found.image * found.largest, expected, rtol=1e-5, atol=1e-8)
    assert found.step == 30 and np.abs(found.image).max() == pytest.approx(1)


@pytest.mark.parametrize(
    "config",
    [settings("multilayer-64", code_size=5), settings("conv-pool", widths=(6, 4)), settings("vae")],
    ids=["dense", "feature maps", "variational"],
)
def test_a_direction_is_what_one_standard_deviation_changes_of_the_output(config: RunConfig) -> None:
    one, data = link(config), digits()
    found = direction_of(one, data, knobs_of(config), 2, 3)
    model = build(config, one.state.weights, torch.device("cpu"))
    with torch.no_grad():
        codes = model.encode(data.probe[:MEASURED].float() / 255)
        raised = codes[3:4].clone()
        raised[:, 2] += codes[:, 2].std(0, unbiased=False)
        expected = (model.decode(raised) - model.decode(codes[3:4])).numpy()[0]
    np.testing.assert_allclose(found.image * found.largest, expected, atol=1e-5)


def test_a_unit_that_never_changes_has_no_direction() -> None:
    config = settings("vanilla-64", code_activation="relu")
    one = link(config)
    arrays = dict(one.state.arrays)
    bias = arrays["weights/encoder.0.bias"].copy()
    bias[4] = -100
    arrays["weights/encoder.0.bias"] = bias
    dead = Slice(type(one.state).frozen(config, 30, arrays), one.progress, one.images)
    found = direction_of(dead, digits(), knobs_of(config), 4, 0)
    assert found.largest == 0 and not found.image.any()
