"""Which layers of an encoder can be looked at, and how they are called."""

from __future__ import annotations

import pytest

from aelib.spec.config import RunConfig
from aelib.train.inference import encode
from aelib.train.trainer import init
from aelib.ui.pages.latent_space.encoder_layers import encoder_layers
from tests.samples import digits, settings


def titles(config: RunConfig) -> list[str]:
    return [layer.title for layer in encoder_layers(config)]


def test_dense_layers_are_numbered_up_to_the_code() -> None:
    assert titles(settings(widths=(256, 64), code_size=2)) == [
        "Hidden layer 1 · 256 units",
        "Hidden layer 2 · 64 units",
        "Code · 2-D",
    ]


def test_without_hidden_layers_there_is_the_code_alone() -> None:
    assert titles(settings(widths=(), code_size=64)) == ["Code · 64-D"]


def test_a_convolution_and_its_pooling_are_one_layer_and_flattening_is_none() -> None:
    assert titles(settings("conv-dense-20", widths=(16, 8))) == [
        "Feature maps 1 · 16 × 14 × 14",
        "Feature maps 2 · 8 × 7 × 7",
        "Code · 20-D",
    ]


def test_layers_too_wide_to_be_asked_about_are_left_out_and_the_code_never_is() -> None:
    assert titles(settings("fully-conv", widths=(32, 32, 8))) == ["Feature maps 2 · 32 × 14 × 14", "Code · 392-D"]
    assert titles(settings("fully-conv", widths=(64,))) == ["Code · 50,176-D"]


@pytest.mark.parametrize("recipe", ["multilayer-64", "conv-pool", "conv-dense-20", "fully-conv"])
def test_a_layer_has_as_many_numbers_as_the_encoder_gives_there(recipe: str) -> None:
    state = init(settings(recipe), digits())
    some = digits().test[:2].float().div(255)
    for layer in encoder_layers(state.config):
        assert layer.units == encode(state, some, layer.layers).flatten(1).shape[1]
