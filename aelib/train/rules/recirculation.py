"""Recirculation: activations go round twice, and no gradient is carried back.

Source: G. Hinton and J. McClelland 1988, "Learning Representations by Recirculation".
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from aelib.nn.autoencoder import TiedDense
from aelib.train.rules.rule import Batch, Memory, StepMetrics, Task, layer_pair, rule

# How much of its first activation a unit keeps when it is reached a second time.
REGRESSION = 0.75


@rule("recirculation")
class Recirculation:
    """Every weight changes with the difference between the two activations of the unit that it leads to.

    Visible units x₀ → hidden h₁ → visible x₂ → hidden h₃, where a unit that is reached a second time keeps `REGRESSION`
    of its first activation. A weight to a visible unit changes by ε h₁ (x₀ - x₂), one to a hidden unit by
    ε x₂ (h₁ - h₃).
    """

    def __init__(self, task: Task, memory: Mapping[str, Tensor]) -> None:
        self._task = task
        (up, self._hidden_activation), (down,) = layer_pair(task.model, 1)
        assert isinstance(up, nn.Linear) and isinstance(down, nn.Linear | TiedDense)
        self._up, self._down = up, down

    def step(self, batch: Batch) -> StepMetrics:
        task, rate = self._task, self._task.config.learning_rate
        up, down = self._up, self._down
        hidden_activation, visible_activation = self._hidden_activation, task.model.output_activation
        with torch.no_grad():
            first = batch.clean
            hidden = hidden_activation(up(first))
            logits = down(hidden)
            second = REGRESSION * first + (1 - REGRESSION) * visible_activation(logits)
            hidden_again = REGRESSION * hidden + (1 - REGRESSION) * hidden_activation(up(second))
            _, metrics = task.measure(logits, batch)
            visible_change, hidden_change, step = first - second, hidden - hidden_again, rate / len(first)
            if isinstance(down, nn.Linear):
                down.weight.addmm_(visible_change.t(), hidden, alpha=step)
            else:
                up.weight.addmm_(hidden.t(), visible_change, alpha=step)
            up.weight.addmm_(hidden_change.t(), second, alpha=step)
            down.bias.add_(visible_change.sum(0), alpha=step)
            up.bias.add_(hidden_change.sum(0), alpha=step)
        return metrics

    def memory(self) -> Memory:
        return {}
