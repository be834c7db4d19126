"""What is said of a network that trained without an error message: right where it is wrong, and silent where not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from aelib.analysis.diagnosis import DEEPEN, Finding, Measures, findings, measure_state
from aelib.spec.config import RunConfig
from aelib.spec.state import WEIGHTS, State
from aelib.train.inference import reconstruct
from aelib.train.resident import Data
from aelib.train.trainer import advance, init, probe
from tests.samples import digits, knobs_of, settings

SOUND = Measures(
    images=1_000,
    steps=2_000,
    error=0.01,
    mean_error=0.067,
    black_error=0.116,
    variation=0.9,
    level=0.14,
    units=64,
    dead=0,
    stuck=0,
    saturated=0.0,
    used_units=None,
    pixels=450,
    dead_pixels=0,
)


def said(measured: Measures, config: RunConfig | None = None, first: float | None = 0.1) -> list[str]:
    return [finding.text for finding in findings(measured, config or settings(), first)]


def diagnosed(recipe: str, steps: int, **changes: Any) -> tuple[Measures, tuple[Finding, ...]]:
    """A recipe on real digits after so many batches."""
    config, data = settings(recipe, **changes), digits()
    start = init(config, data)
    state, _ = advance(start, data, knobs_of(config), steps)
    measured = measure_state(state, data)
    return measured, findings(measured, config, probe(start, data, knobs_of(config)).test_mse)


def serious(found: tuple[Finding, ...]) -> list[str]:
    return [finding.text for finding in found if finding.serious]


def test_a_learning_rate_of_10_ends_above_the_start_at_a_constant_output_and_says_so() -> None:
    measured, found = diagnosed("vanilla-64", 250, learning_rate=10.0)
    assert measured.error > measured.black_error
    texts = serious(found)
    assert "above the" in texts[0] and texts[0].endswith("The learning rate may be too large: try 1 or less.")
    assert "almost the same" in texts[1]


def test_a_black_plateau_from_a_zero_start_is_named_with_what_helps() -> None:
    measured, found = diagnosed("conv-pool", 60, output_start="zero", learning_rate=0.01)
    assert measured.error == pytest.approx(measured.black_error, rel=0.01)
    texts = " ".join(serious(found))
    assert "Try an output bias that starts at the mean brightness" in texts
    assert "are blank" in texts


# A little more than the batches that the small set of the tests needs to be clearly better than its mean image.
@pytest.mark.parametrize("recipe", ["vanilla-64", "sparse-64", "recirculation", "vae", "k-sparse", "multilayer-64"])
def test_a_recipe_that_learns_has_no_warning(recipe: str) -> None:
    measured, found = diagnosed(recipe, 250)
    assert measured.error < 0.9 * measured.mean_error
    assert serious(found) == []


def test_measures_agree_with_their_definitions() -> None:
    config, data = settings(), digits()
    state = init(config, data)
    measured = measure_state(state, data)
    clean = data.probe.numpy() / 255
    mean = data.train.numpy().mean(0) / 255
    assert measured.mean_error == pytest.approx(np.square(clean - mean).mean(), rel=1e-4)
    assert measured.black_error == pytest.approx(np.square(clean).mean(), rel=1e-4)
    assert measured.error == pytest.approx(probe(state, data, knobs_of(config)).test_mse, rel=1e-4)
    assert measured.pixels == ((clean > 0.5).mean(0) > 0.01).sum()


def crafted(config: RunConfig, data: Data, **weights: float) -> State:
    """The untrained network, with all numbers of some of its weights set."""
    state = init(config, data)
    arrays = {name: np.array(array) for name, array in state.arrays.items()}
    for name, value in weights.items():
        arrays[WEIGHTS + name.replace("_", ".")][:] = value
    return State.frozen(config, state.step, arrays)


def test_units_that_are_0_for_every_image_are_dead() -> None:
    config, data = settings(), digits()
    measured = measure_state(crafted(config, data, encoder_0_weight=0.0, encoder_0_bias=-1.0), data)
    assert measured.dead == measured.units
    assert measured.variation < 1e-5
    assert any("carry no information" in text for text in said(measured))


@pytest.mark.parametrize(("activation", "bias"), [("sigmoid", 9.0), ("sigmoid", -9.0), ("tanh", 9.0), ("tanh", -9.0)])
def test_units_that_are_at_a_limit_for_every_image_are_saturated(activation: str, bias: float) -> None:
    config, data = settings(code_activation=activation), digits()
    measured = measure_state(crafted(config, data, encoder_0_weight=0.0, encoder_0_bias=bias), data)
    assert (measured.stuck, measured.dead, measured.saturated) == (measured.units, 0, 1.0)
    assert any("saturated at the same limit" in text for text in said(measured, config))


def test_pixels_of_a_relu_output_that_are_black_for_every_image_are_counted() -> None:
    config, data = settings(output_activation="relu"), digits()
    measured = measure_state(crafted(config, data, decoder_0_weight=0.0, decoder_0_bias=-1.0), data)
    assert measured.dead_pixels == measured.pixels > 100
    assert any("leaky ReLU" in text for text in said(replace(SOUND, dead_pixels=20), config))


def test_a_code_that_tells_nothing_is_collapsed() -> None:
    config, data = settings("vae"), digits()
    state = init(config, data)
    weights = {name: np.array(array) for name, array in state.arrays.items()}
    for name in weights:
        if any(part in name for part in ("mean.weight", "log_variance.weight")):
            weights[name][:] = 0
    measured = measure_state(State.frozen(config, 0, weights), data)
    assert measured.used_units == 0
    assert any("posterior collapse" in text for text in said(measured, config))


@pytest.mark.parametrize(
    ("changes", "words", "warned"),
    [
        ({}, "", False),
        ({"error": 0.2}, "above the 0.1000 at the start", True),
        ({"error": 0.067}, "the mean training image, put out for every input, has 0.0670", True),
        ({"variation": 0.001}, "their standard deviation is 0.1% of the images' own", True),
        ({"variation": 1e-7, "level": 0.0}, "are blank: their standard deviation is less than 0.1%", True),
        ({"dead": 3}, "3 of the 64 code units are 0 for all 1,000 test images", False),
        ({"dead": 40}, "40 of the 64 code units are 0", True),
        ({"used_units": 60}, "4 of the 64 code dimensions tell less than 0.01 nats", False),
        ({"used_units": 0}, "64 of the 64 code dimensions", True),
    ],
)
def test_each_finding_is_a_sentence_with_its_numbers(changes: dict[str, Any], words: str, warned: bool) -> None:
    found = findings(replace(SOUND, **changes), settings(), 0.1)
    assert len(found) == bool(words)
    if words:
        assert words in found[0].text and found[0].text.endswith(".")
        assert found[0].serious == warned


def test_silent_units_are_what_a_sparse_code_is_for() -> None:
    for regularizer in ("l1", "k-sparse"):
        config = settings(regularizer=regularizer)
        assert serious(findings(replace(SOUND, dead=60), config, 0.1)) == []
        assert serious(findings(replace(SOUND, dead=64), config, 0.1)) != []


def test_a_network_that_has_hardly_trained_is_told_to_train_longer() -> None:
    assert "train longer" in said(replace(SOUND, error=0.0679, steps=20))[0]


def test_tanh_units_that_switch_between_their_limits_are_named() -> None:
    tanh = settings(code_activation="tanh")
    assert "95.0% of the code's values are saturated" in said(replace(SOUND, saturated=0.95), tanh)[0]
    assert said(replace(SOUND, saturated=0.95), settings(code_activation="sigmoid")) == []


def test_the_error_is_compared_with_that_of_pca_and_the_hardest_class_is_known() -> None:
    config, data = settings("multilayer-64"), digits()
    state, _ = advance(init(config, data), data, knobs_of(config), 60)
    measured = measure_state(state, data)
    output = reconstruct(state, data.probe.float() / 255)[1].clamp(0, 1).numpy()
    errors = np.square(output - data.probe.numpy() / 255).mean(1)
    means = {label: errors[data.probe_labels.numpy() == label].mean() for label in range(10)}
    assert measured.hardest == max(means, key=lambda label: means[label])
    found = findings(replace(measured, error=0.0042), config, 0.1, 0.01)
    assert next(one for one in found if not one.serious) == Finding(
        "The test error is 0.0042, 58% below PCA with 64 dimensions.", serious=False, hardest=measured.hardest
    )


@pytest.mark.parametrize(
    ("error", "compared"), [(0.015, "50% above PCA"), (0.01004, "as large as that of PCA"), (0.0099, "1% below PCA")]
)
def test_the_comparison_with_pca_says_which_is_better(error: float, compared: str) -> None:
    assert compared in findings(replace(SOUND, error=error), settings(), 0.1, 0.01)[-1].text


def test_a_small_relu_code_without_hidden_layers_that_is_worse_than_pca_gets_a_remedy() -> None:
    small = replace(SOUND, units=2, error=0.06)
    config = settings("vanilla-64", code_size=2, code_activation="relu")
    found = findings(small, config, 0.1, 0.05)
    assert [one.remedy for one in found] == [DEEPEN, ""]
    assert found[0].text.startswith("Worse than PCA") and found[0].serious
    for others, pca in ((settings("multilayer-64", code_size=2), 0.05), (config, 0.07)):
        assert [one.remedy for one in findings(small, others, 0.1, pca)] == [""]
