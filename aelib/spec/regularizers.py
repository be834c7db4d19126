"""What constrains a code besides its size. A new regularizer is one function with `@regularizer(...)`.

The function is its penalty before the weight: a scalar, computed from a batch on its way through the encoder
(`Encoded`). torch is imported inside: the pages name regularizers without it. A regularizer that acts otherwise, in the
optimizer or in the network itself, is an entry without a penalty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from aelib.spec.fields import Constraint, must_be
from aelib.spec.images import PIXELS
from aelib.spec.methods import BACKPROP

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from aelib.spec.config import RunConfig


class Network(Protocol):
    """What a penalty may ask of the autoencoder (`aelib.nn.autoencoder.Autoencoder`)."""

    @property
    def code_weights(self) -> Tensor:
        """The weights of the layer that makes the code, without its biases."""
        ...

    def single_layer_slopes(self, code: Tensor) -> Tensor | None:
        """The derivatives of the activation function at a code [B, units], where the encoder is a single dense layer;
        else None."""
        ...


class Encoded(NamedTuple):
    """A batch on its way through the encoder: `corrupted` images [B, 784] and their `code` [B, …]. `mean` and
    `log_variance` [B, units]: those of a Gaussian code, from which `code` was sampled, else None. `generator`: for
    penalties that sample."""

    network: Network
    corrupted: Tensor
    code: Tensor
    config: RunConfig
    generator: Generator
    mean: Tensor | None = None
    log_variance: Tensor | None = None


Penalty = Callable[[Encoded], "Tensor"]


class Scope(Enum):
    """What a penalty is a function of, which decides how its gradient is computed.

    CODE: of the code, or of its mean and variance, alone. CODE_WEIGHTS: of these and of `Network.code_weights`. With
    both, dense networks keep their fast backward pass (`aelib.nn.dense`). NETWORK: of any weights. PIXELS: of any
    weights and of derivatives with respect to `Encoded.corrupted`.
    """

    CODE = auto()
    CODE_WEIGHTS = auto()
    NETWORK = auto()
    PIXELS = auto()


@dataclass(frozen=True)
class Regularizer:
    """`title` and `help` (a sentence) are shown on the pages. `usual_weight`: a weight with which the penalty matters
    and does not dominate; None where there is no penalty. `penalty` and its `scope`: the term of the loss.

    How it acts otherwise: `weight_decay`: the optimizer shrinks the weights (`aelib.train.optimizers`);
    `gaussian_code`: the code is a normal distribution, sampled in training. `sparse`: units whose activation is 0 are
    what it is for. `fields`: settings that have an effect only with it. `settings`: those that choosing it on a page
    changes, besides the weight. `constraints`: checked only where it is chosen.
    """

    name: str
    title: str
    help: str = ""
    usual_weight: float | None = None
    penalty: Penalty | None = None
    scope: Scope = Scope.NETWORK
    weight_decay: bool = False
    gaussian_code: bool = False
    sparse: bool = False
    fields: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()

    @property
    def acts_on_weights(self) -> bool:
        """Does it change weights by itself, not only through the activations that they cause?"""
        return self.weight_decay or (self.penalty is not None and self.scope is not Scope.CODE)

    def has_effect_on(self, field_name: str) -> bool:
        """Has this setting, which belongs to regularizers, an effect with this one?"""
        return field_name in self.fields or (field_name == "regularizer_weight" and self.usual_weight is not None)

    def chosen(self) -> dict[str, Any]:
        """The settings that choosing it on a page changes."""
        weight = {} if self.usual_weight is None else {"regularizer_weight": self.usual_weight}
        return {**weight, **self.settings}


REGULARIZERS: dict[str, Regularizer] = {}


def register(entry: Regularizer) -> None:
    """Registers a regularizer that adds no term to the loss."""
    REGULARIZERS[entry.name] = entry


def regularizer(
    name: str,
    title: str,
    help: str,
    *,
    usual_weight: float,
    scope: Scope = Scope.NETWORK,
    **more: Any,
) -> Callable[[Penalty], Penalty]:
    """Registers a penalty; `more` are further fields of `Regularizer`."""

    def with_penalty(penalty: Penalty) -> Penalty:
        register(Regularizer(name, title, help, usual_weight, penalty, scope, **more))
        return penalty

    return with_penalty


def vector_code(what: str) -> Constraint:
    """`what`, a regularizer, is not defined for a code of feature maps."""
    return Constraint(
        "regularizer",
        f"another one, or none: a code of feature maps does not support {what}",
        lambda config: config.vector_code,
        lambda config: "none",
    )


register(Regularizer("none", "none"))


@regularizer(
    "l1",
    "L1 penalty on the code",
    "Activations of the code are pulled towards 0.",
    usual_weight=1e-4,
    scope=Scope.CODE,
    sparse=True,
)
def l1(encoded: Encoded) -> Tensor:
    """Sum of the absolute code of an image, averaged over the batch (Keras' activity regularizer)."""
    return encoded.code.abs().flatten(1).sum(1).mean()


@regularizer(
    "l1-weights",
    "L1 penalty on code weights",
    "The weights of the code layer are pulled towards 0.",
    usual_weight=1e-4,
    scope=Scope.CODE_WEIGHTS,
)
def l1_weights(encoded: Encoded) -> Tensor:
    """Sum of the absolute weights of the code layer (Keras' kernel regularizer)."""
    return encoded.network.code_weights.abs().sum()


@regularizer(
    "kl-sparsity",
    "KL sparsity",
    "The mean activation of each unit is pulled towards a target ρ.",
    usual_weight=1e-3,
    scope=Scope.CODE,
    fields=("sparsity_target",),
    settings={"code_activation": "sigmoid"},
    constraints=(
        vector_code("KL sparsity"),
        must_be("code_activation", "sigmoid", "KL sparsity needs activations between 0 and 1"),
    ),
)
def kl_sparsity(encoded: Encoded) -> Tensor:
    """Kullback-Leibler divergence between two Bernoulli distributions, with the target activation and with a unit's
    mean activation over the batch (between 0 and 1), summed over the units.

    Source: A. Ng 2011, "Sparse autoencoder", CS294A lecture notes; H. Lee, C. Ekanadham and A. Ng 2008.
    """
    rate = encoded.config.sparsity_target
    # For a unit that is inactive in a whole batch, the divergence would be infinite.
    mean = encoded.code.mean(0).clamp(1e-6, 1 - 1e-6)
    return (rate * (rate / mean).log() + (1 - rate) * ((1 - rate) / (1 - mean)).log()).sum()


# The network itself keeps the largest activations, see `aelib.spec.architecture.Layer.active`.
register(
    Regularizer(
        "k-sparse",
        "k-sparse",
        "Only the k largest activations are kept; no penalty is added to the loss.",
        sparse=True,
        fields=("active_units",),
        constraints=(
            vector_code("k-sparse"),
            Constraint(
                "active_units",
                "at most as many as there are latent dimensions",
                lambda config: config.active_units <= config.code_size,
                lambda config: config.code_size,
            ),
        ),
    )
)


@regularizer(
    "contractive",
    "contractive penalty",
    "Derivatives of the code with respect to the pixels are pulled towards 0, so that small changes of the image "
    "hardly change the code.",
    usual_weight=1e-3,
    scope=Scope.PIXELS,
)
def contractive(encoded: Encoded) -> Tensor:
    """Squared Frobenius norm of the code's Jacobian with respect to the pixels, averaged over the batch.

    Exact for an encoder of a single dense layer: Σ_j f'(a_j)² Σ_i W_ji² (S. Rifai et al. 2011, "Contractive
    Auto-Encoders"). For deeper ones, an unbiased estimate from one random direction v ~ N(0, I) per image, for which
    E |vᵀJ|² = |J|² (M. Hutchinson 1990; J. Hoffman et al. 2019, "Robust Learning with Jacobian Regularization").
    """
    import torch

    code = encoded.code
    slopes = encoded.network.single_layer_slopes(code)
    if slopes is not None:
        return (slopes.square() @ encoded.network.code_weights.square().sum(1)).mean()
    direction = torch.randn(code.shape, generator=encoded.generator, device=code.device)
    (product,) = torch.autograd.grad(code, encoded.corrupted, direction, create_graph=True)
    return product.square().sum(1).mean()


def gaussian_divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Kullback-Leibler divergence [B, units], in nats, of normal distributions from the standard one.

    Source: D. Kingma and M. Welling 2014, "Auto-Encoding Variational Bayes", appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


@regularizer(
    "variational",
    "variational (VAE)",
    "The code is a Gaussian that is pulled towards the prior, so that new images can be sampled.",
    usual_weight=1.0,
    scope=Scope.CODE,
    gaussian_code=True,
    constraints=(
        Constraint(
            "regularizer",
            "another one, or none: a variational code needs end-to-end training by backprop",
            lambda config: config.method == BACKPROP,
            lambda config: "none",
        ),
        vector_code("a variational code"),
    ),
)
def variational(encoded: Encoded) -> Tensor:
    """Divergence of the code's distribution from the prior, summed over the units and averaged over the batch."""
    assert encoded.mean is not None and encoded.log_variance is not None
    # Per pixel, as the losses are: with cross-entropy and a weight of 1, loss and penalty add up to the negative
    # evidence lower bound per pixel.
    return gaussian_divergence(encoded.mean, encoded.log_variance).sum(1).mean() / PIXELS


register(
    Regularizer(
        "weight-decay",
        "weight decay",
        "The weights of all layers are pulled towards 0; biases are not.",
        usual_weight=1e-4,
        weight_decay=True,
    )
)
