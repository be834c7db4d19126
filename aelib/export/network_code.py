"""A network as a textbook writes it in PyTorch: its modules, and what its parameters are called there."""

from __future__ import annotations

from dataclasses import dataclass, field

from aelib.spec.architecture import KERNEL, Layer, plan
from aelib.spec.config import RunConfig
from aelib.spec.images import IMAGE_SIDE
from aelib.spec.methods import METHODS

ACTIVATIONS = {
    "linear": "nn.Identity()",
    "relu": "nn.ReLU()",
    "leaky-relu": "nn.LeakyReLU()",
    "elu": "nn.ELU()",
    "tanh": "nn.Tanh()",
    "sigmoid": "nn.Sigmoid()",
}


@dataclass
class NetworkCode:
    """`encoder`, `decoder`: the modules, a line each; a Gaussian code's two layers are none of them. `names`: for each
    parameter of `aelib.nn.autoencoder.Autoencoder`, in its order, what it is called in the script. `code_layer`,
    `output_layer`: the modules that make the code and the output, without their activations."""

    encoder: list[str] = field(default_factory=list)
    decoder: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    code_layer: str = ""
    output_layer: int = 0


def network_code(config: RunConfig) -> NetworkCode:
    """The modules of a config's network."""
    network, code = plan(config), NetworkCode()
    # Layers that are trained one after another are found by their places: each is a module and its activation.
    in_pairs = METHODS[config.method].layerwise
    places: list[int] = []
    for part, layers, modules in (
        ("encoder", network.encoder, code.encoder),
        ("decoder", network.decoder, code.decoder),
    ):
        if config.convolutional and part == "encoder":
            modules.append(f"nn.Unflatten(1, (1, {IMAGE_SIDE}, {IMAGE_SIDE}))")
        for index, layer in enumerate(layers):
            place = f"{part}.{len(modules)}"
            if layer.kind == "gaussian":
                code.names |= {f"{part}.{2 * index}.{name}": name for name in layer.parameters}
                code.code_layer = "mean"
                continue
            if part == "encoder":
                places.append(len(modules))
            code.names |= {f"{part}.{2 * index}.{name}": f"{place}.{name}" for name in layer.parameters}
            if layer.parameters and part == "encoder":
                code.code_layer = f"encoder[{len(modules)}]"
            elif layer.parameters:
                code.output_layer = len(modules)
            modules.append(_module(layer, places))
            if len(layer.shape_out) == 3 and layer is layers[-1] and part == "decoder":
                modules.append("nn.Flatten()")
            modules += _activation(layer, in_pairs)
    return code


def _module(layer: Layer, places: list[int]) -> str:
    stride = f", stride={layer.stride}" if layer.stride != 1 else ""
    match layer.kind:
        case "dense" if layer.tied_to is not None:
            return f"Tied(self.encoder[{places[layer.tied_to]}])"
        case "dense":
            return f"nn.Linear({layer.shape_in[0]}, {layer.shape_out[0]})"
        case "conv":
            padding = f", padding={layer.padding}" if layer.padding else ""
            return f"nn.Conv2d({layer.shape_in[0]}, {layer.shape_out[0]}, {KERNEL}{stride}{padding})"
        case "conv-transpose":
            more = f"{stride}, padding={layer.padding}"
            if extra := output_padding(layer):
                more += f", output_padding={extra}"
            return f"nn.ConvTranspose2d({layer.shape_in[0]}, {layer.shape_out[0]}, {KERNEL}{more})"
        case "max-pool":
            return "nn.MaxPool2d(2, ceil_mode=True)"
        case "upsample":
            return "nn.Upsample(scale_factor=2)"
        case "flatten":
            return "nn.Flatten()"
    raise AssertionError(layer.kind)


def output_padding(layer: Layer) -> int:
    """How many rows and columns a transposed convolution adds to the least that its kernel makes."""
    smallest = (layer.shape_in[1] - 1) * layer.stride - 2 * layer.padding + KERNEL
    return layer.shape_out[1] - smallest


def _activation(layer: Layer, in_pairs: bool) -> list[str]:
    found = [] if layer.activation == "linear" else [ACTIVATIONS[layer.activation]]
    if layer.active is not None:
        found.append(f"Largest({layer.active})")
    if not in_pairs:
        return found
    match found:
        case []:
            return [ACTIVATIONS["linear"]]
        case [one]:
            return [one]
    return [f"nn.Sequential({', '.join(found)})"]
