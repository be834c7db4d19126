from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.stats import kstest, truncnorm, uniform
from torch import Tensor

from aelib.nn.autoencoder import ACTIVATIONS, Autoencoder, ConvTranspose, ToPixels, build, initial_weights, sample_code
from aelib.spec.architecture import KERNEL, plan
from aelib.spec.config import RunConfig
from aelib.spec.images import PIXELS
from aelib.spec.recipes import RECIPES

CPU = torch.device("cpu")
MEAN = 0.15
SMALL = {
    "dense": RunConfig(widths=(20,), code_size=6, code_activation="tanh", hidden_activation="elu"),
    "tied": RunConfig(widths=(20,), code_size=6, tied=True, hidden_activation="leaky-relu"),
    "conv-pool": RunConfig(family="conv-pool", widths=(4, 3, 2)),
    "conv-stride": RunConfig(family="conv-stride", widths=(4, 3, 2)),
    "conv-dense": RunConfig(family="conv-dense", widths=(4, 3), code_size=6),
}
COLOURED = {name: replace(config, colour=True) for name, config in SMALL.items() if not config.tied}


def fresh(config: RunConfig) -> tuple[Autoencoder, dict[str, np.ndarray]]:
    weights = initial_weights(config, MEAN)
    return build(config, weights, CPU), weights


@pytest.mark.parametrize("name", SMALL)
def test_forward_is_decoding_what_was_encoded(name: str) -> None:
    model, _ = fresh(SMALL[name])
    images = torch.rand(5, PIXELS)
    code = model.encode(images)
    assert code.shape == (5, *plan(SMALL[name]).code_shape)
    output = model(images)
    assert output.shape == (5, PIXELS)
    assert torch.equal(output, model.decode(code))
    assert torch.equal(output, torch.sigmoid(model.logits(code)))


@pytest.mark.parametrize("name", COLOURED)
def test_a_coloured_image_is_three_planes_one_after_the_other(name: str) -> None:
    model, weights = fresh(COLOURED[name])
    bias = [key for key in weights if key.startswith("decoder") and key.endswith("bias")][-1]
    planes = weights[bias].reshape(3, -1)
    planes[:] = np.array([[-1.0], [0.0], [1.0]])
    for key, array in weights.items():
        if key == bias.replace("bias", "weight"):
            array[:] = 0
    model = build(COLOURED[name], weights, CPU)
    images = torch.rand(5, PIXELS)
    output = model(images)
    assert output.shape == (5, 3 * PIXELS)
    assert torch.equal(output, torch.sigmoid(model.logits(model.encode(images))))
    for plane, logit in zip(output.view(5, 3, PIXELS).unbind(1), (-1.0, 0.0, 1.0), strict=True):
        np.testing.assert_allclose(plane.detach().numpy(), 1 / (1 + math.exp(-logit)), rtol=1e-5)


@pytest.mark.parametrize("activation", ["relu", "leaky-relu", "elu", "tanh", "sigmoid", "linear"])
@pytest.mark.parametrize("name", ["conv-pool", "conv-dense"])
def test_pooling_encoders_compute_what_their_plans_say(name: str, activation: str) -> None:
    """Layer by layer in the order of the plan: values and gradients, whatever the order in which they are computed."""
    config = replace(SMALL[name], hidden_activation=activation, code_activation=activation)
    model, _ = fresh(config)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    images = torch.rand(5, PIXELS)
    x = images.view(5, 1, 28, 28)
    weighted = [module for module in model.encoder if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)]
    parts = iter(weighted)
    for layer in plan(config).encoder:
        match layer.kind:
            case "max-pool":
                x = F.max_pool2d(x, 2, ceil_mode=True)
            case "flatten":
                x = x.flatten(1)
            case _:
                x = ACTIVATIONS[layer.activation]()(next(parts)(x))
    code = model.encode(images)
    torch.testing.assert_close(code, x)
    parameters = [parameter for module in weighted for parameter in module.parameters()]
    for got, expected in zip(
        torch.autograd.grad(code.square().sum(), parameters),
        torch.autograd.grad(x.square().sum(), parameters),
        strict=True,
    ):
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


def assert_same_layer(ours: Tensor, oracle: Tensor, inputs: tuple[Tensor, ...]) -> None:
    """The same numbers, and the same gradients of all `inputs`."""
    torch.testing.assert_close(ours, oracle)
    slope = torch.rand_like(oracle)
    for got, expected in zip(
        torch.autograd.grad(ours, inputs, slope), torch.autograd.grad(oracle, inputs, slope), strict=True
    ):
        torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("planes", [1, 3])
