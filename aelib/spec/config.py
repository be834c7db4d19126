"""What a training run is: a frozen `RunConfig`, and the `Knobs` that may move while it trains."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from aelib.spec.architecture import FAMILIES
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.fields import Choice, DatasetName, Flag, Kind, Name, Real, Whole, Widths, WidthsOrMirror
from aelib.spec.methods import BACKPROP, METHODS
from aelib.spec.regularizers import REGULARIZERS

ACTIVATIONS = ("linear", "relu", "leaky-relu", "elu", "tanh", "sigmoid")
LOSSES = ("mse", "bce")
OPTIMIZERS = ("adam", "sgd", "rmsprop", "rmsprop-tf1", "adadelta")
# What weights and biases are drawn from, see `aelib.nn.autoencoder.initial_weights`.
WEIGHT_STARTS = ("glorot", "truncated-normal", "xavier-biases")
OUTPUT_STARTS = ("mean-pixel", "zero")
PRECISIONS = ("auto", "float32", "bfloat16")


def _setting(default: Any, kind: Kind) -> Any:
    return field(default=default, metadata={"kind": kind})


@dataclass(frozen=True)
class RunConfig:
    """Everything that is fixed when a run starts. Two runs with equal configs train identically.

    `corruption_level` is a measure of its own for each corruption, see `aelib.spec.corruptions`. `colour`:
    the network reconstructs the image in the hue of its class, as three planes (red, green, blue).
    `epochs` is the budget: one epoch shows every training image once; with `max_steps` above 0, it is so many
    batches instead. `frozen_noise`: each training image is corrupted once for all epochs, instead of again each time it
    is shown. `decoder_widths`: hidden layers of a dense decoder, first to last; None: `widths`, last to first. For the
    convolutional families `widths` are channels; `code_size` matters where the code is a vector ("dense",
    "conv-dense"), elsewhere the last feature map is the code. `method`: how weights are
    trained, see `aelib.spec.methods`; layer-wise methods spend `pretrain_epochs` on each layer, out of the budget.
    `regularizer`: see `aelib.spec.regularizers`; `sparsity_target`: the mean activation of units that "kl-sparsity"
    aims at; `active_units`: how many units are active for an image with "k-sparse".
    """

    dataset: str = _setting("mnist", DatasetName())
    recipe: str = _setting("custom", Name())
    family: str = _setting("dense", Choice(lambda: tuple(FAMILIES)))
    widths: tuple[int, ...] = _setting((128,), Widths(longest=6, widest=4096))
    decoder_widths: tuple[int, ...] | None = _setting(None, WidthsOrMirror(Widths(longest=6, widest=4096)))
    code_size: int = _setting(32, Whole(2, 1024))
    hidden_activation: str = _setting("relu", Choice(ACTIVATIONS))
    code_activation: str = _setting("relu", Choice(ACTIVATIONS))
    output_activation: str = _setting("sigmoid", Choice(ACTIVATIONS))
    tied: bool = _setting(False, Flag())
    corruption: str = _setting("none", Choice(lambda: ("none", *CORRUPTIONS)))
    corruption_level: float = _setting(0.25, Real(0.0, 1.0))
    frozen_noise: bool = _setting(False, Flag())
    noisy_target: bool = _setting(False, Flag())
    colour: bool = _setting(False, Flag())
    regularizer: str = _setting("none", Choice(lambda: tuple(REGULARIZERS)))
    regularizer_weight: float = _setting(1e-4, Real(0.0, 10.0))
    sparsity_target: float = _setting(0.05, Real(0.001, 0.5))
    active_units: int = _setting(16, Whole(1, 1024))
    method: str = _setting(BACKPROP, Choice(lambda: tuple(METHODS)))
    pretrain_epochs: int = _setting(2, Whole(1, 100))
    cd_rate: float = _setting(0.05, Real(1e-6, 10.0))
    cd_steps: int = _setting(1, Whole(1, 25))
    persistent: bool = _setting(False, Flag())
    loss: str = _setting("mse", Choice(LOSSES))
    optimizer: str = _setting("adam", Choice(OPTIMIZERS))
    learning_rate: float = _setting(1e-3, Real(1e-6, 10.0))
    batch_size: int = _setting(256, Whole(1, 4096))
    epochs: int = _setting(10, Whole(1, 100_000))
    max_steps: int = _setting(0, Whole(0, 10_000_000))
    seed: int = _setting(0, Whole(0, 2**31 - 1))
    weight_start: str = _setting("glorot", Choice(WEIGHT_STARTS))
    output_start: str = _setting("mean-pixel", Choice(OUTPUT_STARTS))
    precision: str = _setting("auto", Choice(PRECISIONS))

    @property
    def convolutional(self) -> bool:
        return FAMILIES[self.family].convolutional

    @property
    def vector_code(self) -> bool:
        """Is the code a vector of `code_size` numbers (else a stack of feature maps)?"""
        return FAMILIES[self.family].vector_code

    @property
    def variational(self) -> bool:
        """Is the code a normal distribution, sampled in training?"""
        return REGULARIZERS[self.regularizer].gaussian_code

    @property
    def has_penalty(self) -> bool:
        """Is a penalty minimized together with the loss?"""
        return self.applies("regularizer_weight")

    @property
    def planes(self) -> int:
        """How many numbers the output has for a pixel: 1, or in colour 3, plane after plane."""
        return 3 if self.colour else 1

    @property
    def task(self) -> str:
        """What the network is to do: "copy", "colour", or to repair a corruption: "noise", "gap", "resolution"."""
        if self.colour:
            return "colour"
        return "copy" if self.corruption == "none" else CORRUPTIONS[self.corruption].task

    def batch(self, train_count: int) -> int:
        """How many of `train_count` images a step learns from: where there are fewer than `batch_size`, all of them."""
        return min(self.batch_size, train_count)

    def steps(self, train_count: int, epochs: float | None = None) -> int:
        """The budget in batches, or how many batches show every one of `train_count` images `epochs` times."""
        if epochs is None and self.max_steps:
            return self.max_steps
        return math.ceil((self.epochs if epochs is None else epochs) * train_count / self.batch(train_count))

    def applies(self, name: str) -> bool:
        """Does the field `name` make any difference, given the others? What does not is not shown."""
        match name:
            case "decoder_widths":
                return self.family == "dense" and not self.tied and self.method == BACKPROP
            case "epochs":
                return not self.max_steps
            case "max_steps":
                return bool(self.max_steps)
            case "code_size":
                return self.vector_code
            case "hidden_activation":
                return bool(self.widths or self.decoder_widths)
            case "code_activation":
                return self.vector_code and not self.variational
            case "tied":
                return self.family == "dense" and not self.colour and not self.variational
            case "corruption_level" | "noisy_target":
                return self.corruption != "none"
            case "frozen_noise":
                return self.corruption != "none" and CORRUPTIONS[self.corruption].random
            case "regularizer_weight" | "sparsity_target" | "active_units":
                return REGULARIZERS[self.regularizer].has_effect_on(name)
            case "output_start":
                return self.output_activation == "sigmoid"
            case "loss":
                return self.output_activation == "sigmoid" and METHODS[self.method].minimizes_loss
            case "method":
                return self.family == "dense" and not self.colour
            case "pretrain_epochs" | "cd_rate" | "cd_steps" | "persistent":
                return METHODS[self.method].has_effect_on(name)
            case "optimizer" | "regularizer":
                return METHODS[self.method].minimizes_loss
            case _:
                return True


KINDS: dict[str, Kind] = {f.name: f.metadata["kind"] for f in fields(RunConfig)}


@dataclass(frozen=True)
class Knobs:
    """What may be turned while a run trains: the next slice gets the new values."""

    learning_rate: float
    corruption_level: float
    regularizer_weight: float
    sparsity_target: float
    active_units: int
    cd_rate: float

    @classmethod
    def of(cls, config: RunConfig) -> Knobs:
        return cls(**{name: getattr(config, name) for name in KNOBS})


KNOBS = tuple(f.name for f in fields(Knobs))


def with_knobs(config: RunConfig, knobs: Knobs) -> RunConfig:
    return replace(config, **{name: getattr(knobs, name) for name in KNOBS})


def same_run(a: RunConfig, b: RunConfig) -> bool:
    """Do two configs differ in nothing but live knobs?"""
    return with_knobs(a, Knobs.of(b)) == b


def with_changes(config: RunConfig, changes: Mapping[str, Any]) -> RunConfig:
    """The config with the fields that a link, a command or a control names changed.

    What was chosen beside the old value of one of them goes with it, unless `changes` name it, too: other `widths` of
    the encoder leave no decoder of its own, and where `epochs` are asked for, they are the budget.
    """
    gone: dict[str, Any] = {}
    if changes.get("widths", config.widths) != config.widths:
        gone["decoder_widths"] = None
    if "epochs" in changes:
        gone["max_steps"] = 0
    return replace(config, **gone | dict(changes))
