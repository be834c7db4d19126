"""What training minimizes: a reconstruction loss plus, perhaps, a penalty times its weight.

Weight decay is not a term here: the optimizer applies its gradient (see `aelib.train.optimizers`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aelib.nn.autoencoder import PULL_BACKS, Autoencoder
from aelib.spec.config import Knobs
from aelib.spec.images import PIXELS


def mse(logits: Tensor, output: Tensor, target: Tensor) -> Tensor:
    """Mean squared error per pixel of pictures [B, …] in [0, 1]; a scalar."""
    return F.mse_loss(output, target)


def bce(logits: Tensor, output: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy per pixel, from the values before the sigmoid, which stay exact where it saturates."""
    return F.binary_cross_entropy_with_logits(logits, target)


LOSSES: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {"mse": mse, "bce": bce}


def mse_gradient(difference: Tensor, output: Tensor, activation: nn.Module) -> Tensor:
    return PULL_BACKS[type(activation)](difference.mul_(2 / difference.numel()), output)


def bce_gradient(difference: Tensor, output: Tensor, activation: nn.Module) -> Tensor:
    # What the logarithm's slope divides by, the sigmoid's multiplies with.
    return difference.div_(difference.numel())


# A loss's gradient [B, output units] with respect to the values before the output's activation, from output minus
# target (in whose place it may be written), the output, and that activation (with "bce" always the sigmoid).
GRADIENTS: dict[str, Callable[[Tensor, Tensor, nn.Module], Tensor]] = {"mse": mse_gradient, "bce": bce_gradient}


@dataclass(frozen=True)
class Encoded:
    """A batch on its way through the encoder: `seen` [B, 784], which records gradients where a penalty needs those of
    the code, and the `code` [B, …] drawn from it. `mean` and `log_variance` [B, units]: of a code that is a
    distribution, else None."""

    seen: Tensor
    code: Tensor
    mean: Tensor | None = None
    log_variance: Tensor | None = None


def l1(code: Tensor) -> Tensor:
    """Sum of the absolute code [B, …] of a picture, averaged over the batch (Keras' activity regularizer)."""
    return code.abs().flatten(1).sum(1).mean()


def kl_sparsity(code: Tensor, rate: float) -> Tensor:
    """How far units [B, units] with activities in [0, 1] are from firing at `rate`, summed over the units: the
    Kullback-Leibler divergence of two coins, one with the unit's mean activity over the batch.

    Source: A. Ng 2011, "Sparse autoencoder", CS294A lecture notes; H. Lee, C. Ekanadham and A. Ng 2008.
    """
    # A unit that is silent for a whole batch would be infinitely far away.
    mean = code.mean(0).clamp(1e-6, 1 - 1e-6)
    return (rate * (rate / mean).log() + (1 - rate) * ((1 - rate) / (1 - mean)).log()).sum()


def variational(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence [B, units] of normal distributions from the standard one, in nats.

    Source: D. Kingma and M. Welling 2014, "Auto-Encoding Variational Bayes", appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


def jacobian_norm(model: Autoencoder, encoded: Encoded, generator: torch.Generator) -> Tensor:
    """Squared Frobenius norm of the code's Jacobian with respect to the pixels, averaged over the batch.

    Exact for an encoder of a single dense layer: Σ_j f'(a_j)² Σ_i W_ji² (S. Rifai et al. 2011, "Contractive
    Auto-Encoders"). For deeper ones, estimated without bias from one random direction v ~ N(0, I) a picture, for which
    E |vᵀJ|² = |J|² (M. Hutchinson 1990; J. Hoffman et al. 2019, "Robust Learning with Jacobian Regularization").
    """
    layers = list(model.encoder)
    if len(layers) == 2 and isinstance(layers[0], nn.Linear) and type(layers[1]) in PULL_BACKS:
        slopes = PULL_BACKS[type(layers[1])](torch.ones_like(encoded.code), encoded.code)
        return (slopes.square() @ layers[0].weight.square().sum(1)).mean()
    direction = torch.randn(encoded.code.shape, generator=generator, device=encoded.code.device)
    (pulled,) = torch.autograd.grad(encoded.code, encoded.seen, direction, create_graph=True)
    return pulled.square().sum(1).mean()


def penalty(
    regularizer: str, model: Autoencoder, encoded: Encoded, knobs: Knobs, generator: torch.Generator
) -> Tensor | None:
    """The term, before its weight, that a regularizer adds to the loss; None for one that adds none."""
    match regularizer:
        case "l1":
            return l1(encoded.code)
        case "l1-weights":
            return model.code_weights.abs().sum()
        case "kl-sparsity":
            return kl_sparsity(encoded.code, knobs.sparsity_target)
        case "contractive":
            return jacobian_norm(model, encoded, generator)
        case "variational":
            assert encoded.mean is not None and encoded.log_variance is not None
            # Per pixel, as the losses are: with cross-entropy and a weight of 1, both together are the negative
            # evidence lower bound by the pixel.
            return variational(encoded.mean, encoded.log_variance).sum(1).mean() / PIXELS
    return None
