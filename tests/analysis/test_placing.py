"""Where drawings lie in a code, and what is decoded there."""

from __future__ import annotations

import numpy as np
import torch

from aelib.analysis.placing import placed
from aelib.train.inference import decode, encode
from aelib.train.slices import NO_IMAGES, Slice
from aelib.train.trainer import advance, init
from tests.samples import digits, knobs_of, settings


def test_images_lie_where_they_are_encoded_unless_they_were_moved() -> None:
    config, data = settings("multilayer-64", code_size=2, code_activation="linear"), digits()
    state, progress = advance(init(config, data), data, knobs_of(config), 20)
    images = data.test[:3].numpy().reshape(3, 28, 28)
    moved = np.full((3, 2), np.nan, np.float32)
    moved[1] = (0.5, -2)
    found = placed(Slice(state, progress, NO_IMAGES), data, ("a", "b", "c"), images, moved)
    expected = encode(state, data.test[:3].float() / 255).numpy().copy()
    expected[1] = moved[1]
    np.testing.assert_allclose(found.codes, expected, rtol=1e-5)
    np.testing.assert_allclose(found.images, decode(state, torch.tensor(expected)).numpy() * 255, atol=0.51)
    assert (found.step, found.names) == (20, ("a", "b", "c"))
