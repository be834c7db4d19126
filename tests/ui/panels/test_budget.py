"""Budgets that are too small."""

from __future__ import annotations

import pytest

from aelib.spec.config import RunConfig
from aelib.spec.constraints import checked
from aelib.spec.recipes import RECIPES
from aelib.ui.panels.budget import FEW_STEPS, better_budget


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_have_enough_with_mnist(name: str) -> None:
    assert better_budget(RECIPES[name].config, 60_000) is None


@pytest.mark.parametrize("count", [80, 133, 400, 1_000, 3_000])
@pytest.mark.parametrize("batch_size", [8, 256, 4096])
def test_with_few_pictures_batches_get_smaller_and_epochs_more(count: int, batch_size: int) -> None:
    config = RunConfig(epochs=2, batch_size=batch_size)
    better = checked(better_budget(config, count) or config)
    assert better.steps(count) >= FEW_STEPS
    assert better.steps(count) == pytest.approx(2_000, rel=0.15) or better.epochs == 500 or better == config
    assert better.batch_size <= config.batch_size
    assert better.epochs >= config.epochs
    assert better_budget(better, count) is None
