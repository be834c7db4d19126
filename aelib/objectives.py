"""What training minimizes: a reconstruction loss plus, perhaps, a penalty times its weight.

Weight decay is not a term here: the optimizer applies its gradient (see `aelib.training`).
"""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor


def mse(logits: Tensor, output: Tensor, target: Tensor) -> Tensor:
    """Mean squared error per pixel of pictures [B, …] in [0, 1]; a scalar."""
    # As a dot product: torch's own mse_loss takes more than twice as long for a batch on a CPU.
    difference = (output - target).flatten()
    return difference.dot(difference) / difference.numel()


def bce(logits: Tensor, output: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy per pixel, from the values before the sigmoid, which stay exact where it saturates."""
    return F.binary_cross_entropy_with_logits(logits, target)


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"mse": mse, "bce": bce}


def l1(code: Tensor) -> Tensor:
    """Sum of the absolute code [B, …] of a picture, averaged over the batch (Keras' activity regularizer)."""
    return code.abs().flatten(1).sum(1).mean()


PENALTIES: dict[str, Callable[[Tensor], Tensor]] = {"l1": l1}
