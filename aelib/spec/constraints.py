"""Constraints between the settings of a run: which go together, and the nearest value where they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from aelib.spec.config import BENDING, KINDS, RunConfig
from aelib.spec.fields import InvalidInput, as_text

MAX_CONV_LAYERS = 4


@dataclass(frozen=True)
class Constraint:
    """A condition between fields; `repair` is the nearest value of `field_name` that meets it."""

    field_name: str
    allowed: str
    holds: Callable[[RunConfig], bool]
    repair: Callable[[RunConfig], Any]

    def check(self, config: RunConfig) -> None:
        if not self.holds(config):
            raise InvalidInput(self.field_name, as_text(getattr(config, self.field_name)), self.allowed)


CONSTRAINTS = (
    # First, because an untied network has more weights.
    Constraint(
        "tied",
        "false: tied weights need a dense, greyscale network that is not variational",
        lambda c: not c.tied or c.applies("tied"),
        lambda c: False,
    ),
    Constraint(
        "method",
        "backprop: layer-wise pretraining, RBMs and recirculation need a dense, greyscale network",
        lambda c: c.method == "backprop" or c.applies("method"),
        lambda c: "backprop",
    ),
    Constraint(
        "decoder_widths",
        "mirror: a decoder of its own needs a dense network with untied weights, trained by backprop",
        lambda c: c.decoder_widths is None or c.applies("decoder_widths"),
        lambda c: None,
    ),
    Constraint(
        "regularizer",
        "none: recirculation does not support regularization",
        lambda c: c.regularizer == "none" or c.applies("regularizer"),
        lambda c: "none",
    ),
    Constraint(
        "regularizer",
        "another one, or none: a variational code needs end-to-end training by backprop",
        lambda c: not c.variational or c.method == "backprop",
        lambda c: "none",
    ),
    Constraint(
        "regularizer",
        "none, l1, l1-weights, contractive or weight-decay: a code of feature maps supports no others",
        lambda c: c.vector_code or c.regularizer in ("none", "l1", "l1-weights", "contractive", "weight-decay"),
        lambda c: "none",
    ),
    Constraint(
        "active_units",
        "at most as many as there are latent dimensions",
        lambda c: c.regularizer != "k-sparse" or c.active_units <= c.code_size,
        lambda c: c.code_size,
    ),
    Constraint(
        "code_activation",
        "sigmoid: KL sparsity needs activations between 0 and 1",
        lambda c: c.regularizer != "kl-sparsity" or c.code_activation == "sigmoid",
        lambda c: "sigmoid",
    ),
    *(
        Constraint(
            name,
            "sigmoid: RBM pretraining needs sigmoid units",
            lambda c, name=name: c.method != "rbm" or getattr(c, name) == "sigmoid",  # type: ignore[misc]
            lambda c: "sigmoid",
        )
        for name in BENDING
    ),
    Constraint(
        "corruption",
        "none: recirculation does not support corruption",
        lambda c: c.corruption == "none" or c.method != "recirculation",
        lambda c: "none",
    ),
    Constraint(
        "widths",
        "none: recirculation trains a single layer",
        lambda c: not c.widths or c.method != "recirculation",
        lambda c: (),
    ),
    Constraint(
        "widths",
        f"1 to {MAX_CONV_LAYERS} layers of at most 256 channels: the architecture is convolutional",
        lambda c: not c.convolutional or (1 <= len(c.widths) <= MAX_CONV_LAYERS and max(c.widths) <= 256),
        lambda c: tuple(min(width, 256) for width in c.widths[:MAX_CONV_LAYERS]) or (32, 32),
    ),
    Constraint(
        "loss",
        "mse: cross-entropy needs a sigmoid output and a method that minimizes a loss",
        lambda c: c.loss == "mse" or c.applies("loss"),
        lambda c: "mse",
    ),
)


def checked(config: RunConfig) -> RunConfig:
    """The config with its values in their own types, or `InvalidInput` for the first that cannot be used."""
    values: dict[str, Any] = {name: kind.parse(name, getattr(config, name)) for name, kind in KINDS.items()}
    parsed = RunConfig(**values)
    for constraint in CONSTRAINTS:
        constraint.check(parsed)
    return parsed


def repaired(config: RunConfig, limits: Iterable[Constraint] = ()) -> tuple[RunConfig, list[InvalidInput]]:
    """The config in which every violated constraint is repaired, then those of `limits`, which belong to the server
    that trains it (see `aelib.host.limits`); and a sentence for each."""
    problems: list[InvalidInput] = []
    for constraint in (*CONSTRAINTS, *limits):
        try:
            constraint.check(config)
        except InvalidInput as problem:
            problems.append(problem)
            config = replace(config, **{constraint.field_name: constraint.repair(config)})
    return config, problems
