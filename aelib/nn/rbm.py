"""Restricted Boltzmann machines with binary units: probabilities, free energy, and the direction of learning.

`weights` are [hidden, visible] as in a dense layer. Visible units may hold probabilities, such as grey pixels.
Sources: G. Hinton 2002, "Training Products of Experts by Minimizing Contrastive Divergence"; T. Tieleman 2008,
"Training Restricted Boltzmann Machines using Approximations to the Likelihood Gradient" (persistent chains);
G. Hinton 2010, "A Practical Guide to Training Restricted Boltzmann Machines".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Machine:
    """`weights` [hidden, visible], biases of hidden [hidden] and visible units [visible]."""

    weights: Tensor
    hidden_bias: Tensor
    visible_bias: Tensor

    def hidden(self, visible: Tensor) -> Tensor:
        """Probabilities [B, hidden] that the hidden units are on."""
        return F.linear(visible, self.weights, self.hidden_bias).sigmoid()

    def visible(self, hidden: Tensor) -> Tensor:
        """Probabilities [B, visible] that the visible units are on."""
        return F.linear(hidden, self.weights.t(), self.visible_bias).sigmoid()

    def free_energy(self, visible: Tensor) -> Tensor:
        """F(v) = -b·v - Σ_j log(1 + exp(c_j + W_j·v)) of each row, [B]; lower is more probable."""
        inputs = F.linear(visible, self.weights, self.hidden_bias)
        return -(visible @ self.visible_bias) - F.softplus(inputs).sum(1)


@dataclass(frozen=True)
class Direction:
    """Where a batch would have the parameters of a machine go: the estimated gradient of its log likelihood."""

    weights: Tensor
    hidden_bias: Tensor
    visible_bias: Tensor


def draw(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """1 with these probabilities, else 0."""
    return torch.bernoulli(probabilities, generator=generator)


def fantasy(machine: Machine, visible: Tensor, steps: int, generator: torch.Generator, *, binary: bool) -> Tensor:
    """What `visible` [B, visible] turns into after `steps` steps of Gibbs sampling. Unless it is to be `binary`, it is
    made of probabilities, which are less noisy."""
    for _ in range(steps):
        visible = machine.visible(draw(machine.hidden(visible), generator))
        if binary:
            visible = draw(visible, generator)
    return visible


def direction(machine: Machine, data: Tensor, fantasies: Tensor) -> Direction:
    """Towards `data` [B, visible] and away from `fantasies` [B', visible], both means over their rows."""
    on, dreamt = machine.hidden(data), machine.hidden(fantasies)
    return Direction(
        on.t() @ data / len(data) - dreamt.t() @ fantasies / len(fantasies),
        on.mean(0) - dreamt.mean(0),
        data.mean(0) - fantasies.mean(0),
    )
