"""What a training run is: a frozen `RunConfig`, and the `Knobs` that may move while it trains.

Everything that reaches the app from outside (URL, command line, uploads, environment) is checked
here, once, and a wrong value raises `InvalidInput`: one sentence that names the field, the value
and what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar
from urllib.parse import quote, unquote

IMAGE_SIDE = 28
PIXELS = IMAGE_SIDE * IMAGE_SIDE

ACTIVATIONS = ("linear", "relu", "leaky-relu", "elu", "tanh", "sigmoid")
# The settings that say what a layer bends with.
BENDING = ("hidden_activation", "code_activation", "output_activation")
REGULARIZERS = ("none", "l1", "l1-weights", "kl-sparsity", "k-sparse", "contractive", "variational", "weight-decay")
# Weights to begin with: a penalty that matters and does not rule.
USUAL_WEIGHTS = {
    "l1": 1e-4,
    "l1-weights": 1e-4,
    "kl-sparsity": 1e-3,
    "contractive": 1e-3,
    "variational": 1.0,
    "weight-decay": 1e-4,
}
METHODS = ("backprop", "stacked", "rbm", "recirculation")
# Methods that train one layer after the other before the whole network is fine-tuned.
LAYERWISE = ("stacked", "rbm")
LOSSES = ("mse", "bce")
OPTIMIZERS = ("adam", "sgd", "rmsprop", "rmsprop-tf1", "adadelta")
# What weights and biases are drawn from, see `aelib.models.initial_weights`.
WEIGHT_STARTS = ("glorot", "truncated-normal", "xavier-biases")
OUTPUT_STARTS = ("mean-pixel", "zero")
# How widths are written that are those of the encoder, last to first, and those of no layer at all.
MIRROR, NO_LAYERS = "mirror", "none"
PRECISIONS = ("auto", "float32", "bfloat16")
# Percent of the training images that may be of classes which the others are to be told from.
MOST_CONTAMINATION = 10


class InvalidInput(ValueError):
    """A value from outside that cannot be used.

    The message is one sentence fit to be shown to a user: field, value (shortened), what is allowed.
    """

    def __init__(self, field_name: str, value: object, allowed: str) -> None:
        # Whatever came from outside is shown on one line, without control characters.
        shown = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
        shown = shown if len(shown) <= 40 else shown[:37] + "…"
        super().__init__(f"{field_name}: “{shown}” is not valid; use {allowed}.")
        self.field_name, self.shown, self.allowed = field_name, shown, allowed

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[str, str, str]]:
        # It comes from workers, too.
        return InvalidInput, (self.field_name, self.shown, self.allowed)


@dataclass(frozen=True)
class Choice:
    """One of a few names, or of the names that a registry holds when it is asked."""

    names: tuple[str, ...] | Callable[[], tuple[str, ...]]

    @property
    def options(self) -> tuple[str, ...]:
        return self.names() if callable(self.names) else self.names

    def parse(self, name: str, value: object) -> str:
        text = str(value).strip().lower()
        if text not in self.options:
            raise InvalidInput(name, value, "one of " + ", ".join(self.options))
        return text


@dataclass(frozen=True)
class Whole:
    """An integer in [low, high]."""

    low: int
    high: int

    def parse(self, name: str, value: object) -> int:
        allowed = f"an integer from {self.low:,} to {self.high:,}"
        try:
            number = float(str(value))
        except ValueError:
            raise InvalidInput(name, value, allowed) from None
        if not (math.isfinite(number) and number.is_integer() and self.low <= number <= self.high):
            raise InvalidInput(name, value, allowed)
        return int(number)


@dataclass(frozen=True)
class Real:
    """A finite number in [low, high]."""

    low: float
    high: float

    def parse(self, name: str, value: object) -> float:
        allowed = f"a number from {self.low:g} to {self.high:g}"
        try:
            number = float(str(value))
        except ValueError:
            raise InvalidInput(name, value, allowed) from None
        if not (math.isfinite(number) and self.low <= number <= self.high):
            raise InvalidInput(name, value, allowed)
        return number


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    words: ClassVar[dict[str, bool]] = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}

    def parse(self, name: str, value: object) -> bool:
        try:
            return self.words[str(value).strip().lower()]
        except KeyError:
            raise InvalidInput(name, value, "true or false") from None


@dataclass(frozen=True)
class Widths:
    """Hidden layer widths, e.g. "256,128": at most `longest` integers, each 1 to `widest`; "none" or nothing at
    all where there is no hidden layer."""

    longest: int
    widest: int

    def parse(self, name: str, value: object) -> tuple[int, ...]:
        allowed = f"up to {self.longest} integers from 1 to {self.widest:,}, such as 256,128"
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, Iterable):
            raise InvalidInput(name, value, allowed)
        words = [str(part).strip() for part in parts]
        words = [] if words in ([""], [NO_LAYERS]) else words
        if len(words) > self.longest:
            raise InvalidInput(name, value, allowed)
        try:
            return tuple(Whole(1, self.widest).parse(name, word) for word in words)
        except InvalidInput:
            raise InvalidInput(name, value, allowed) from None


@dataclass(frozen=True)
class WidthsOrMirror:
    """Hidden layer widths as `Widths` has them; or None, in text "mirror" or nothing at all: those of the encoder, last
    to first."""

    widths: Widths

    def parse(self, name: str, value: object) -> tuple[int, ...] | None:
        text = value.strip().lower() if isinstance(value, str) else value
        if text in (None, "", MIRROR):
            return None
        try:
            return self.widths.parse(name, text)
        except InvalidInput as problem:
            raise InvalidInput(name, value, f"{MIRROR}, {NO_LAYERS}, or {problem.allowed}") from None


@dataclass(frozen=True)
class Name:
    """A short identifier: letters, digits, '-' and '_'. Whether it exists is for the registry to say."""

    def parse(self, name: str, value: object) -> str:
        text = str(value).strip().lower()
        if not (0 < len(text) <= 64 and text.replace("-", "").replace("_", "").isalnum() and text.isascii()):
            raise InvalidInput(name, value, "a name of up to 64 letters, digits and hyphens")
        return text


@dataclass(frozen=True)
class DatasetName:
    """The name of a data set, or of a part of one: `NAME`, `NAME:CLASSES` or `NAME:CLASSES:PERCENT`.

    `mnist:0,1,2` holds the images of these classes alone. `mnist:0,1,2:5` is trained on them, too, but 5 % of its
    training images are of the other classes. Classes are written by their names, in which all but letters, digits and
    "-_.~" is percent-encoded, as in a URL. Whether all of that exists is for the registry to say.
    """

    longest: ClassVar[int] = 2_000

    def parse(self, name: str, value: object) -> str:
        allowed = (
            "the name of a dataset, also with some of its classes, as in mnist:0,1,2, or with a percentage of "
            f"contamination from 1 to {MOST_CONTAMINATION}, as in mnist:0,1,2:5"
        )
        whole, *rest = str(value).strip().split(":")
        if not rest:
            return Name().parse(name, whole)
        classes = [quote(unquote(one).strip(), safe="", errors="replace") for one in rest[0].split(",")]
        try:
            percent = Whole(0, MOST_CONTAMINATION).parse(name, rest[1]) if len(rest) > 1 else 0
            parts = [Name().parse(name, whole), ",".join(dict.fromkeys(classes)), *([str(percent)] if percent else [])]
        except InvalidInput:
            raise InvalidInput(name, value, allowed) from None
        parsed = ":".join(parts)
        if len(rest) > 2 or not all(classes) or len(parsed) > self.longest:
            raise InvalidInput(name, value, allowed)
        return parsed


def _families() -> tuple[str, ...]:
    from aelib.architecture import FAMILIES

    return tuple(FAMILIES)


def _corruptions() -> tuple[str, ...]:
    from aelib.corruptions import CORRUPTIONS

    return ("none", *CORRUPTIONS)


Kind = Choice | Whole | Real | Flag | Widths | WidthsOrMirror | Name | DatasetName


def _setting(default: Any, kind: Kind) -> Any:
    return field(default=default, metadata={"kind": kind})


@dataclass(frozen=True)
class RunConfig:
    """Everything that is fixed when a run starts. Two runs with equal configs train identically.

    `corruption_level` is a measure of its own for each corruption, see `aelib.corruptions`. `colour`:
    the network gives the picture back in the hue of its class, as three planes (red, green, blue).
    `epochs` is the budget: one epoch shows every training image once; with `max_steps` above 0, it is so many
    batches instead. `frozen_noise`: each training image is corrupted once for all epochs, instead of anew each time it
    is shown. `decoder_widths`: hidden layers of a dense decoder, first to last; None: `widths`, last to first. For the
    convolutional families `widths` are channels; `code_size` matters where the code is a vector ("dense",
    "conv-dense"), elsewhere the last feature map is the code. `method`: how weights learn; "stacked" and "rbm" spend
    `pretrain_epochs` on each layer, out of the budget. `sparsity_target`: the rate at which units are to fire under
    "kl-sparsity"; `active_units`: how many may speak at a picture under "k-sparse".
    """

    dataset: str = _setting("mnist", DatasetName())
    recipe: str = _setting("custom", Name())
    family: str = _setting("dense", Choice(_families))
    widths: tuple[int, ...] = _setting((128,), Widths(longest=6, widest=4096))
    decoder_widths: tuple[int, ...] | None = _setting(None, WidthsOrMirror(Widths(longest=6, widest=4096)))
    code_size: int = _setting(32, Whole(2, 1024))
    hidden_activation: str = _setting("relu", Choice(ACTIVATIONS))
    code_activation: str = _setting("relu", Choice(ACTIVATIONS))
    output_activation: str = _setting("sigmoid", Choice(ACTIVATIONS))
    tied: bool = _setting(False, Flag())
    corruption: str = _setting("none", Choice(_corruptions))
    corruption_level: float = _setting(0.25, Real(0.0, 1.0))
    frozen_noise: bool = _setting(False, Flag())
    noisy_target: bool = _setting(False, Flag())
    colour: bool = _setting(False, Flag())
    regularizer: str = _setting("none", Choice(REGULARIZERS))
    regularizer_weight: float = _setting(1e-4, Real(0.0, 10.0))
    sparsity_target: float = _setting(0.05, Real(0.001, 0.5))
    active_units: int = _setting(16, Whole(1, 1024))
    method: str = _setting("backprop", Choice(METHODS))
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
        from aelib.architecture import FAMILIES

        return FAMILIES[self.family].convolutional

    @property
    def vector_code(self) -> bool:
        """Is the code a vector of `code_size` numbers (else a stack of feature maps)?"""
        from aelib.architecture import FAMILIES

        return FAMILIES[self.family].vector_code

    @property
    def variational(self) -> bool:
        """Is the code a normal distribution, of which training draws?"""
        return self.regularizer == "variational"

    @property
    def priced(self) -> bool:
        """Is there a term beside the loss?"""
        return self.applies("regularizer_weight")

    @property
    def planes(self) -> int:
        """How many numbers the output has for a pixel: 1, or in colour 3, plane after plane."""
        return 3 if self.colour else 1

    @property
    def task(self) -> str:
        """What the network is to do: "copy", "colour", or to mend a corruption: "noise", "gap", "resolution"."""
        from aelib.corruptions import CORRUPTIONS

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
        from aelib.corruptions import CORRUPTIONS

        match name:
            case "decoder_widths":
                return self.family == "dense" and not self.tied and self.method == "backprop"
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
            case "regularizer_weight":
                return self.regularizer not in ("none", "k-sparse")
            case "sparsity_target":
                return self.regularizer == "kl-sparsity"
            case "active_units":
                return self.regularizer == "k-sparse"
            case "output_start":
                return self.output_activation == "sigmoid"
            case "loss":
                return self.output_activation == "sigmoid" and self.method != "recirculation"
            case "method":
                return self.family == "dense" and not self.colour
            case "pretrain_epochs":
                return self.method in LAYERWISE
            case "cd_rate" | "cd_steps" | "persistent":
                return self.method == "rbm"
            case "optimizer" | "regularizer":
                return self.method != "recirculation"
            case _:
                return True

    def checked(self) -> RunConfig:
        """This config with its values in their own types, or `InvalidInput` for the first that cannot be used."""
        values: dict[str, Any] = {name: kind.parse(name, getattr(self, name)) for name, kind in KINDS.items()}
        parsed = RunConfig(**values)
        for rule in RULES:
            rule.check(parsed)
        return parsed


KINDS: dict[str, Kind] = {f.name: f.metadata["kind"] for f in fields(RunConfig)}


@dataclass(frozen=True)
class Rule:
    """A condition between fields; `repair` is the nearest value of `field_name` that meets it."""

    field_name: str
    allowed: str
    holds: Callable[[RunConfig], bool]
    repair: Callable[[RunConfig], Any]

    def check(self, config: RunConfig) -> None:
        if not self.holds(config):
            raise InvalidInput(self.field_name, _as_text(getattr(config, self.field_name)), self.allowed)


MAX_CONV_LAYERS = 4


RULES = (
    # First, because an untied network has more weights.
    Rule(
        "tied",
        "false: tied weights need a dense, greyscale network that is not variational",
        lambda c: not c.tied or c.applies("tied"),
        lambda c: False,
    ),
    Rule(
        "method",
        "backprop: layer-wise pretraining, RBMs and recirculation need a dense, greyscale network",
        lambda c: c.method == "backprop" or c.applies("method"),
        lambda c: "backprop",
    ),
    Rule(
        "decoder_widths",
        "mirror: a decoder of its own needs a dense network with untied weights, trained by backprop",
        lambda c: c.decoder_widths is None or c.applies("decoder_widths"),
        lambda c: None,
    ),
    Rule(
        "regularizer",
        "none: recirculation does not support regularization",
        lambda c: c.regularizer == "none" or c.applies("regularizer"),
        lambda c: "none",
    ),
    Rule(
        "regularizer",
        "another one, or none: a variational code needs end-to-end training by backprop",
        lambda c: not c.variational or c.method == "backprop",
        lambda c: "none",
    ),
    Rule(
        "regularizer",
        "none, l1, l1-weights, contractive or weight-decay: a code of feature maps supports no others",
        lambda c: c.vector_code or c.regularizer in ("none", "l1", "l1-weights", "contractive", "weight-decay"),
        lambda c: "none",
    ),
    Rule(
        "active_units",
        "at most as many as there are latent dimensions",
        lambda c: c.regularizer != "k-sparse" or c.active_units <= c.code_size,
        lambda c: c.code_size,
    ),
    Rule(
        "code_activation",
        "sigmoid: KL sparsity needs activations between 0 and 1",
        lambda c: c.regularizer != "kl-sparsity" or c.code_activation == "sigmoid",
        lambda c: "sigmoid",
    ),
    *(
        Rule(
            name,
            "sigmoid: RBM pretraining needs sigmoid units",
            lambda c, name=name: c.method != "rbm" or getattr(c, name) == "sigmoid",  # type: ignore[misc]
            lambda c: "sigmoid",
        )
        for name in BENDING
    ),
    Rule(
        "corruption",
        "none: recirculation does not support corruption",
        lambda c: c.corruption == "none" or c.method != "recirculation",
        lambda c: "none",
    ),
    Rule(
        "widths",
        "none: recirculation trains a single layer",
        lambda c: not c.widths or c.method != "recirculation",
        lambda c: (),
    ),
    Rule(
        "widths",
        f"1 to {MAX_CONV_LAYERS} layers of at most 256 channels: the architecture is convolutional",
        lambda c: not c.convolutional or (1 <= len(c.widths) <= MAX_CONV_LAYERS and max(c.widths) <= 256),
        lambda c: tuple(min(width, 256) for width in c.widths[:MAX_CONV_LAYERS]) or (32, 32),
    ),
    Rule(
        "loss",
        "mse: cross-entropy needs a sigmoid output and a method that minimizes a loss",
        lambda c: c.loss == "mse" or c.applies("loss"),
        lambda c: "mse",
    ),
)


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


def _with(config: RunConfig, name: str, value: Any) -> RunConfig:
    return replace(config, **{name: value})


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


def _as_text(value: Any) -> str:
    if value is None:
        return MIRROR
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or NO_LAYERS
    return str(value).lower() if isinstance(value, bool) else str(value)


def _base(recipe: str) -> RunConfig:
    from aelib.recipes import RECIPES

    return RECIPES[recipe].config if recipe in RECIPES else RunConfig()


def to_query(config: RunConfig) -> dict[str, str]:
    """The config as URL parameters: data set, recipe, and whatever differs from the recipe."""
    base = _base(config.recipe)
    query = {"dataset": config.dataset, "recipe": config.recipe}
    different = {name for name in KINDS if getattr(config, name) != getattr(base, name)}
    # What reading these takes away has to be written, too.
    base = with_changes(base, {name: getattr(config, name) for name in different & {"widths", "epochs"}})
    different |= {name for name in KINDS if getattr(config, name) != getattr(base, name)}
    for name in KINDS:
        if name not in query and name in different:
            query[name] = _as_text(getattr(config, name))
    return query


def from_query(
    query: Mapping[str, object], default: RunConfig | None = None, limits: Iterable[Rule] = ()
) -> tuple[RunConfig, list[InvalidInput]]:
    """The config that URL parameters describe, and a sentence for every one that had to be dropped.

    Parameters that are no field are left alone: a URL carries other things, too. `limits`: see `repaired`.
    """
    from aelib.recipes import RECIPES

    problems: list[InvalidInput] = []
    config = default or RunConfig()
    if "recipe" in query:
        recipe = str(query["recipe"]).strip().lower()
        if recipe in RECIPES:
            config = replace(RECIPES[recipe].config, dataset=config.dataset)
        elif recipe == "custom":
            config = RunConfig(dataset=config.dataset)
        else:
            problems.append(InvalidInput("recipe", query["recipe"], "one of custom, " + ", ".join(RECIPES)))
    changes: dict[str, Any] = {}
    for name, kind in KINDS.items():
        if name in query and name != "recipe":
            try:
                changes[name] = kind.parse(name, query[name])
            except InvalidInput as problem:
                problems.append(problem)
    config, conflicts = repaired(with_changes(config, changes), limits)
    return config, problems + conflicts


def repaired(config: RunConfig, limits: Iterable[Rule] = ()) -> tuple[RunConfig, list[InvalidInput]]:
    """The config with every broken rule between its fields mended, and then what is beyond `limits`, rules of the
    place where it is to be trained (see `aelib.limits`); and a sentence for each."""
    problems: list[InvalidInput] = []
    for rule in (*RULES, *limits):
        try:
            rule.check(config)
        except InvalidInput as problem:
            problems.append(problem)
            config = _with(config, rule.field_name, rule.repair(config))
    return config, problems


def to_json(config: RunConfig) -> dict[str, Any]:
    return {name: list(v) if isinstance(v := getattr(config, name), tuple) else v for name in KINDS}


def from_json(values: Mapping[str, Any]) -> RunConfig:
    """The inverse of `to_json`. Raises `InvalidInput` for values that no config can have."""
    if not isinstance(values, Mapping):
        raise InvalidInput("config", values, "an object of settings")
    parsed: dict[str, Any] = {name: kind.parse(name, values[name]) for name, kind in KINDS.items() if name in values}
    return RunConfig(**parsed).checked()
