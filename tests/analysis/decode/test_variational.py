"""What a variational run says of its code, against torch's distributions and sums by hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from aelib.analysis.decode import decoding, variational
from aelib.train.inference import decode_logits, posterior, sampling_generator
from aelib.train.metrics import Elbo, elbo
from aelib.train.slices import Slice, first_slice, next_slice
from tests.samples import digits, knobs_of, settings

VAE = settings("vae", code_size=6, widths=(64,))


@cache
def trained() -> Slice:
    data, knobs = digits(), knobs_of(VAE)
    return next_slice(first_slice(VAE, data, knobs), data, knobs, 150)


def bound() -> Elbo:
    found = elbo(trained().state, digits())
    assert found is not None
    return found


def test_the_bound_is_what_torchs_distributions_say() -> None:
    state, data = trained().state, digits()
    clean = data.test.float() / 255
    mean, log_variance = posterior(state, clean)
    code = Normal(mean, (0.5 * log_variance).exp())
    divergence = kl_divergence(code, Normal(torch.zeros_like(mean), torch.ones_like(mean))).sum(1).mean()
    drawn = mean + code.scale * torch.randn(mean.shape, generator=sampling_generator(VAE.seed, data.test.device))
    likelihood = -torch.nn.functional.binary_cross_entropy(
        Bernoulli(logits=decode_logits(state, drawn)).probs, clean, reduction="none"
    ).sum(1)
    found = bound()
    assert found.divergence == pytest.approx(float(divergence), rel=1e-5)
    assert found.likelihood == pytest.approx(float(likelihood.mean()), rel=1e-4)
    assert found.bound == pytest.approx(found.likelihood - found.divergence)


def test_training_lifts_the_bound() -> None:
    before = elbo(first_slice(VAE, digits(), knobs_of(VAE)).state, digits())
    assert before is not None and bound().bound > before.bound + 50


@pytest.mark.parametrize("changes", [{"loss": "mse"}, {"regularizer": "none"}])
def test_without_probabilities_there_is_no_bound(changes: dict[str, str]) -> None:
    config = settings("vae", **changes)
    assert elbo(first_slice(config, digits(), knobs_of(config)).state, digits()) is None


def test_units_in_use_are_those_that_tell_something() -> None:
    usage = variational.usage(trained(), digits())
    np.testing.assert_allclose(usage.nats, bound().by_unit)
    assert usage.nats.shape == (6,) and (usage.nats >= 0).all()
    assert usage.in_use == (usage.nats > variational.IN_USE).sum() >= 1


def test_a_price_too_high_puts_every_unit_out_of_use() -> None:
    data, knobs = digits(), knobs_of(VAE, regularizer_weight=10.0)
    crushed = next_slice(first_slice(VAE, data, knobs), data, knobs, 150)
    assert variational.usage(crushed, data).nats.sum() < variational.usage(trained(), data).nats.sum() / 3


def test_drawn_pictures_differ_and_are_the_same_every_time() -> None:
    one, other = (variational.uncertainty(trained(), digits(), 3) for _ in range(2))
    assert one.drawn.shape == (3, 12, 784) and one.drawn.dtype == np.uint8
    np.testing.assert_array_equal(one.drawn, other.drawn)
    assert not np.array_equal(one.drawn[0], one.drawn[1])
    np.testing.assert_array_equal(one.images, digits().probe[:12].numpy())
    assert (one.spread > 0).all() and (one.spread < 1).all()


def test_samples_are_drawn_from_the_prior() -> None:
    found = decoding.samples(trained(), digits(), 0, 600)
    assert found.fitted == 0
    np.testing.assert_allclose(found.codes.mean(0), 0, atol=0.15)
    np.testing.assert_allclose(np.cov(found.codes.T), np.eye(6), atol=0.2)
