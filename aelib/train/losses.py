"""Reconstruction losses and their gradients. Penalties, which are added to them, are in `aelib.spec.regularizers`."""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from aelib.nn.autoencoder import PULL_BACKS


def mse(logits: Tensor, output: Tensor, target: Tensor) -> Tensor:
    """Mean squared error per pixel of images [B, …] in [0, 1]; a scalar."""
    return F.mse_loss(output, target)


def bce(logits: Tensor, output: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy per pixel, from the values before the sigmoid, which stay exact where it saturates."""
    return F.binary_cross_entropy_with_logits(logits, target)


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"mse": mse, "bce": bce}


def mse_gradient(difference: Tensor, output: Tensor, activation: nn.Module) -> Tensor:
    return PULL_BACKS[type(activation)](difference.mul_(2 / difference.numel()), output)


def bce_gradient(difference: Tensor, output: Tensor, activation: nn.Module) -> Tensor:
    # The derivative of the logarithm and that of the sigmoid cancel.
    return difference.div_(difference.numel())


# A loss's gradient [B, output units] with respect to the values before the output's activation, from output minus
# target (in whose place it may be written), the output, and that activation (with "bce" always the sigmoid).
GRADIENTS: dict[str, Callable[[Tensor, Tensor, nn.Module], Tensor]] = {"mse": mse_gradient, "bce": bce_gradient}
