"""Contrastive divergence: each layer is pretrained as a restricted Boltzmann machine (see `aelib.nn.rbm`).

Stacked and unrolled, the machines are an autoencoder (G. Hinton and R. Salakhutdinov 2006, "Reducing the dimensionality
of data with neural networks").
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from aelib.nn import rbm
from aelib.nn.autoencoder import Autoencoder, TiedDense
from aelib.spec.state import MACHINE
from aelib.train.rules.rule import Batch, Memory, StepMetrics, Task, layer_pair, rule

# The momentum that G. Hinton 2010 starts with.
CD_MOMENTUM = 0.5


@rule("rbm")
class ContrastiveDivergence:
    """One layer and its mirror image are a restricted Boltzmann machine."""

    def __init__(self, task: Task, memory: Mapping[str, Tensor]) -> None:
        self._task = task
        self._machine = machine(task.model, task.phase.layers)
        mine = {name.removeprefix(MACHINE): tensor for name, tensor in memory.items()}
        self._velocity = {
            name: mine.get(name, torch.zeros_like(parameter)) for name, parameter in vars(self._machine).items()
        }
        self._chains = mine.get("chains")

    def step(self, batch: Batch) -> StepMetrics:
        task, machine, layers = self._task, self._machine, self._task.phase.layers
        with torch.no_grad():
            data = task.model.encode(batch.clean, layers - 1) if layers > 1 else batch.clean
            steps, generator = task.config.cd_steps, batch.generator
            start = data
            if task.config.persistent:
                start = rbm.draw(data, generator) if self._chains is None else self._chains
            fantasies = rbm.fantasy(machine, start, steps, generator, binary=task.config.persistent)
            if task.config.persistent:
                self._chains = fantasies
            metrics = self._metrics(data, batch)
            direction = rbm.direction(machine, data, fantasies)
            for name, parameter in vars(machine).items():
                velocity = self._velocity[name].mul_(CD_MOMENTUM).add_(getattr(direction, name))
                parameter.add_(velocity, alpha=task.config.cd_rate)
        return metrics

    def _metrics(self, data: Tensor, batch: Batch) -> StepMetrics:
        machine, layers = self._machine, self._task.phase.layers
        below = nn.functional.linear(machine.hidden(data), machine.weights.t(), machine.visible_bias)
        logits = below if layers == 1 else self._task.model.logits(below.sigmoid(), layers - 1)
        return self._task.measure(logits, batch)[1]

    def memory(self) -> Memory:
        _, down = layer_pair(self._task.model, self._task.phase.layers)
        if isinstance(down[0], nn.Linear):
            with torch.no_grad():
                down[0].weight.copy_(self._machine.weights.t())
        memory = {MACHINE + name: velocity for name, velocity in self._velocity.items()}
        return memory if self._chains is None else {**memory, MACHINE + "chains": self._chains}


def machine(model: Autoencoder, layer: int) -> rbm.Machine:
    """The encoder's layer number `layer` and its mirror image as a Boltzmann machine that shares their parameters."""
    up, down = (part[0] for part in layer_pair(model, layer))
    assert isinstance(up, nn.Linear) and isinstance(down, nn.Linear | TiedDense)
    return rbm.Machine(up.weight.detach(), up.bias.detach(), down.bias.detach())
