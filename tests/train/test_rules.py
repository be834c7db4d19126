"""Every training method against its source, in NumPy or by autograd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from aelib import datasets
from aelib.nn.autoencoder import build, initial_weights
from aelib.spec.config import RunConfig
from aelib.spec.constraints import checked
from aelib.spec.state import State
from aelib.train.randomness import batches
from aelib.train.rules.recirculation import REGRESSION
from aelib.train.trainer import advance, init, prepare, probe
from tests.samples import assert_same_state, cut, digits, knobs_of, settings

SIGMOIDS = dict.fromkeys(("hidden_activation", "code_activation", "output_activation"), "sigmoid")
DEEP: dict[str, Any] = {"widths": (24, 16), "code_size": 8, "pretrain_epochs": 1, "batch_size": 50}
# The sample has 300 images: six batches an epoch.
SYSTEMS: dict[str, RunConfig] = {
    "kl-sparsity": settings(regularizer="kl-sparsity", code_activation="sigmoid"),
    "k-sparse": settings(regularizer="k-sparse", active_units=5, code_activation="linear"),
    "contractive": settings(regularizer="contractive", code_activation="sigmoid", regularizer_weight=0.1),
    "contractive, deep": settings("multilayer-64", regularizer="contractive", regularizer_weight=0.1),
    "contractive, convolutional": settings(
        "conv-pool", widths=(3, 2), regularizer="contractive", regularizer_weight=0.1
    ),
    "variational": settings("multilayer-64", regularizer="variational", regularizer_weight=1.0, loss="bce"),
    "variational, convolutional": settings("conv-dense-20", widths=(3,), regularizer="variational"),
    "stacked": settings(method="stacked", **DEEP),
    "stacked, its code layer's weights penalized": settings(method="stacked", regularizer="l1-weights", **DEEP),
    "stacked, tied, noisy": settings(method="stacked", tied=True, corruption="masking", **DEEP),
    "boltzmann": settings(method="rbm", **DEEP, **SIGMOIDS),
    "boltzmann, tied": settings(method="rbm", tied=True, loss="bce", **DEEP, **SIGMOIDS),
    "boltzmann, persistent": settings(method="rbm", persistent=True, cd_steps=2, **DEEP, **SIGMOIDS),
    "recirculation": settings(method="recirculation", learning_rate=0.5, code_activation="sigmoid"),
    "recirculation, tied": settings(method="recirculation", learning_rate=0.5, tied=True),
}


def trained(config: RunConfig, slices: tuple[int, ...]) -> State:
    checked(config)
    state, data = init(config, digits()), digits()
    for steps in slices:
        state, progress = advance(state, data, knobs_of(config), steps)
        assert progress.healthy
        assert (progress.penalty is not None) == config.has_penalty
    return state


@pytest.mark.parametrize("system", SYSTEMS)
def test_where_a_run_is_cut_makes_no_difference(system: str) -> None:
    """So pausing, stepping, replaying a lost slice and going on after a restart change nothing."""
    # The cuts fall into phases and between them.
    whole = trained(SYSTEMS[system], (26,))
    assert_same_state(trained(SYSTEMS[system], (6, 1, 13, 6)), whole)
    assert_same_state(trained(SYSTEMS[system], (9, 17)), whole)


@pytest.mark.parametrize("system", SYSTEMS)
def test_training_makes_the_error_smaller(system: str) -> None:
    config, data = SYSTEMS[system], digits()
    before = probe(init(config, data), data, knobs_of(config))
    after = probe(trained(config, (60,)), data, knobs_of(config))
    assert before is not None and after is not None
    assert after.test_mse < before.test_mse


@pytest.mark.parametrize(
    ("system", "knob", "value"),
    [
        ("kl-sparsity", "sparsity_target", 0.4),
        ("kl-sparsity", "regularizer_weight", 1.0),
        ("k-sparse", "active_units", 30),
        ("contractive", "regularizer_weight", 5.0),
        ("variational", "regularizer_weight", 0.0),
        ("boltzmann", "cd_rate", 0.5),
        ("recirculation", "learning_rate", 0.01),
    ],
)
def test_every_knob_is_heeded_at_once(system: str, knob: str, value: float) -> None:
    config, data = SYSTEMS[system], digits()
    start = trained(config, (2,))
    (left, _), (turned, _) = (
        advance(start, data, knobs, 2) for knobs in (knobs_of(config), knobs_of(config, **{knob: value}))
    )
    assert any(not np.array_equal(array, turned.weights[name]) for name, array in left.weights.items())


def batch_of(config: RunConfig) -> np.ndarray:
    data = digits()
    return data.train[batches(config, len(data.train), 0, 1)[0]].numpy().astype(np.float64) / 255


def sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


def test_only_the_largest_activations_of_a_k_sparse_code_are_kept() -> None:
    config = SYSTEMS["k-sparse"]
    model = build(config, initial_weights(config, 0.1), torch.device("cpu"))
    images = digits().test[:20].float() / 255
    raw = model.encoder[0](images).detach().numpy()
    code = model.encode(images).detach().numpy()
    for before, after in zip(raw, code, strict=True):
        largest = np.argsort(before)[-config.active_units :]
        np.testing.assert_array_equal(np.flatnonzero(after), np.sort(largest))
        np.testing.assert_array_equal(after[largest], before[largest])


def test_a_step_of_recirculation_is_what_hinton_and_mcclelland_wrote() -> None:
    config = SYSTEMS["recirculation"]
    start, rate = initial_weights(config, digits().mean_pixel), 0.5
    up, up_bias, down, down_bias = (
        start[name].astype(np.float64)
        for name in ("encoder.0.weight", "encoder.0.bias", "decoder.0.weight", "decoder.0.bias")
    )
    first = batch_of(config)
    hidden = sigmoid(first @ up.T + up_bias)
    second = REGRESSION * first + (1 - REGRESSION) * sigmoid(hidden @ down.T + down_bias)
    again = REGRESSION * hidden + (1 - REGRESSION) * sigmoid(second @ up.T + up_bias)
    changes = {"decoder.0.weight": 0.0 * down, "encoder.0.weight": 0.0 * up}
    for x0, h1, x2, h3 in zip(first, hidden, second, again, strict=True):
        changes["decoder.0.weight"] += rate / len(first) * np.outer(x0 - x2, h1)
        changes["encoder.0.weight"] += rate / len(first) * np.outer(h1 - h3, x2)
    changes["decoder.0.bias"] = rate * (first - second).mean(0)
    changes["encoder.0.bias"] = rate * (hidden - again).mean(0)
    after, _ = advance(init(config, digits()), digits(), knobs_of(config), 1)
    for name, change in changes.items():
        np.testing.assert_allclose(after.weights[name], start[name] + change, atol=2e-6, err_msg=name)


def test_while_a_layer_of_a_stack_learns_the_others_rest() -> None:
    config = SYSTEMS["stacked"]
    names = {1: ("encoder.0", "decoder.4"), 2: ("encoder.2", "decoder.2"), 3: ("encoder.4", "decoder.0")}
    states = [trained(config, (6 * k,)) if k else init(config, digits()) for k in range(4)]
    for layer, learning in names.items():
        before, after = states[layer - 1].weights, states[layer].weights
        for name, array in after.items():
            changed = not np.array_equal(array, before[name])
            assert changed == name.startswith(learning), name


def test_a_layer_of_a_stack_learns_like_a_network_of_its_own() -> None:
    """The first layer's phase is training of one layer and back, with the same start."""
    config = SYSTEMS["stacked"]
    alone = settings(widths=(), code_size=24, batch_size=50)
    stack, start = trained(config, (6,)), init(config, digits())
    weights = {
        f"{part}.0.{kind}": start.weights[f"{layer}.{kind}"]
        for part, layer in (("encoder", "encoder.0"), ("decoder", "decoder.4"))
        for kind in ("weight", "bias")
    }
    lone = State.frozen(alone, 0, {f"weights/{name}": array.copy() for name, array in weights.items()})
    lone, _ = advance(lone, digits(), knobs_of(alone), 6)
    np.testing.assert_allclose(stack.weights["encoder.0.weight"], lone.weights["encoder.0.weight"], atol=1e-5)
    np.testing.assert_allclose(stack.weights["decoder.4.bias"], lone.weights["decoder.0.bias"], atol=1e-5)


