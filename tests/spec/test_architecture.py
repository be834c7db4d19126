from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
import torch

from aelib.nn.autoencoder import build, initial_weights
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.images import PIXELS
from aelib.spec.recipes import RECIPES, find

CONVOLUTIONS = [
    RunConfig(family=family, widths=(3, 5, 4, 6)[:depth], code_size=7)
    for family, depth in itertools.product(("conv-pool", "conv-stride", "conv-dense"), (1, 2, 3, 4))
]
DENSE = [
    RunConfig(widths=widths, code_size=7, tied=tied)
    for widths, tied in itertools.product(((), (9,), (30, 20)), (False, True))
]
GREY = [*CONVOLUTIONS, *DENSE, *(recipe.config for recipe in RECIPES.values())]
NETWORKS = [*GREY, *(replace(config, colour=True) for config in GREY if not config.tied)]


def described(config: RunConfig) -> str:
    flags = [name for name in ("tied", "colour") if getattr(config, name)]
    return " ".join([config.recipe, config.family, str(config.widths), *flags])


def shapes(name: str) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    network = plan(find(name).config)
    return [layer.shape_out for layer in network.encoder], [layer.shape_out for layer in network.decoder]


@pytest.mark.parametrize("config", NETWORKS, ids=described)
def test_every_network_gives_back_784_pixels_and_its_layers_fit(config: RunConfig) -> None:
    network = plan(config)
    assert network.output_units == PIXELS * (3 if config.colour else 1)
    for one, next_one in itertools.pairwise(network.layers):
        assert one.shape_out == next_one.shape_in
    assert network.layers[-1].activation == config.output_activation


@pytest.mark.parametrize("config", NETWORKS, ids=described)
def test_the_weights_counted_are_those_of_the_module(config: RunConfig) -> None:
    module = build(config, initial_weights(config, 0.15), torch.device("cpu"))
    assert plan(config).weights == sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("config", NETWORKS, ids=described)
def test_the_shapes_planned_are_those_of_the_module(config: RunConfig) -> None:
    network = plan(config)
    module = build(config, initial_weights(config, 0.15), torch.device("cpu"))
    code = module.encode(torch.rand(2, PIXELS))
    assert code.shape[1:] == network.code_shape
    planned = [layer.shape_out for layer in network.decoder]
    reached = []
    for part in module.decoder:
        code = part(code)
        if type(part).__module__ != "torch.nn.modules.activation" and type(part).__name__ != "Identity":
            reached.append(tuple(code.shape[1:]))
    assert reached == planned


def test_one_layer_has_the_shapes_of_m8() -> None:
    assert shapes("M8") == ([(64,)], [(784,)])
    assert plan(find("M8").config).weights == 2 * 784 * 64 + 64 + 784
    assert plan(find("M8").config).compression == 784 / 64


def test_convolution_and_pooling_has_the_shapes_of_m10() -> None:
    encoder, decoder = shapes("M10")
    assert encoder == [(16, 28, 28), (16, 14, 14), (8, 14, 14), (8, 7, 7), (8, 7, 7), (8, 4, 4)]
    assert decoder == [(8, 4, 4), (8, 8, 8), (8, 8, 8), (8, 16, 16), (16, 14, 14), (16, 28, 28), (1, 28, 28)]


def test_convolutions_into_a_vector_have_the_shapes_of_m13() -> None:
    encoder, decoder = shapes("M13")
    assert encoder == [(32, 28, 28), (32, 14, 14), (32, 14, 14), (32, 7, 7), (1568,), (20,)]
    assert decoder == [(784,)]
    assert [layer.activation for layer in plan(find("M13").config).encoder[-1:]] == ["linear"]


def test_the_fully_convolutional_denoiser_has_the_strides_of_m14() -> None:
    network = plan(find("M14").config)
    assert [layer.stride for layer in network.encoder] == [1, 2, 2]
    assert [layer.stride for layer in network.decoder] == [2, 1, 2, 1]
    assert [layer.kind for layer in network.decoder] == ["conv-transpose"] * 3 + ["conv"]
    assert network.code_shape == (32, 7, 7)


def test_the_article_denoiser_has_the_layers_of_m3() -> None:
    assert shapes("M3") == ([(512,), (256,)], [(512,), (784,)])


def test_tying_halves_the_matrices() -> None:
    for widths in ((), (128,), (256, 64)):
        free, tied = (plan(RunConfig(widths=widths, tied=tied)) for tied in (False, True))
        biases = sum(layer.units for layer in free.layers)
        assert 2 * (tied.weights - biases) == free.weights - biases


def test_the_code_of_feature_maps_does_not_ask_for_a_code_size() -> None:
    config = RunConfig(family="conv-pool", widths=(8, 4))
    assert plan(config) == plan(replace(config, code_size=999))
    assert plan(config).code_units == 4 * 7 * 7
