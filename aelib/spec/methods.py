"""How weights are trained, as far as the settings and the pages need to know. A new training method is an entry here,
and under the same name a learning rule in `aelib.train.rules`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aelib.spec.architecture import ACTIVATION_FIELDS
from aelib.spec.fields import Constraint, must_be

# The only method that trains every network; it also fine-tunes networks that were pretrained layer by layer.
BACKPROP = "backprop"


@dataclass(frozen=True)
class Method:
    """`title` and `help` (a sentence) are shown on the pages.

    `follows_gradient`: do weights change only along the gradient of a loss? `layerwise`: is one layer trained after the
    other before `BACKPROP` trains all of them together? `free_energy`: are its layers restricted Boltzmann machines,
    whose free energy can be measured? `fields`: settings that have an effect only with it. `settings`: those that
    choosing it on a page changes. `constraints`: checked only where it is chosen.
    """

    name: str
    title: str
    help: str
    follows_gradient: bool = False
    layerwise: bool = False
    free_energy: bool = False
    fields: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    constraints: tuple[Constraint, ...] = ()

    @property
    def minimizes_loss(self) -> bool:
        """Is a loss minimized by an optimizer, at least while all layers are fine-tuned?"""
        return self.follows_gradient or self.layerwise

    def has_effect_on(self, field_name: str) -> bool:
        """Has this setting, which belongs to methods, an effect with this one?"""
        return field_name in self.fields or (field_name == "pretrain_epochs" and self.layerwise)


METHODS: dict[str, Method] = {}


def register(method: Method) -> None:
    METHODS[method.name] = method


register(Method(BACKPROP, "backpropagation", "All layers are trained end to end.", follows_gradient=True))

register(
    Method(
        "stacked",
        "greedy layer-wise",
        "Each layer is pretrained alone, then all are fine-tuned together.",
        follows_gradient=True,
        layerwise=True,
    )
)

register(
    Method(
        "rbm",
        "stacked RBMs",
        "Each layer is pretrained as a restricted Boltzmann machine, then the stack is unrolled and fine-tuned.",
        layerwise=True,
        free_energy=True,
        fields=("cd_rate", "cd_steps", "persistent"),
        settings=dict.fromkeys(ACTIVATION_FIELDS, "sigmoid"),
        constraints=tuple(
            must_be(name, "sigmoid", "RBM pretraining needs sigmoid units") for name in ACTIVATION_FIELDS
        ),
    )
)

register(
    Method(
        "recirculation",
        "recirculation",
        "A local rule without backpropagated gradients.",
        constraints=(
            must_be("corruption", "none", "recirculation does not support corruption"),
            must_be("widths", (), "recirculation trains a single layer"),
        ),
    )
)
