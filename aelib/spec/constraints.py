"""Constraints between the settings of a run: which go together, and the nearest value where they do not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from aelib.spec.config import KINDS, RunConfig
from aelib.spec.fields import Constraint, InvalidInput
from aelib.spec.methods import BACKPROP, METHODS
from aelib.spec.regularizers import REGULARIZERS

MAX_CONV_LAYERS = 4
MAX_CHANNELS = 256

# In the order in which they are repaired.
_BEFORE = (
    # First, because an untied network has more weights.
    Constraint(
        "tied",
        "false: tied weights need a dense, greyscale network that is not variational",
        lambda c: not c.tied or c.applies("tied"),
        lambda c: False,
    ),
    Constraint(
        "method",
        f"{BACKPROP}: all other methods need a dense, greyscale network",
        lambda c: c.method == BACKPROP or c.applies("method"),
        lambda c: BACKPROP,
    ),
    Constraint(
        "decoder_widths",
        f"mirror: a decoder of its own needs a dense network with untied weights, trained by {BACKPROP}",
        lambda c: c.decoder_widths is None or c.applies("decoder_widths"),
        lambda c: None,
    ),
    Constraint(
        "regularizer",
        "none: the training method does not minimize a loss",
        lambda c: c.regularizer == "none" or c.applies("regularizer"),
        lambda c: "none",
    ),
)
_AFTER = (
    Constraint(
        "widths",
        f"1 to {MAX_CONV_LAYERS} layers of at most {MAX_CHANNELS} channels: the architecture is convolutional",
        lambda c: not c.convolutional or (1 <= len(c.widths) <= MAX_CONV_LAYERS and max(c.widths) <= MAX_CHANNELS),
        lambda c: tuple(min(width, MAX_CHANNELS) for width in c.widths[:MAX_CONV_LAYERS]) or (32, 32),
    ),
    Constraint(
        "loss",
        "mse: cross-entropy needs a sigmoid output and a method that minimizes a loss",
        lambda c: c.loss == "mse" or c.applies("loss"),
        lambda c: "mse",
    ),
)


def constraints() -> tuple[Constraint, ...]:
    """All constraints, those of registered regularizers and methods among them."""
    return (
        *_BEFORE,
        *(one.only_where("regularizer", name) for name, entry in REGULARIZERS.items() for one in entry.constraints),
        *(one.only_where("method", name) for name, entry in METHODS.items() for one in entry.constraints),
        *_AFTER,
    )


def checked(config: RunConfig) -> RunConfig:
    """The config with its values in their own types, or `InvalidInput` for the first that cannot be used."""
    values: dict[str, Any] = {name: kind.parse(name, getattr(config, name)) for name, kind in KINDS.items()}
    parsed = RunConfig(**values)
    for constraint in constraints():
        constraint.check(parsed)
    return parsed


def repaired(config: RunConfig, limits: Iterable[Constraint] = ()) -> tuple[RunConfig, list[InvalidInput]]:
    """The config in which every violated constraint is repaired, then those of `limits`, which belong to the server
    that trains it (see `aelib.host.limits`); and a sentence for each."""
    problems: list[InvalidInput] = []
    for constraint in (*constraints(), *limits):
        try:
            constraint.check(config)
        except InvalidInput as problem:
            problems.append(problem)
            config = replace(config, **{constraint.field_name: constraint.repair(config)})
    return config, problems
