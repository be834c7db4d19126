"""An experiment of a visitor's own: every combination of some values of one or two settings, with several seeds."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

from aelib.analysis.experiments import MEASUREMENTS
from aelib.experiments.experiment import Arm, Design, Shown
from aelib.experiments.results import Found
from aelib.spec.config import KINDS, RunConfig, with_changes
from aelib.spec.constraints import checked
from aelib.spec.fields import InvalidInput, Whole

ID = "own"
# Settings that can be varied, with values to begin with.
VARIED: dict[str, tuple[Any, ...]] = {
    "code_size": (2, 8, 32, 128),
    "learning_rate": (1e-4, 1e-3, 1e-2),
    "widths": ((), (128,), (256, 64)),
    "code_activation": ("relu", "sigmoid", "linear"),
    "hidden_activation": ("relu", "tanh", "linear"),
    "optimizer": ("adam", "sgd", "adadelta"),
    "loss": ("mse", "bce"),
    "batch_size": (64, 256, 1024),
    "regularizer_weight": (0.0, 1e-5, 1e-4, 1e-3),
    "corruption_level": (0.0, 0.25, 0.5),
}
# So many runs of so many steps at most: an experiment is everybody's waiting time.
MOST_RUNS, MOST_STEPS = 40, 2_000
STEPS, SEEDS = Whole(10, MOST_STEPS), Whole(2, 10)
SHOWN = (
    Shown("mse", "Test MSE", log=True),
    Shown("pca_mse", "Test MSE of PCA with as many components", log=True),
    Shown("seconds", "Seconds of training", unit="s"),
)


def values_of(name: str, text: str) -> tuple[Any, ...]:
    """The values of a setting in a text, in which they are separated by semicolons or, where a value holds no comma
    itself, by commas. Raises `InvalidInput`."""
    separated = text.split(";") if ";" in text or name == "widths" else text.split(",")
    found = dict.fromkeys(KINDS[name].parse(name, one.strip()) for one in separated if one.strip())
    if not found:
        raise InvalidInput(name, text, "at least one value")
    return tuple(found)


def design_of(
    base: RunConfig,
    varied: Mapping[str, tuple[Any, ...]],
    *,
    steps: int,
    seeds: int,
    label: Callable[[str, Any], str],
) -> Design:
    """All combinations of the values of some settings; `label` says one of them. Raises `InvalidInput` for values that
    do not go with the other settings, and for too many runs."""
    arms = []
    for values in product(*varied.values()):
        changes = dict(zip(varied, values, strict=True))
        config = checked(with_changes(replace(base, recipe="custom", max_steps=steps), changes))
        arms.append(Arm(", ".join(label(name, value) for name, value in changes.items()), config))
    if len(arms) * seeds > MOST_RUNS:
        raise InvalidInput("values", f"{len(arms)} × {seeds} seeds", f"at most {MOST_RUNS} runs in all")
    return Design(id=ID, arms=tuple(arms), measurement=MEASUREMENTS["reconstruction"], shows=SHOWN, seeds=seeds)


def csv_of(found: Found) -> str:
    """A line for each run that is measured: arm, seed, and all its numbers."""
    names = sorted({name for of_arm in found.values() for values in of_arm if values for name in values})
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["arm", "seed", *names])
    for arm, of_arm in found.items():
        for seed, values in enumerate(of_arm):
            if values is not None:
                lines.writerow([arm, seed, *(values.get(name, "") for name in names)])
    return out.getvalue()
