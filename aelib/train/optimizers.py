"""Optimizers: how weights follow their gradients, and what is remembered of earlier ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.adam import adam

from aelib.spec.config import RunConfig
from aelib.spec.regularizers import REGULARIZERS
from aelib.spec.state import OPTIMIZER

Groups = list[dict[str, Any]]
Tensors = list[Tensor]
Past = list[dict[str, Any]]
# Keras', which the articles use.
EPSILON = 1e-7


class _Optimizer(ABC):
    """Parameters in groups, and what is remembered of each; `state` and groups are as in `torch.optim`."""

    def __init__(self, groups: Groups, rate: float) -> None:
        self._groups, self._rate = groups, rate
        self.state: dict[Tensor, dict[str, Any]] = {}

    @torch.no_grad()
    def step(self) -> None:
        for group in self._groups:
            parameters = [parameter for parameter in group["params"] if parameter.grad is not None]
            for parameter in parameters:
                if parameter not in self.state:
                    self.state[parameter] = self._first(parameter)
            gradients = [parameter.grad for parameter in parameters]
            past = [self.state[parameter] for parameter in parameters]
            self._update(parameters, gradients, past, group.get("weight_decay", 0.0))

    @abstractmethod
    def _first(self, parameter: Tensor) -> dict[str, Any]:
        """What there is to remember before the first step."""

    @abstractmethod
    def _update(self, parameters: Tensors, gradients: Tensors, past: Past, decay: float) -> None:
        """One step of the parameters that have a gradient, with what is remembered of each."""


class Adam(_Optimizer):
    """torch's fused Adam, called by itself: what `torch.optim.Adam.step` does around it takes a small network about as
    long as the step."""

    def _first(self, parameter: Tensor) -> dict[str, Any]:
        return {
            "step": torch.zeros((), device=parameter.device),
            "exp_avg": torch.zeros_like(parameter),
            "exp_avg_sq": torch.zeros_like(parameter),
        }

    def _update(self, parameters: Tensors, gradients: Tensors, past: Past, decay: float) -> None:
        adam(
            parameters,
            gradients,
            [one["exp_avg"] for one in past],
            [one["exp_avg_sq"] for one in past],
            [],
            [one["step"] for one in past],
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self._rate,
            weight_decay=decay,
            eps=EPSILON,
            maximize=False,
        )


class TensorFlowRMSProp(_Optimizer):
    """RMSProp as in TensorFlow 1: the mean of squared gradients begins at one, and epsilon is under the root.

    Source: TensorFlow 1's `tf.train.RMSPropOptimizer` (decay 0.9).
    """

    DECAY, EPSILON = 0.9, 1e-10

    def _first(self, parameter: Tensor) -> dict[str, Any]:
        return {"square_avg": torch.ones_like(parameter)}

    def _update(self, parameters: Tensors, gradients: Tensors, past: Past, decay: float) -> None:
        decayed = torch._foreach_add(gradients, parameters, alpha=decay)
        squares = [one["square_avg"] for one in past]
        torch._foreach_mul_(squares, self.DECAY)
        torch._foreach_addcmul_(squares, decayed, decayed, 1 - self.DECAY)
        roots = torch._foreach_add(squares, self.EPSILON)
        torch._foreach_sqrt_(roots)
        torch._foreach_addcdiv_(parameters, decayed, roots, -self._rate)


Optimizer = _Optimizer | torch.optim.Optimizer


def optimizer(model: nn.Module, config: RunConfig) -> Optimizer:
    """Settings as in Keras where the articles use Keras; weight decay on weights, not on biases."""
    parameters = list(model.parameters())
    groups: Groups = [{"params": parameters}]
    # Only where it is needed: a second group is a second call a step.
    if REGULARIZERS[config.regularizer].weight_decay:
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": config.regularizer_weight},
            {"params": [p for p in parameters if p.ndim == 1]},
        ]
    rate = config.learning_rate
    match config.optimizer:
        case "adam":
            return Adam(groups, rate)
        case "sgd":
            return torch.optim.SGD(groups, lr=rate, momentum=0.9, fused=True)
        case "rmsprop":
            return torch.optim.RMSprop(groups, lr=rate, alpha=0.9, eps=EPSILON)
        case "rmsprop-tf1":
            return TensorFlowRMSProp(groups, rate)
        case "adadelta":
            return torch.optim.Adadelta(groups, lr=rate, rho=0.95, eps=EPSILON)
    raise AssertionError(config.optimizer)


def half_squared_weights(model: nn.Module) -> float:
    """The L2 penalty, before its weight, whose gradient weight decay adds: half the sum of the squared weights."""
    return sum(0.5 * float(p.detach().square().sum()) for p in model.parameters() if p.ndim > 1)


def memory_of(optimizer: Optimizer, model: nn.Module) -> dict[str, Tensor]:
    """What the optimizer has to know to go on, by name."""
    return {
        f"{OPTIMIZER}{name}/{key}": torch.as_tensor(value, dtype=torch.float32)
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state.get(parameter, {}).items()
        if value is not None
    }


def recall(optimizer: Optimizer, model: nn.Module, memory: Mapping[str, Tensor]) -> None:
    """Gives a new optimizer the memory of another one."""
    for name, parameter in model.named_parameters():
        prefix = f"{OPTIMIZER}{name}/"
        mine = {key.removeprefix(prefix): value for key, value in memory.items() if key.startswith(prefix)}
        if mine:
            optimizer.state[parameter] = {
                key: value.contiguous(memory_format=_layout(parameter)) if value.shape == parameter.shape else value
                for key, value in mine.items()
            }


def _layout(parameter: Tensor) -> torch.memory_format:
    # Fused optimizers want a parameter and its memory laid out alike.
    return torch.channels_last if parameter.ndim == 4 else torch.contiguous_format
