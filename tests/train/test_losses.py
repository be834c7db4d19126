from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from aelib.nn.autoencoder import build, initial_weights
from aelib.spec.constraints import checked
from aelib.spec.images import PIXELS
from aelib.train.losses import LOSSES as OURS
from aelib.train.randomness import batches
from aelib.train.trainer import advance, init
from tests.samples import digits, knobs_of, settings


def logits_and_target(scale: float = 3.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(7, PIXELS, generator=generator) * scale
    return logits.requires_grad_(True), torch.rand(7, PIXELS, generator=generator)


def test_mse_and_its_gradient_are_torchs() -> None:
    logits, target = logits_and_target()
    output = logits.sigmoid()
    ours, oracle = OURS["mse"](logits, output, target), F.mse_loss(output, target)
    torch.testing.assert_close(ours, oracle)
    (ours_grad,) = torch.autograd.grad(ours, logits, retain_graph=True)
    (oracle_grad,) = torch.autograd.grad(oracle, logits)
    torch.testing.assert_close(ours_grad, oracle_grad)


def test_bce_and_its_gradient_are_torchs() -> None:
    logits, target = logits_and_target()
    output = logits.sigmoid()
    ours, oracle = OURS["bce"](logits, output, target), F.binary_cross_entropy(output, target)
    torch.testing.assert_close(ours, oracle)
    (ours_grad,) = torch.autograd.grad(ours, logits, retain_graph=True)
    (oracle_grad,) = torch.autograd.grad(oracle, logits)
    torch.testing.assert_close(ours_grad, oracle_grad, atol=1e-7, rtol=1e-4)


def test_bce_stays_exact_where_the_sigmoid_saturates() -> None:
    logits = torch.tensor([[-200.0, 200.0]], requires_grad=True)
    loss = OURS["bce"](logits, logits.sigmoid(), torch.tensor([[1.0, 0.0]]))
    assert float(loss.detach()) == 200
    loss.backward()
    torch.testing.assert_close(logits.grad, torch.tensor([[-0.5, 0.5]]))


def test_l1_in_training_adds_its_gradient() -> None:
    config = settings(regularizer="l1", optimizer="sgd")
    data, start = digits(), init(config, digits())
    weight = 0.01
    model = build(config, initial_weights(config, data.mean_pixel), data.train.device)
    images = data.train[batches(config, len(data.train), 0, 1)[0].to(data.train.device)].float() / 255
    code = model.encode(images)
    loss = F.mse_loss(model.decode(code), images) + weight * code.abs().sum(1).mean()
    loss.backward()
    after, _ = advance(start, data, knobs_of(config, learning_rate=0.1, regularizer_weight=weight), 1)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None
        expected = parameter.detach() - 0.1 * parameter.grad
        np.testing.assert_allclose(after.weights[name], expected.cpu().numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "layer"),
    [
        ({"recipe": "multilayer-64"}, "encoder.2.weight"),
        ({"recipe": "multilayer-64", "tied": True}, "encoder.2.weight"),
        ({"recipe": "conv-pool", "widths": (4, 3), "batch_size": 8}, "encoder.4.weight"),
        ({"recipe": "conv-dense-20", "widths": (3,), "batch_size": 8}, "encoder.6.weight"),
    ],
)
def test_l1_on_weights_adds_the_signs_of_the_code_layers_weights(changes: dict[str, Any], layer: str) -> None:
    """One step of gradient descent differs by rate · λ · sign(W) in these weights, and nowhere else."""
    config = settings(optimizer="sgd", **changes)
    data, rate, weight = digits(), 0.1, 0.01
    start, plain = init(config, data), knobs_of(config, learning_rate=rate)
    free, _ = advance(start, data, plain, 1)
    taxed = replace(start, config=checked(replace(config, regularizer="l1-weights")))
    after, progress = advance(taxed, data, replace(plain, regularizer_weight=weight), 1)
    for name, array in start.weights.items():
        expected = free.weights[name] - (rate * weight * np.sign(array) if name == layer else 0)
        np.testing.assert_allclose(after.weights[name], expected, atol=2e-6, err_msg=name)
    assert progress.penalty == pytest.approx(weight * float(np.abs(start.weights[layer]).sum()), rel=1e-4)


def test_weight_decay_is_the_gradient_of_an_l2_penalty_on_the_matrices() -> None:
    config = settings("multilayer-64", regularizer="weight-decay", optimizer="sgd")
    data, rate, weight, steps = digits(), 0.5, 0.05, 8
    model = build(config, initial_weights(config, data.mean_pixel), data.train.device)
    momentum = {name: torch.zeros_like(parameter) for name, parameter in model.named_parameters()}
    for batch in batches(config, len(data.train), 0, steps):
        images = data.train[batch.to(data.train.device)].float() / 255
        matrices = [parameter for parameter in model.parameters() if parameter.ndim > 1]
        penalty = torch.stack([matrix.square().sum() for matrix in matrices]).sum() / 2
        model.zero_grad()
        (F.mse_loss(model(images), images) + weight * penalty).backward()
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                assert parameter.grad is not None
                momentum[name].mul_(0.9).add_(parameter.grad)
                parameter.sub_(rate * momentum[name])
    after, _ = advance(init(config, data), data, knobs_of(config, learning_rate=rate, regularizer_weight=weight), steps)
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(after.weights[name], parameter.detach().cpu().numpy(), atol=1e-5)
    free, _ = advance(init(config, data), data, knobs_of(config, learning_rate=rate, regularizer_weight=0), steps)
    assert np.abs(free.weights["encoder.0.weight"]).sum() > 1.05 * np.abs(after.weights["encoder.0.weight"]).sum()
