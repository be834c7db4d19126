"""What a learning rule is.

It is made for one phase of a slice (see `aelib.spec.phases`) and changes its model in place. What it has to remember
besides the weights is its `memory`: tensors by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn

from aelib.nn.autoencoder import Autoencoder
from aelib.spec.config import RunConfig
from aelib.spec.phases import Phase
from aelib.train.losses import LOSSES

Memory = dict[str, Tensor]


class Batch(NamedTuple):
    """Images [B, 784] in [0, 1], `clean` and `corrupted` as the encoder sees them, and the `target` [B, output units]
    of the reconstruction. `clean_target`: the same without noise, against which errors are measured. `generator`: for
    rules that sample."""

    clean: Tensor
    corrupted: Tensor
    target: Tensor
    clean_target: Tensor
    generator: torch.Generator


class StepMetrics(NamedTuple):
    """Of one batch, before the weights change; scalars. The reconstruction `loss`; the `error`, the squared error per
    pixel against `Batch.clean_target`; and the `penalty` times its weight, None without one."""

    loss: Tensor
    error: Tensor
    penalty: Tensor | None = None


class LearningRule(Protocol):
    def step(self, batch: Batch) -> StepMetrics:
        """Trains on one batch."""
        ...

    def memory(self) -> Memory:
        """What the next slice has to know. Called once, at the end."""
        ...


@dataclass
class Task:
    """What is trained, and how: the `model`, as in `phase`, by a config whose live knobs have their present values."""

    model: Autoencoder
    config: RunConfig
    phase: Phase

    def measure(self, logits: Tensor, batch: Batch) -> tuple[Tensor, StepMetrics]:
        """(loss, with its gradient, and the metrics) of reconstructions [B, output units] before the output
        activation."""
        output = self.model.output_activation(logits)
        loss = LOSSES[self.config.loss](logits, output, batch.target)
        with torch.no_grad():
            error = self.image_error(output, batch, loss if self.config.loss == "mse" else None)
        return loss, StepMetrics(loss.detach(), error.detach())

    def image_error(self, output: Tensor, batch: Batch, mse: Tensor | None = None) -> Tensor:
        """Mean squared error of outputs clipped to [0, 1], which is all that pixels can show. `mse`: the loss, if it is
        the mean squared error and known already, which is the same for a sigmoid and a target without noise."""
        if self.config.output_activation != "sigmoid":
            output, mse = output.clamp(0, 1), None
        if mse is None or batch.target is not batch.clean_target:
            return (output - batch.clean_target).square_().mean()
        return mse


Factory = Callable[[Task, Mapping[str, Tensor]], LearningRule]
SomeFactory = TypeVar("SomeFactory", bound=Factory)

# By the name of the method.
RULES: dict[str, Factory] = {}


def rule(name: str) -> Callable[[SomeFactory], SomeFactory]:
    """Registers a class, or a function, that makes a learning rule for a task from the memory of the slice before."""

    def register(factory: SomeFactory) -> SomeFactory:
        RULES[name] = factory
        return factory

    return register


def learning_rule(model: Autoencoder, config: RunConfig, phase: Phase, memory: Mapping[str, Tensor]) -> LearningRule:
    """The rule that trains `model` in this phase."""
    return RULES[phase.rule](Task(model, config, phase), memory)


def layer_pair(model: Autoencoder, layer: int) -> tuple[nn.Sequential, nn.Sequential]:
    """The encoder's layer number `layer`, from 1, and its mirror image, each with its activation."""
    encoder, decoder = list(model.encoder), list(model.decoder)
    first, mirror = 2 * layer - 2, len(encoder) - 2 * layer
    # The activation of the outermost layer's mirror image is `Autoencoder.output_activation`.
    return nn.Sequential(*encoder[first : first + 2]), nn.Sequential(*decoder[mirror : mirror + 2])
