"""What CONTRIBUTING.md says is all there is to add: one of each is registered, trained and found on the Train page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from aelib.runs import Runs
from aelib.spec import methods
from aelib.spec.architecture import FAMILIES, Layer, family
from aelib.spec.config import RunConfig
from aelib.spec.constraints import checked
from aelib.spec.corruptions import CORRUPTIONS, corruption
from aelib.spec.fields import InvalidInput, must_be
from aelib.spec.images import PIXELS
from aelib.spec.methods import METHODS, Method
from aelib.spec.recipes import RECIPES
from aelib.spec.recipes.recipe import recipe
from aelib.spec.regularizers import REGULARIZERS, Encoded, Scope, regularizer
from aelib.spec.state import Progress, State
from aelib.train.rules import RULES, Batch, Memory, StepMetrics, Task, rule
from aelib.train.trainer import advance, init
from aelib.ui.panels.labels import help_text
from tests.pages.visit import opened, query, sound
from tests.samples import digits, knobs_of, settings

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Whatever a test registers is forgotten after it."""
    registries: tuple[dict[str, Any], ...] = (CORRUPTIONS, FAMILIES, METHODS, RECIPES, REGULARIZERS, RULES)
    before = [dict(registry) for registry in registries]
    yield
    for registry, entries in zip(registries, before, strict=True):
        registry.clear()
        registry.update(entries)


def trained(config: RunConfig, steps: int = 3) -> tuple[State, State, Progress]:
    """(state at the start, state after some steps, what the steps came to)."""
    start = init(checked(config), digits())
    after, progress = advance(start, digits(), knobs_of(config), steps)
    assert after.step == steps and progress.healthy
    return start, after, progress


def choose(app: AppTest, setting: str, name: str, title: str) -> AppTest:
    box = app.selectbox(key=f"setting.{setting}")
    assert title in box.options
    sound(box.set_value(name).run())
    assert not app.warning
    assert query(app)[setting] == name
    return app


@pytest.mark.parametrize("scope", [Scope.CODE, Scope.NETWORK])
def test_a_regularizer_is_one_function(runs: Runs, scope: Scope) -> None:
    @regularizer(
        "l2-code",
        "L2 penalty on the code",
        "The squared code is pulled towards 0.",
        usual_weight=0.003,
        scope=scope,
        settings={"code_activation": "tanh"},
        constraints=(must_be("code_activation", "tanh", "this test wants it so"),),
    )
    def l2_code(encoded: Encoded) -> Tensor:
        return encoded.code.square().sum(1).mean()

    config = settings(regularizer="l2-code", regularizer_weight=1.0, code_activation="tanh", optimizer="sgd")
    start, after, progress = trained(config, 1)
    assert progress.penalty is not None and progress.penalty > 0
    # Each path of gradients, that of dense networks and autograd's, comes to the same step.
    REGULARIZERS["l2-code"] = replace(REGULARIZERS["l2-code"], scope=Scope.NETWORK)
    by_autograd, _ = advance(start, digits(), knobs_of(config), 1)
    free, _ = advance(start, digits(), knobs_of(config, regularizer_weight=0.0), 1)
    for name, array in after.weights.items():
        np.testing.assert_allclose(array, by_autograd.weights[name], atol=1e-6)
    assert not np.allclose(after.weights["encoder.0.weight"], free.weights["encoder.0.weight"], atol=1e-6)
    with pytest.raises(InvalidInput, match="this test wants it so"):
        checked(replace(config, code_activation="relu"))

    app = choose(opened(), "regularizer", "l2-code", "L2 penalty on the code")
    assert app.select_slider(key="setting.regularizer_weight").value == 0.003
    assert app.selectbox(key="setting.code_activation").value == "tanh"
    assert "The squared code is pulled towards 0." in help_text("regularizer")


