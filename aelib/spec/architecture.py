"""The plan of a network: its layers as data, from which it is drawn, counted and built.

Nothing here needs torch, so the page can redraw the network while a slider moves. `aelib.nn.autoencoder`
turns a plan into a module. A new family is one function with `@family(...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from aelib.spec.images import IMAGE_SIDE, PIXELS

if TYPE_CHECKING:
    # What a network is made of is a part of what a run is, which names it.
    from aelib.spec.config import RunConfig

Shape = tuple[int, ...]
KERNEL = 3

# The settings that name the activation functions of layers.
ACTIVATION_FIELDS = ("hidden_activation", "code_activation", "output_activation")

INPUT_IMAGE: Shape = (1, IMAGE_SIDE, IMAGE_SIDE)


@dataclass(frozen=True)
class Layer:
    """One layer: "dense", "gaussian" (two dense ones side by side: mean and log variance of a normal distribution),
    "conv", "conv-transpose", "max-pool", "upsample" or "flatten".

    Shapes are without the batch: (features,) or (channels, height, width). `tied_to` is the index of
    the encoder layer whose transposed weights this one uses. `active`: only so many units, those with the largest
    values, keep theirs; the others are 0.
    """

    kind: str
    shape_in: Shape
    shape_out: Shape
    activation: str = "linear"
    stride: int = 1
    padding: int = KERNEL // 2
    tied_to: int | None = None
    active: int | None = None

    @property
    def parameters(self) -> dict[str, Shape]:
        """The shapes of its trainable arrays by the names that torch gives them; a tied layer has only a bias."""
        match self.kind:
            case "dense":
                dense = {"weight": (self.shape_out[0], self.shape_in[0]), "bias": self.shape_out}
                return dense if self.tied_to is None else {"bias": self.shape_out}
            case "gaussian":
                weight = (self.shape_out[0], self.shape_in[0])
                return {
                    f"{half}.{name}": shape
                    for half in ("mean", "log_variance")
                    for name, shape in (("weight", weight), ("bias", self.shape_out))
                }
            case "conv":
                return {
                    "weight": (self.shape_out[0], self.shape_in[0], KERNEL, KERNEL),
                    "bias": self.shape_out[:1],
                }
            case "conv-transpose":
                return {
                    "weight": (self.shape_in[0], self.shape_out[0], KERNEL, KERNEL),
                    "bias": self.shape_out[:1],
                }
            case _:
                return {}

    @property
    def weights(self) -> int:
        """Trainable numbers, biases included."""
        return sum(map(prod, self.parameters.values()))

    @property
    def units(self) -> int:
        return prod(self.shape_out)


@dataclass(frozen=True)
class Plan:
    """Encoder and decoder as layers, first to last."""

    encoder: tuple[Layer, ...]
    decoder: tuple[Layer, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        return self.encoder + self.decoder

    @property
    def weights(self) -> int:
        return sum(layer.weights for layer in self.layers)

    @property
    def parameters(self) -> dict[str, Shape]:
        """The shapes of all trainable arrays, named as in the module that `aelib.nn.autoencoder` builds: each
        layer there is two modules, itself and its activation."""
        return {
            f"{part}.{2 * index}.{name}": shape
            for part, layers in (("encoder", self.encoder), ("decoder", self.decoder))
            for index, layer in enumerate(layers)
            for name, shape in layer.parameters.items()
        }

    @property
    def input_shape(self) -> Shape:
        return self.encoder[0].shape_in

    @property
    def encoder_stages(self) -> tuple[int, ...]:
        """After how many of the encoder's layers each of its stages ends; the last ends with the code. A stage is a
        layer with weights and the pooling behind it; flattening changes no number and is none."""
        after = (*(layer.kind for layer in self.encoder[1:]), "")
        return tuple(
            count
            for count, (layer, following) in enumerate(zip(self.encoder, after, strict=True), 1)
            if layer.kind != "flatten" and following != "max-pool"
        )

    @property
    def output_units(self) -> int:
        """How many numbers the network gives back: 784, or 3 × 784 in colour."""
        return self.decoder[-1].units

    @property
    def code_shape(self) -> Shape:
        return self.encoder[-1].shape_out

    @property
    def code_units(self) -> int:
        """How many numbers the code has."""
        return prod(self.code_shape)

    @property
    def compression(self) -> float:
        """Pixels per number of the code; below 1 the code is larger than the image."""
        return PIXELS / self.code_units


Build = Callable[["RunConfig"], tuple[list[Layer], list[Layer]]]


@dataclass(frozen=True)
class Family:
    """A way to wire layers. `title` is for people; `vector_code`: is the code a vector of `code_size`
    numbers (else the last feature maps)? `build` makes the layers of encoder and decoder."""

    name: str
    title: str
    convolutional: bool
    vector_code: bool
    build: Build


FAMILIES: dict[str, Family] = {}


def family(name: str, title: str, *, convolutional: bool, vector_code: bool) -> Callable[[Build], Build]:
    """Registers a function that returns the layers of encoder and decoder."""

    def register(build: Build) -> Build:
        FAMILIES[name] = Family(name, title, convolutional, vector_code, build)
        return build

    return register


def _code(shape_in: Shape, config: RunConfig) -> Layer:
    """The layer that makes a code of `code_size` numbers."""
    shape = (config.code_size,)
    if config.variational:
        return Layer("gaussian", shape_in, shape)
    active = config.active_units if config.applies("active_units") else None
    return Layer("dense", shape_in, shape, config.code_activation, active=active)


@lru_cache(maxsize=256)
def plan(config: RunConfig) -> Plan:
    """The layers of `config`'s network."""
    encoder, decoder = FAMILIES[config.family].build(config)
    return Plan(tuple(encoder), tuple(decoder))


