"""What runs are called in lists."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
import streamlit as st

from aelib.runs import Summary
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES
from aelib.ui.panels.run_titles import began, network, run_title


def summary(config: RunConfig, status: str = "paused") -> Summary:
    return Summary("id", "owner", time.time(), config, status, 1_234, 0.0123)


VANILLA, POOL, RECIRCULATION = (RECIPES[name].config for name in ("vanilla-64", "conv-pool", "recirculation"))


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (VANILLA, "Vanilla autoencoder, 64-D"),
        (replace(VANILLA, dataset="digits"), "Vanilla autoencoder, 64-D"),
        (
            replace(VANILLA, learning_rate=0.01, epochs=3, seed=5),
            "Vanilla autoencoder, 64-D: learning rate 0.01; epochs 3; seed 5",
        ),
        (replace(VANILLA, code_size=20), "Vanilla autoencoder (modified): 20 latent dimensions"),
        (RECIRCULATION, "Recirculation · 64-D"),
        (replace(RECIRCULATION, method="backprop"), "Recirculation (modified): backpropagation · 64-D"),
        (POOL, "Convolutional autoencoder · feature maps"),
        (replace(VANILLA, recipe="custom"), "Custom: no hidden layers; 64 latent dimensions; epochs 20"),
    ],
)
def test_a_run_bears_a_recipes_title_only_while_it_is_that_recipe(config: RunConfig, name: str) -> None:
    assert network(summary(config)) == name


def test_the_title_of_a_run_that_trains_stays_as_it_is() -> None:
    one = summary(VANILLA, "training")
    assert run_title(one) == run_title(replace(one, step=5_678, test_mse=0.001))
    assert "step 1,234" in run_title(replace(one, status="paused"))
    assert "error 0.0123" in run_title(replace(one, status="paused"))


def test_data_are_called_as_everywhere_else() -> None:
    assert " · MNIST · " in run_title(summary(replace(VANILLA, dataset="mnist")))
    assert " · Your own (453f) · " in run_title(summary(replace(VANILLA, dataset="own-da2c6388b3b0453f")))


@pytest.mark.parametrize("minutes", [300, 0, -330])
def test_the_time_is_that_of_whoever_looks(minutes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(timezone_offset=minutes))
    now = datetime.now(timezone(timedelta(minutes=-minutes)))
    assert began(now.timestamp()) == f"{now:%H:%M}"
    before = now - timedelta(days=1)
    assert began(before.timestamp()) == f"{before.day} {before:%b %H:%M}"
