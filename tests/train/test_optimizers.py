"""Our Adam is torch's, and our RMSProp is TensorFlow 1's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from aelib.train.optimizers import EPSILON, Adam, TensorFlowRMSProp, memory_of, recall


def groups(model: nn.Module) -> list[dict[str, Any]]:
    weights = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    biases = [parameter for parameter in model.parameters() if parameter.ndim == 1]
    return [{"params": weights, "weight_decay": 0.1}, {"params": biases}]


def twins() -> list[nn.Sequential]:
    torch.manual_seed(0)
    one, other = (nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3)) for _ in range(2))
    other.load_state_dict(one.state_dict())
    return [one, other]


def follow(
    model: nn.Module,
    optimizer: Adam | TensorFlowRMSProp | torch.optim.Adam,
    steps: range,
    *,
    lacking: str = "",
) -> None:
    for step in steps:
        chance = torch.Generator().manual_seed(step)
        for name, parameter in model.named_parameters():
            gradient = torch.randn(parameter.shape, generator=chance)
            parameter.grad = None if name == lacking else gradient
        optimizer.step()


def test_many_steps_with_weight_decay_are_torchs() -> None:
    ours, theirs = twins()
    follow(ours, Adam(groups(ours), 0.01), range(20))
    follow(theirs, torch.optim.Adam(groups(theirs), 0.01, eps=EPSILON, foreach=False), range(20))
    for our, their in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(our, their)


def test_what_has_no_gradient_stays_and_begins_later() -> None:
    ours, theirs = twins()
    before = ours.get_parameter("0.weight").detach().clone()
    optimizer = Adam(groups(ours), 0.01)
    follow(ours, optimizer, range(3), lacking="0.weight")
    assert torch.equal(ours.get_parameter("0.weight"), before)
    assert not any("/0.weight/" in f"/{name}" for name in memory_of(optimizer, ours))
    follow(ours, optimizer, range(3, 5))
    their_optimizer = torch.optim.Adam(groups(theirs), 0.01, eps=EPSILON, foreach=False)
    follow(theirs, their_optimizer, range(3), lacking="0.weight")
    follow(theirs, their_optimizer, range(3, 5))
    for our, their in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(our, their)


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_rmsprop_is_the_rule_of_tensorflow_1(decay: float) -> None:
    """Transcribed from `tf.train.RMSPropOptimizer` and its kernel: rms ← 0.9 rms + 0.1 g², from ones on, and
    w ← w - rate · g / √(rms + 1e-10)."""
    (model, _) = twins()
    weights = {name: parameter.detach().double().numpy().copy() for name, parameter in model.named_parameters()}
    rms = {name: np.ones_like(array) for name, array in weights.items()}
    optimizer = TensorFlowRMSProp([{"params": list(model.parameters()), "weight_decay": decay}], 0.01)
    for step in range(30):
        follow(model, optimizer, range(step, step + 1))
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None
            gradient = parameter.grad.double().numpy() + decay * weights[name]
            rms[name] = 0.9 * rms[name] + 0.1 * gradient**2
            weights[name] -= 0.01 * gradient / np.sqrt(rms[name] + 1e-10)
    for name, parameter in model.named_parameters():
        np.testing.assert_allclose(parameter.detach().numpy(), weights[name], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [Adam, TensorFlowRMSProp])
def test_an_optimizer_goes_on_from_anothers_memory(kind: type[Adam] | type[TensorFlowRMSProp]) -> None:
    whole, cut = twins()
    follow(whole, kind(groups(whole), 0.01), range(6))
    first, second = (kind(groups(cut), 0.01) for _ in range(2))
    follow(cut, first, range(4))
    recall(second, cut, {name: tensor.clone() for name, tensor in memory_of(first, cut).items()})
    follow(cut, second, range(4, 6))
    for one, other in zip(whole.parameters(), cut.parameters(), strict=True):
        assert torch.equal(one, other)
