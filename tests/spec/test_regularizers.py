"""The penalty of every regularizer against its formula, torch's distributions, autograd and finite differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from aelib.nn.autoencoder import Autoencoder, build, initial_weights
from aelib.spec.config import RunConfig
from aelib.spec.constraints import checked, repaired
from aelib.spec.images import PIXELS
from aelib.spec.regularizers import REGULARIZERS, Encoded, contractive, gaussian_divergence, kl_sparsity, l1
from tests.samples import settings


def network(**changes: Any) -> Autoencoder:
    config = settings(**changes)
    return build(config, initial_weights(config, 0.1), torch.device("cpu")).double()


def some_images(count: int = 4) -> Tensor:
    return torch.rand(count, PIXELS, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def encoded(model: Autoencoder, corrupted: Tensor, code: Tensor | None = None, seed: int = 0, **knobs: Any) -> Encoded:
    code = model.encode(corrupted) if code is None else code
    return Encoded(model, corrupted, code, settings(**knobs), torch.Generator().manual_seed(seed))


def full_norm(model: Autoencoder, images: Tensor) -> float:
    """The squared Frobenius norm of the Jacobian, entry by entry."""
    norms = []
    for image in images:
        jacobian: Any = torch.autograd.functional.jacobian(lambda x: model.encode(x[None])[0], image)
        norms.append(float(jacobian.square().sum()))
    return float(np.mean(norms))


@pytest.mark.parametrize("activation", ["linear", "relu", "leaky-relu", "elu", "tanh", "sigmoid"])
def test_the_norm_of_a_single_layers_jacobian_is_exact(activation: str) -> None:
    model, corrupted = network(widths=(), code_size=6, code_activation=activation), some_images()
    found = contractive(encoded(model, corrupted))
    assert float(found.detach()) == pytest.approx(full_norm(model, corrupted))


@pytest.mark.parametrize("changes", [{"widths": (9,)}, {"family": "conv-dense", "widths": (2,)}])
def test_the_norm_of_a_deep_encoders_jacobian_is_estimated_without_bias(changes: dict[str, Any]) -> None:
    model = network(**{"code_size": 3, "code_activation": "tanh", "hidden_activation": "elu", **changes})
    corrupted = some_images(1).expand(4_000, -1).clone().requires_grad_(True)
    found = float(contractive(encoded(model, corrupted)).detach())
    assert found == pytest.approx(full_norm(model, some_images(1)), rel=0.08)


def test_kl_sparsity_is_the_divergence_of_coins() -> None:
    code = torch.tensor([[0.1, 0.9], [0.3, 0.5]], dtype=torch.float64)
    coins = [torch.distributions.Bernoulli(torch.tensor(rate, dtype=torch.float64)) for rate in (0.05, 0.2, 0.7)]
    target, *means = coins
    expected = sum(float(torch.distributions.kl_divergence(target, mean)) for mean in means)
    assert float(kl_sparsity(encoded(network(), some_images(len(code)), code, sparsity_target=0.05))) == pytest.approx(
        expected
    )


def test_kl_sparsity_is_finite_for_units_that_never_or_always_fire() -> None:
    code = torch.tensor([[0.0, 1.0]] * 3, requires_grad=True)
    penalty = kl_sparsity(encoded(network(), some_images(len(code)), code, sparsity_target=0.05))
    penalty.backward()
    assert bool(torch.isfinite(penalty)) and code.grad is not None and bool(torch.isfinite(code.grad).all())


def test_the_variational_term_is_the_divergence_of_normal_distributions() -> None:
    random = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 5, 3, generator=random, dtype=torch.float64)
    normal = torch.distributions.Normal(mean, (0.5 * log_variance).exp())
    standard = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    torch.testing.assert_close(
        gaussian_divergence(mean, log_variance), torch.distributions.kl_divergence(normal, standard)
    )


def test_l1_sums_a_code_and_averages_over_the_batch() -> None:
    code = np.random.default_rng(0).normal(size=(5, 3, 4, 4)).astype(np.float32)
    expected = np.abs(code.reshape(5, -1)).sum(axis=1).mean()
    np.testing.assert_allclose(float(l1(encoded(network(), some_images(5), torch.tensor(code)))), expected, rtol=1e-6)


PENALIZED: dict[str, dict[str, Any]] = {
    "a single layer": {"widths": ()},
    "a deep encoder": {"widths": (9,)},
    "convolutions": {"family": "conv-dense", "widths": (2,)},
}


@pytest.mark.parametrize("encoder", PENALIZED)
@pytest.mark.parametrize("name", [name for name, entry in REGULARIZERS.items() if entry.penalty is not None])
def test_the_gradient_of_every_penalty_is_that_of_finite_differences(name: str, encoder: str) -> None:
    activations = {"hidden_activation": "tanh", "code_activation": "sigmoid"}
    config = checked(settings(regularizer=name, code_size=3, **activations, **PENALIZED[encoder]))
    model = build(config, initial_weights(config, 0.1), torch.device("cpu")).double()
    images = torch.rand(4, PIXELS, generator=torch.Generator().manual_seed(3), dtype=torch.float64).requires_grad_(True)
    weights: list[Tensor] = [parameter for part, parameter in model.named_parameters() if part.startswith("encoder")]
    penalty = REGULARIZERS[name].penalty
    assert penalty is not None

    def term() -> Tensor:
        generator = torch.Generator().manual_seed(0)
        mean, log_variance = model.posterior(images) if config.variational else (None, None)
        code = model.encode(images)
        return penalty(Encoded(model, images, code, config, generator, mean, log_variance))

    gradients = torch.autograd.grad(term(), weights, allow_unused=True)
    random = torch.Generator().manual_seed(1)
    direction = [torch.randn(weight.shape, generator=random, dtype=torch.float64) for weight in weights]
    slope = sum(float((a * b).sum()) for a, b in zip(gradients, direction, strict=True) if a is not None)
    values = []
    for shift in (1e-7, -1e-7):
        with torch.no_grad():
            torch._foreach_add_(weights, direction, alpha=shift)
        values.append(float(term().detach()))
        with torch.no_grad():
            torch._foreach_add_(weights, direction, alpha=-shift)
    assert abs(slope) > 1e-6
    assert slope == pytest.approx((values[0] - values[1]) / 2e-7, rel=1e-4)


@pytest.mark.parametrize(("name", "field"), [("kl-sparsity", "code_activation"), ("k-sparse", "active_units")])
def test_a_regularizers_constraints_are_checked_only_where_it_is_chosen(name: str, field: str) -> None:
    config = RunConfig(regularizer=name, code_activation="relu", code_size=4, active_units=5)
    assert [problem.field_name for problem in repaired(config)[1]] == [field]
    assert repaired(replace(config, regularizer="l1"))[1] == []