def test_a_stack_of_boltzmann_machines_is_unrolled_into_mirror_images() -> None:
    weights = trained(SYSTEMS["boltzmann"], (18,)).weights
    for up, down in (("encoder.0", "decoder.4"), ("encoder.2", "decoder.2"), ("encoder.4", "decoder.0")):
        np.testing.assert_array_equal(weights[f"{up}.weight"].T, weights[f"{down}.weight"])
    tuned = trained(SYSTEMS["boltzmann"], (24,)).weights
    assert not np.array_equal(tuned["encoder.0.weight"].T, tuned["decoder.4.weight"])


def test_free_energies_tell_when_a_machine_learns_images_by_heart() -> None:
    """A few images are soon learnt by heart: they become more probable than others of the same kind."""
    whole = datasets.load("digits")
    few = replace(cut(whole, 60, 300), test_images=whole.train_images[60:360], test_labels=whole.train_labels[60:360])
    data = prepare(few)
    config = settings(method="rbm", widths=(), code_size=200, pretrain_epochs=100, cd_rate=0.2, **SIGMOIDS)
    state, gaps = init(config, data), []
    for steps in (1, 150):
        state, _ = advance(state, data, knobs_of(config), steps)
        probed = probe(state, data, knobs_of(config))
        assert probed is not None and probed.free_energy is not None
        train, test = probed.free_energy
        gaps.append(test - train)
    assert gaps[1] > gaps[0] + 10


def test_where_no_boltzmann_machine_learns_there_is_no_free_energy() -> None:
    for system, steps in (("boltzmann", 24), ("stacked", 3)):
        probed = probe(trained(SYSTEMS[system], (steps,)), digits(), knobs_of(SYSTEMS[system]))
        assert probed is not None and probed.free_energy is None


def test_images_of_a_stack_go_through_the_layers_that_have_learnt() -> None:
    config, data = SYSTEMS["stacked"], digits()
    early = probe(trained(config, (6,)), data, knobs_of(config))
    late = probe(trained(config, (12,)), data, knobs_of(config))
    assert early is not None and late is not None
    assert early.codes.shape[1] == 24 and late.codes.shape[1] == 16