@family("dense", "Dense", convolutional=False, vector_code=True)
def _dense(config: RunConfig) -> tuple[list[Layer], list[Layer]]:
    hidden = config.widths[::-1] if config.decoder_widths is None else config.decoder_widths
    inward = (PIXELS, *config.widths)
    outward = (config.code_size, *hidden, config.planes * PIXELS)
    encoder = [Layer("dense", (a,), (b,), config.hidden_activation) for a, b in pairwise(inward)]
    encoder.append(_code((inward[-1],), config))
    last = len(outward) - 2
    decoder = [
        Layer(
            "dense",
            (a,),
            (b,),
            config.output_activation if index == last else config.hidden_activation,
            tied_to=last - index if config.tied else None,
        )
        for index, (a, b) in enumerate(pairwise(outward))
    ]
    return encoder, decoder


def _conv(shape: Shape, channels: int, activation: str, padding: int = KERNEL // 2, stride: int = 1) -> Layer:
    side = (shape[1] + 2 * padding - KERNEL) // stride + 1
    return Layer("conv", shape, (channels, side, side), activation, stride, padding)


def _pool(shape: Shape) -> Layer:
    side = -(-shape[1] // 2)
    return Layer("max-pool", shape, (shape[0], side, side), stride=2)


def _up(shape: Shape) -> Layer:
    return Layer("upsample", shape, (shape[0], 2 * shape[1], 2 * shape[2]), stride=2)


def _pooled_encoder(config: RunConfig) -> list[Layer]:
    layers: list[Layer] = []
    shape = INPUT_IMAGE
    for channels in config.widths:
        conv = _conv(shape, channels, config.hidden_activation)
        pool = _pool(conv.shape_out)
        layers += [conv, pool]
        shape = pool.shape_out
    return layers


@family("conv-pool", "Convolution, max-pooling", convolutional=True, vector_code=False)
def _conv_pool(config: RunConfig) -> tuple[list[Layer], list[Layer]]:
    """Convolution and max-pooling in turn; the decoder convolves and doubles.

    Where pooling rounded 7 up to 4, doubling gives 16 instead of 14: there the convolution is
    "valid" and trims the border, as in F. Chollet's "Building Autoencoders in Keras" (2016).
    """
    encoder = _pooled_encoder(config)
    decoder: list[Layer] = []
    shape = encoder[-1].shape_out
    for channels in reversed(config.widths):
        overhangs = shape[1] == 16
        conv = _conv(shape, channels, config.hidden_activation, padding=0 if overhangs else KERNEL // 2)
        up = _up(conv.shape_out)
        decoder += [conv, up]
        shape = up.shape_out
    decoder.append(_conv(shape, config.planes, config.output_activation))
    return encoder, decoder


@family("conv-stride", "Strided convolution", convolutional=True, vector_code=False)
def _conv_stride(config: RunConfig) -> tuple[list[Layer], list[Layer]]:
    """Fully convolutional without pooling: the first layer keeps the size, every further one halves it.

    The decoder's transposed convolutions double it again. Where there are three or more, the second
    refines at the same size, as in the reference (strides 1, 2, 2 | 2, 1, 2).
    """
    encoder: list[Layer] = []
    shape = INPUT_IMAGE
    for index, channels in enumerate(config.widths):
        encoder.append(_conv(shape, channels, config.hidden_activation, stride=1 if index == 0 else 2))
        shape = encoder[-1].shape_out
    # Sides to reach on the way back, smallest first: 28, 14, 7 in the encoder → 14, 14, 28.
    sides = [layer.shape_out[1] for layer in reversed(encoder[:-1])]
    refine_after = 1 if len(sides) >= 2 else len(sides)
    sides.insert(refine_after, sides[refine_after - 1] if sides else shape[1])
    decoder: list[Layer] = []
    for channels, side in zip(reversed(config.widths), sides, strict=True):
        stride = 1 if side == shape[1] else 2
        decoder.append(Layer("conv-transpose", shape, (channels, side, side), config.hidden_activation, stride))
        shape = decoder[-1].shape_out
    decoder.append(_conv(shape, config.planes, config.output_activation))
    return encoder, decoder


@family("conv-dense", "Convolution in, dense out", convolutional=True, vector_code=True)
def _conv_dense(config: RunConfig) -> tuple[list[Layer], list[Layer]]:
    """A convolutional encoder with pooling, a vector as code, and one dense layer back to the pixels."""
    encoder = _pooled_encoder(config)
    features = (prod(encoder[-1].shape_out),)
    encoder.append(Layer("flatten", encoder[-1].shape_out, features))
    encoder.append(_code(features, config))
    decoder = [Layer("dense", (config.code_size,), (config.planes * PIXELS,), config.output_activation)]
    return encoder, decoder
