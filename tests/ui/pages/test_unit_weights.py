"""What is said about weights to pixels that are 0 in every image, against weights that were trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aelib.train.trainer import advance, init
from aelib.ui.pages.latent_space.unit_weights import blank_pixels_teach_nothing
from tests.samples import digits, knobs_of, settings

SETTINGS: dict[str, tuple[bool, dict[str, Any]]] = {
    "as it is": (True, {}),
    "cross-entropy": (True, {"loss": "bce"}),
    "an L1 penalty": (True, {"regularizer": "l1", "regularizer_weight": 0.01}),
    "a variational code": (True, {"regularizer": "variational", "code_activation": "linear"}),
    "removed pixels": (True, {"corruption": "masking", "corruption_level": 0.5}),
    "a gap": (True, {"corruption": "block", "corruption_level": 0.4}),
    "layer by layer": (True, {"method": "stacked", "widths": (16,)}),
    "noise": (False, {"corruption": "gaussian", "corruption_level": 0.3}),
    "salt and pepper": (False, {"corruption": "salt-and-pepper", "corruption_level": 0.3}),
    "few pixels": (False, {"corruption": "low-resolution", "corruption_level": 0.86}),
    "tied weights": (False, {"tied": True}),
    "weight decay": (False, {"regularizer": "weight-decay", "regularizer_weight": 0.01}),
    "a contractive penalty": (False, {"regularizer": "contractive", "regularizer_weight": 0.1}),
    "an L1 penalty on weights": (False, {"regularizer": "l1-weights", "regularizer_weight": 0.01}),
    "recirculation": (False, {"method": "recirculation", "code_activation": "sigmoid"}),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_weights_to_blank_pixels_are_called_random_where_they_are(name: str) -> None:
    told, changes = SETTINGS[name]
    config, data = settings(**{"widths": (), "code_size": 8, **changes}), digits()
    start = init(config, data)
    state, _ = advance(start, data, knobs_of(config), 5)
    (first,) = [part for part in ("encoder.0.weight", "encoder.0.mean.weight") if part in start.weights]
    blank = data.train.numpy().max(0) == 0
    assert blank.any()
    stayed = np.array_equal(state.weights[first][:, blank], start.weights[first][:, blank])
    assert blank_pixels_teach_nothing(config) is told is stayed
    assert not np.array_equal(state.weights[first][:, ~blank], start.weights[first][:, ~blank])
