"""Restricted Boltzmann machines against scikit-learn's, and against sums over all states."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from sklearn.neural_network import BernoulliRBM
from torch import Tensor

from aelib.nn.rbm import Machine, direction, draw, fantasy

VISIBLE, HIDDEN = 7, 4


def machine(scale: float = 1.0) -> Machine:
    random = torch.Generator().manual_seed(0)
    shapes = ((HIDDEN, VISIBLE), (HIDDEN,), (VISIBLE,))
    return Machine(*(torch.randn(shape, generator=random, dtype=torch.float64) * scale for shape in shapes))


def sklearns(ours: Machine) -> BernoulliRBM:
    theirs = BernoulliRBM(HIDDEN, learning_rate=0.3, batch_size=5)
    theirs.components_, theirs.intercept_hidden_ = ours.weights.numpy().copy(), ours.hidden_bias.numpy().copy()
    theirs.intercept_visible_ = ours.visible_bias.numpy().copy()
    return theirs


def images(count: int = 5) -> Tensor:
    return torch.rand(count, VISIBLE, generator=torch.Generator().manual_seed(1), dtype=torch.float64).round()


def test_hidden_probabilities_are_sklearns() -> None:
    np.testing.assert_allclose(machine().hidden(images()), sklearns(machine())._mean_hiddens(images().numpy()))


def test_free_energy_is_sklearns() -> None:
    np.testing.assert_allclose(machine().free_energy(images()), sklearns(machine())._free_energy(images().numpy()))


def test_free_energy_sums_the_hidden_units_out() -> None:
    """e^-F(v) = Σ_h e^-E(v, h), with E(v, h) = -b·v - c·h - hᵀWv."""
    ours, visible = machine(), images(1)[0]
    total = 0.0
    for states in product((0.0, 1.0), repeat=HIDDEN):
        hidden = torch.tensor(states, dtype=torch.float64)
        energy = -ours.visible_bias @ visible - ours.hidden_bias @ hidden - hidden @ ours.weights @ visible
        total += float(torch.exp(-energy))
    assert float(ours.free_energy(visible[None])) == pytest.approx(-np.log(total))


def test_a_step_is_sklearns_where_chance_has_no_say() -> None:
    """Weights so large that every unit is on or off for certain: both draw the same fantasies."""
    ours, data = machine(scale=500.0), images()
    theirs = sklearns(ours)
    theirs.h_samples_ = theirs._mean_hiddens(data.numpy()).round()
    dreamt = fantasy(ours, data, 1, torch.Generator().manual_seed(0), binary=True)
    theirs._fit(data.numpy(), np.random.RandomState(0))
    found = direction(ours, data, dreamt)
    np.testing.assert_allclose(ours.weights + 0.3 * found.weights, theirs.components_, atol=1e-9)
    np.testing.assert_allclose(ours.hidden_bias + 0.3 * found.hidden_bias, theirs.intercept_hidden_, atol=1e-9)
    np.testing.assert_allclose(ours.visible_bias + 0.3 * found.visible_bias, theirs.intercept_visible_, atol=1e-9)


def test_with_fantasies_from_the_model_the_direction_is_the_gradient_of_the_likelihood() -> None:
    """log p(v) = -F(v) - log Σ e^-F: its gradient by autograd, the sum over all images there are."""
    leaves = [tensor.requires_grad_(True) for tensor in vars(machine(0.5)).values()]
    ours, data = Machine(*leaves), images()
    every = torch.tensor(list(product((0.0, 1.0), repeat=VISIBLE)), dtype=torch.float64)
    energies = -ours.free_energy(every)
    likelihood = (-ours.free_energy(data)).mean() - energies.logsumexp(0)
    gradients = torch.autograd.grad(likelihood, leaves)
    with torch.no_grad():
        # Each image as often as the model generates it.
        chances = energies.softmax(0)
        on = ours.hidden(every)
        data_on = ours.hidden(data)
        expected = (
            data_on.t() @ data / len(data) - (on * chances[:, None]).t() @ every,
            data_on.mean(0) - chances @ on,
            data.mean(0) - chances @ every,
        )
        counts = (chances * 200_000).round().long()
        found = direction(ours, data, every.repeat_interleave(counts, dim=0))
    for gradient, sum_over_all, ours_ in zip(gradients, expected, vars(found).values(), strict=True):
        torch.testing.assert_close(gradient, sum_over_all)
        torch.testing.assert_close(ours_, sum_over_all, atol=2e-3, rtol=0)


def test_a_long_chain_dreams_of_what_the_machine_believes_in() -> None:
    ours, random = machine(0.5), torch.Generator().manual_seed(0)
    every = torch.tensor(list(product((0.0, 1.0), repeat=VISIBLE)), dtype=torch.float64)
    believed = (-ours.free_energy(every)).softmax(0) @ every
    start = draw(torch.full((20_000, VISIBLE), 0.5, dtype=torch.float64), random)
    dreamt = fantasy(ours, start, 30, random, binary=True)
    assert set(dreamt.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(dreamt.mean(0), believed, atol=0.02, rtol=0)


def test_fantasies_are_probabilities_unless_they_are_to_be_binary() -> None:
    dreamt = fantasy(machine(), images(), 1, torch.Generator().manual_seed(0), binary=False)
    assert bool(((dreamt > 0) & (dreamt < 1)).all())
