"""Gradients of dense networks that are written out are those that autograd finds."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from aelib.nn.autoencoder import PULL_BACKS, Autoencoder, build, initial_weights
from aelib.spec.config import OPTIMIZERS, RunConfig
from aelib.spec.constraints import checked
from aelib.spec.phases import phase_at
from aelib.train.rules import Batch, StepMetrics, Task, learning_rule
from aelib.train.rules.backprop import BackPropagation, DenseBackPropagation
from tests.samples import digits, settings

TWO_LAYERS: dict[str, Any] = {"widths": (24,), "code_size": 9}


def task(config: RunConfig) -> Task:
    checked(config)
    model = build(config, initial_weights(config, 0.1), torch.device("cpu"))
    with torch.no_grad():
        for parameter in model.parameters():
            # Biases start at zero, and where they do all the same, a wrong one would not be seen.
            parameter.add_(torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)), alpha=0.05)
    return Task(model, config, phase_at(config, 300, 0))


def batch(config: RunConfig) -> Batch:
    clean = digits().train[: config.batch_size].float() / 255
    generator = torch.Generator().manual_seed(2)
    target = clean.repeat(1, 3) if config.colour else clean
    return Batch(
        clean, (clean + 0.1 * torch.randn(clean.shape, generator=generator)).clamp(0, 1), target, target, generator
    )


def trained(
    kind: type[BackPropagation], config: RunConfig, steps: int
) -> tuple[StepMetrics, dict[str, Tensor], Autoencoder]:
    """(the metrics of the last step, its gradients, the network after it)."""
    mine = task(config)
    rule = kind(mine, {})
    for _ in range(steps):
        metrics = rule.step(batch(config))
    return metrics, {name: p.grad for name, p in mine.model.named_parameters() if p.grad is not None}, mine.model


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("loss", ["mse", "bce"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("regularizer", ["none", "l1", "l1-weights", "kl-sparsity", "weight-decay"])
def test_gradients_are_those_of_autograd(tied: bool, loss: str, precision: str, regularizer: str) -> None:
    config = settings(
        tied=tied, loss=loss, precision=precision, regularizer=regularizer, code_activation="sigmoid", **TWO_LAYERS
    )
    # In bfloat16 every product is rounded to 8 bits, in another order where weights are tied.
    rtol, atol = (1e-4, 1e-7) if precision == "float32" else (2e-2, 1e-5)
    (ours, our_gradients, _), (theirs, their_gradients, _) = (
        trained(kind, config, 1) for kind in (DenseBackPropagation, BackPropagation)
    )
    assert our_gradients.keys() == their_gradients.keys()
    for name, gradient in their_gradients.items():
        assert gradient.abs().max() > 1e-6, f"{name} does not matter"
        torch.testing.assert_close(our_gradients[name], gradient, rtol=rtol, atol=atol)
    for our, their in zip(ours, theirs, strict=True):
        assert (our is None) == (their is None)
        if our is not None:
            torch.testing.assert_close(our, their)


def test_a_decoder_of_its_own_has_the_gradients_of_autograd() -> None:
    config = settings(decoder_widths=(12, 30), regularizer="l1-weights", regularizer_weight=0.01, **TWO_LAYERS)
    (_, ours, _), (_, theirs, _) = (trained(kind, config, 1) for kind in (DenseBackPropagation, BackPropagation))
    assert ours.keys() == theirs.keys() and len(ours) == 2 * (2 + 3)
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("activation", ["linear", "relu", "leaky-relu", "elu", "tanh", "sigmoid"])
def test_gradients_pass_every_activation_as_with_autograd(activation: str) -> None:
    config = settings(
        hidden_activation=activation, code_activation=activation, output_activation=activation, **TWO_LAYERS
    )
    (_, ours, _), (_, theirs, _) = (trained(kind, config, 1) for kind in (DenseBackPropagation, BackPropagation))
    for name, gradient in theirs.items():
        torch.testing.assert_close(ours[name], gradient, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_many_steps_lead_to_the_same_weights_as_with_autograd(optimizer: str) -> None:
    config = settings("multilayer-64", optimizer=optimizer, colour=True, widths=(24, 16), code_size=8)
    (_, _, ours), (_, _, theirs) = (trained(kind, config, 20) for kind in (DenseBackPropagation, BackPropagation))
    for our, their in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(our, their, rtol=1e-3, atol=1e-5)


def test_every_activation_can_be_pulled_back_twice() -> None:
    """The contractive term is made of slopes, and has a gradient itself."""
    for kind, pull_back in PULL_BACKS.items():
        given = torch.linspace(-2, 2, 8, dtype=torch.float64, requires_grad=True)

        def slopes(x: Tensor, kind: Any = kind, pull_back: Any = pull_back) -> Tensor:
            value = kind()(x)
            return torch.as_tensor(pull_back(torch.ones_like(value), value))

        assert torch.autograd.gradcheck(slopes, (given,))


@pytest.mark.parametrize(
    ("changes", "written_out"),
    [
        ({}, True),
        ({"tied": True, "regularizer": "l1"}, True),
        ({"regularizer": "l1-weights", "decoder_widths": (12, 30)}, True),
        ({"regularizer": "k-sparse", "active_units": 5}, False),
        ({"regularizer": "contractive"}, False),
        ({"regularizer": "variational"}, False),
        ({"family": "conv-dense", "widths": (3,)}, False),
    ],
)
def test_only_chains_of_dense_layers_have_written_gradients(changes: dict[str, Any], written_out: bool) -> None:
    mine = task(settings(**changes))
    rule = learning_rule(mine.model, mine.config, mine.phase, {})
    assert isinstance(rule, DenseBackPropagation) == written_out