def test_a_convolution_to_pixels_is_a_convolution(planes: int, padding: int) -> None:
    layer = ToPixels(5, planes, KERNEL, 1, padding)
    x = torch.rand(2, 5, 12, 12, requires_grad=True)
    plain = F.conv2d(x, layer.weight, layer.bias, padding=padding)
    assert_same_layer(layer(x), plain, (x, *layer.parameters()))


@pytest.mark.parametrize(("stride", "beyond"), [(1, 0), (2, 1)])
def test_a_transposed_convolution_is_torchs(stride: int, beyond: int) -> None:
    layer = ConvTranspose(5, 3, KERNEL, stride, 1, output_padding=beyond)
    x = torch.rand(2, 5, 7, 7, requires_grad=True)
    plain = F.conv_transpose2d(x, layer.weight, layer.bias, stride, 1, beyond)
    assert_same_layer(layer(x), plain, (x, *layer.parameters()))


def test_a_dense_network_computes_what_numpy_computes() -> None:
    model, weights = fresh(SMALL["dense"])
    rng = np.random.default_rng(0)
    for array in weights.values():
        array[:] = rng.normal(0, 0.2, array.shape)
    model = build(SMALL["dense"], weights, CPU)
    x = rng.random((3, PIXELS)).astype(np.float32)

    def dense(values: np.ndarray, layer: str) -> np.ndarray:
        return np.asarray(values @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"])

    def elu(values: np.ndarray) -> np.ndarray:
        return np.where(values > 0, values, np.expm1(values))

    code = np.tanh(dense(elu(dense(x, "encoder.0")), "encoder.2"))
    output = 1 / (1 + np.exp(-dense(elu(dense(code, "decoder.0")), "decoder.2")))
    np.testing.assert_allclose(model.encode(torch.tensor(x)).detach().numpy(), code, atol=1e-5)
    np.testing.assert_allclose(model(torch.tensor(x)).detach().numpy(), output, atol=1e-5)


def test_a_tied_decoder_uses_the_transposed_weights() -> None:
    config = RunConfig(
        widths=(20,),
        code_size=6,
        tied=True,
        hidden_activation="linear",
        code_activation="linear",
        output_activation="linear",
    )
    model, weights = fresh(config)
    assert sum(array.ndim > 1 for array in weights.values()) == 2
    outer, inner = weights["encoder.0.weight"], weights["encoder.2.weight"]
    code = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    np.testing.assert_allclose(model.decode(torch.tensor(code)).detach().numpy(), code @ inner @ outer, atol=1e-5)


@pytest.mark.parametrize("name", [*SMALL, *RECIPES])
def test_weights_start_glorot_uniform_and_biases_at_zero(name: str) -> None:
    config = replace(SMALL[name] if name in SMALL else RECIPES[name].config, output_start="zero", weight_start="glorot")
    for key, array in initial_weights(config, MEAN).items():
        if key.endswith("bias"):
            assert not array.any(), key
            continue
        field = math.prod(array.shape[2:])
        bound = math.sqrt(6 / (field * (array.shape[0] + array.shape[1])))
        assert np.abs(array).max() <= bound, key
        # The extremes of n uniform numbers lie about bound / n from the bounds; their variance is bound² / 3.
        assert np.abs(array).max() > bound * (1 - 20 / array.size), key
        assert array.var() == pytest.approx(bound**2 / 3, rel=6 / math.sqrt(array.size)), key
        assert abs(array.mean()) < 6 * bound / math.sqrt(3 * array.size), key


@pytest.mark.parametrize("name", [*SMALL, "simple-128"])
def test_a_truncated_normal_start_is_that_of_tflearn(name: str) -> None:
    config = SMALL[name] if name in SMALL else RECIPES[name].config
    config = replace(config, output_start="zero", weight_start="truncated-normal")
    arrays = initial_weights(config, MEAN)
    assert not any(array.any() for key, array in arrays.items() if key.endswith("bias"))
    sampled = np.concatenate([array.ravel() for key, array in arrays.items() if key.endswith("weight")])
    assert np.abs(sampled).max() <= 0.04
    # The law of a normal distribution of which nothing is left beyond two standard deviations.
    fit = kstest(sampled, truncnorm(-2, 2, scale=0.02).cdf)
    assert fit.pvalue > 1e-3


def test_biases_start_in_the_bounds_of_tensorflows_xavier_initializer() -> None:
    """Of a vector of n numbers it takes both sides for n: uniform in ±√(6 / (n + n))."""
    config = RunConfig(widths=(900,), code_size=700, weight_start="xavier-biases", output_start="zero")
    arrays = initial_weights(config, MEAN)
    for key, array in arrays.items():
        bound = math.sqrt(6 / (2 * len(array) if array.ndim == 1 else sum(array.shape)))
        assert kstest(array.ravel(), uniform(-bound, 2 * bound).cdf).pvalue > 1e-3, key
    moved = initial_weights(replace(config, output_start="mean-pixel"), MEAN)
    assert [key for key in arrays if not np.array_equal(arrays[key], moved[key])] == ["decoder.2.bias"]
    np.testing.assert_allclose(moved["decoder.2.bias"], math.log(MEAN / (1 - MEAN)), rtol=1e-6)


@pytest.mark.parametrize("name", SMALL)
def test_the_output_starts_at_the_mean_pixel(name: str) -> None:
    config = SMALL[name]
    weights, zero = (initial_weights(replace(config, output_start=start), MEAN) for start in ("mean-pixel", "zero"))
    moved = [key for key in weights if not np.array_equal(weights[key], zero[key])]
    assert len(moved) == 1 and moved[0].startswith("decoder") and moved[0].endswith("bias")
    np.testing.assert_allclose(weights[moved[0]], math.log(MEAN / (1 - MEAN)), rtol=1e-6)
    black = torch.zeros(1, PIXELS)
    assert float(build(config, weights, CPU)(black).detach().mean()) == pytest.approx(MEAN, abs=1e-6)
    assert float(build(config, zero, CPU)(black).detach().mean()) == pytest.approx(0.5, abs=1e-6)


def test_the_mean_image_at_the_start_is_about_the_mean_pixel() -> None:
    model, _ = fresh(RECIPES["vanilla-64"].config)
    images = torch.rand(200, PIXELS, generator=torch.Generator().manual_seed(0)) * 0.3
    assert float(model(images).detach().mean()) == pytest.approx(MEAN, abs=0.02)


def test_an_output_that_is_no_sigmoid_starts_at_zero() -> None:
    weights = initial_weights(RunConfig(output_activation="linear"), MEAN)
    assert not any(array.any() for key, array in weights.items() if key.endswith("bias"))


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_black_and_white_data_start_at_finite_numbers(mean: float) -> None:
    assert all(np.isfinite(array).all() for array in initial_weights(RunConfig(), mean).values())


def test_the_seed_alone_decides_the_start() -> None:
    one, same, other = (initial_weights(RunConfig(seed=seed), MEAN) for seed in (3, 3, 4))
    assert all(np.array_equal(one[key], same[key]) for key in one)
    assert not np.array_equal(one["encoder.0.weight"], other["encoder.0.weight"])


@pytest.mark.parametrize("name", SMALL)
def test_training_a_built_model_leaves_the_arrays_alone(name: str) -> None:
    model, weights = fresh(SMALL[name])
    before = {key: array.copy() for key, array in weights.items()}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1)
    assert all(np.array_equal(weights[key], before[key]) for key in weights)


@pytest.mark.parametrize("name", RECIPES)
def test_a_plan_names_the_arrays_that_torch_trains(name: str) -> None:
    config = RECIPES[name].config
    weights = initial_weights(config, 0.1)
    assert plan(config).parameters == {name: array.shape for name, array in weights.items()}
    assert plan(config).weights == sum(array.size for array in weights.values())


def test_sampled_codes_have_their_distribution_and_carry_gradients_of_it() -> None:
    mean, log_variance = torch.tensor([[2.0, -1.0]]), torch.tensor([[0.0, -2.0]], requires_grad=True)
    sampled = sample_code(mean.expand(40_000, 2), log_variance.expand(40_000, 2), torch.Generator().manual_seed(0))
    torch.testing.assert_close(sampled.mean(0), mean[0], atol=0.02, rtol=0)
    torch.testing.assert_close(sampled.detach().var(0), log_variance.detach()[0].exp(), atol=0.03, rtol=0)
    sampled.square().mean().backward()
    assert log_variance.grad is not None and bool((log_variance.grad > 0).all())
