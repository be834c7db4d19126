"""Experiments of one's own."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from aelib.experiments.own import VARIED, csv_of, design_of, values_of
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput, as_text


def label(name: str, value: Any) -> str:
    return f"{name} {value}"


def test_all_combinations_of_the_values_are_arms() -> None:
    varied = {"code_size": values_of("code_size", "2, 8,8"), "widths": values_of("widths", "none; 64,32")}
    design = design_of(RunConfig(loss="bce"), varied, steps=100, seeds=3, label=label)
    assert [arm.label for arm in design.arms] == [
        "code_size 2, widths ()",
        "code_size 2, widths (64, 32)",
        "code_size 8, widths ()",
        "code_size 8, widths (64, 32)",
    ]
    config = design.arms[3].on("digits", 1)
    assert (config.code_size, config.widths, config.loss, config.max_steps, config.seed) == (8, (64, 32), "bce", 100, 1)


def test_values_to_begin_with_are_valid() -> None:
    for name, values in VARIED.items():
        assert values_of(name, "; ".join(map(as_text, values))) == values


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("code_size", "2, much", "code_size: “much”"),
        ("code_size", " , ", "at least one value"),
        ("learning_rate", "0.1, -1", "learning_rate: “-1”"),
    ],
)
def test_values_that_are_not_valid_are_named(name: str, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        values_of(name, text)


def test_what_does_not_go_together_and_too_many_runs_are_refused() -> None:
    with pytest.raises(InvalidInput, match="code_activation"):
        base = RunConfig(regularizer="kl-sparsity", code_activation="sigmoid")
        design_of(base, {"code_activation": ("relu",)}, steps=100, seeds=2, label=label)
    with pytest.raises(InvalidInput, match="at most 40 runs"):
        design_of(RunConfig(), {"code_size": tuple(range(2, 20))}, steps=100, seeds=3, label=label)


def test_the_table_has_a_line_for_each_run_that_is_measured() -> None:
    text = csv_of({"a, b": [{"mse": 0.5}, None], "c": [None, {"mse": 0.25, "steps": 3}]})
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows == [
        {"arm": "a, b", "seed": "0", "mse": "0.5", "steps": ""},
        {"arm": "c", "seed": "1", "mse": "0.25", "steps": "3"},
    ]
