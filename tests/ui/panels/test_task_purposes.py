"""What a network is trained to do, in words."""

from __future__ import annotations

from typing import Any

import pytest

from aelib.spec.config import RunConfig
from aelib.ui.panels.tasks import purpose


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ""),
        ({"corruption": "gaussian", "corruption_level": 0.5}, "remove Gaussian noise 0.5"),
        ({"corruption": "block", "corruption_level": 0.4}, "fill in missing parts (block mask 0.4)"),
        ({"corruption": "low-resolution"}, "restore images of low resolution (downsampling 0.25)"),
        ({"colour": True}, "colour images"),
        ({"colour": True, "corruption": "gaussian"}, "colour images with Gaussian noise 0.25"),
        ({"noisy_target": True}, ""),
        ({"noisy_target": True, "corruption": "gaussian"}, "reconstruct images with Gaussian noise 0.25 as they are"),
    ],
)
def test_the_purpose_of_a_network_names_the_corruption(settings: dict[str, Any], said: str) -> None:
    assert purpose(RunConfig(**settings)) == said