def test_a_training_method_is_an_entry_and_a_rule(runs: Runs) -> None:
    methods.register(
        Method(
            "output-bias",
            "output biases only",
            "Only the output biases are trained.",
            constraints=(must_be("widths", (), "it trains a single layer"),),
        )
    )

    @rule("output-bias")
    class OutputBias:
        def __init__(self, task: Task, memory: Mapping[str, Tensor]) -> None:
            self._task = task
            self._steps = memory.get("steps", torch.zeros(()))

        def step(self, batch: Batch) -> StepMetrics:
            task, model = self._task, self._task.model
            with torch.no_grad():
                logits = model.logits(model.encode(batch.corrupted))
                last = model.decoder[-1]
                assert isinstance(last, nn.Linear)
                error = batch.target - model.output_activation(logits)
                last.bias.add_(error.mean(0), alpha=task.config.learning_rate)
                self._steps = self._steps + 1
                return task.measure(logits, batch)[1]

        def memory(self) -> Memory:
            return {"steps": self._steps}

    config = settings(method="output-bias", widths=(), learning_rate=0.5, output_start="zero")
    start, after, _ = trained(config, 3)
    changed = {name for name, array in after.weights.items() if not np.array_equal(array, start.weights[name])}
    assert changed == {"decoder.0.bias"}
    assert after.memory["steps"] == 3
    (_, first), (_, later) = (advance(state, digits(), knobs_of(config), 3) for state in (start, after))
    assert later.train_mse < first.train_mse

    app = choose(opened(), "method", "output-bias", "output biases only")
    assert not [box for box in app.selectbox if box.key == "setting.regularizer"]
    assert "Only the output biases are trained." in help_text("method")


def test_a_corruption_is_one_function(runs: Runs) -> None:
    @corruption("negative", "inverted brightness", "How far (fraction)", task="noise", usual=0.8, random=False)
    def negative(images: Tensor, level: float, generator: torch.Generator) -> Tensor:
        return images + level * (1 - 2 * images)

    _, after, _ = trained(settings(corruption="negative", corruption_level=0.8))
    _, clean, _ = trained(settings(corruption="none"))
    assert not np.array_equal(after.weights["encoder.0.weight"], clean.weights["encoder.0.weight"])

    app = opened()
    sound(app.selectbox(key="setting.task").set_value("noise").run())
    choose(app, "corruption", "negative", "inverted brightness")
    assert app.slider(key="setting.corruption_level").label == "How far (fraction)"


def test_a_family_is_one_function(runs: Runs) -> None:
    @family("skinny", "Dense, one layer each way", convolutional=False, vector_code=True)
    def skinny(config: RunConfig) -> tuple[list[Layer], list[Layer]]:
        pixels, code = (PIXELS,), (config.code_size,)
        return [Layer("dense", pixels, code, "tanh")], [Layer("dense", code, pixels, config.output_activation)]

    start, after, _ = trained(settings(family="skinny", code_size=5))
    assert after.weights["encoder.0.weight"].shape == (5, PIXELS)
    assert not np.array_equal(after.weights["encoder.0.weight"], start.weights["encoder.0.weight"])

    choose(opened(), "family", "skinny", "Dense, one layer each way")


def test_a_recipe_is_one_entry(runs: Runs) -> None:
    RECIPES["three-numbers"] = recipe(
        "three-numbers", "M99", "Three numbers", "this test", "Three numbers are few.", widths=(), code_size=3
    )
    trained(settings("three-numbers"))

    app = choose(opened(), "recipe", "three-numbers", "Three numbers")
    assert app.select_slider(key="setting.code_size").value == 3
    assert any("Three numbers are few." in caption.value for caption in app.caption)


def test_every_registered_method_has_a_rule_of_its_name() -> None:
    assert RULES.keys() == METHODS.keys()


def test_every_option_tells_what_it_does() -> None:
    told = {entry.name: entry.help for entry in REGULARIZERS.values()}
    told |= {entry.name: entry.help for entry in METHODS.values()}
    assert {name for name, help in told.items() if not help.endswith(".")} == {"none"}
