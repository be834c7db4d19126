"""From a plan to a torch module: `Autoencoder` with `encode`, `decode` and `forward`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aelib.spec.architecture import KERNEL, Layer, Plan, plan
from aelib.spec.config import RunConfig

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "linear": nn.Identity,
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}

# tflearn's standard deviation of the normal distribution that weights are drawn from.
SPREAD = 0.02

_aten = torch.ops.aten
# How a gradient [B, units] with respect to an activation's values is carried back through it, told from it and the
# values. What autograd does, and can itself be differentiated.
PULL_BACKS: dict[type[nn.Module], Callable[[Tensor, Tensor], Tensor]] = {
    nn.Identity: lambda gradient, value: gradient,
    nn.ReLU: lambda gradient, value: _aten.threshold_backward(gradient, value, 0),
    nn.LeakyReLU: lambda gradient, value: _aten.leaky_relu_backward(gradient, value, 0.01, True),
    nn.ELU: lambda gradient, value: _aten.elu_backward(gradient, 1, 1, 1, True, value),
    nn.Tanh: _aten.tanh_backward,
    nn.Sigmoid: _aten.sigmoid_backward,
}


class TiedDense(nn.Module):
    """A dense layer with the transposed weights of another one and a bias of its own."""

    def __init__(self, source: nn.Linear) -> None:
        super().__init__()
        # In a tuple, so that the other layer's weights are not registered here a second time.
        self._source = (source,)
        self.bias = nn.Parameter(torch.empty(source.in_features))

    @property
    def source(self) -> nn.Linear:
        return self._source[0]

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.source.weight.t(), self.bias)


class ConvTranspose(nn.ConvTranspose2d):
    """A transposed convolution whose bias is added by itself: within it, the bias' gradient takes oneDNN as long as all
    the others."""

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        y = F.conv_transpose2d(x, self.weight, None, self.stride, self.padding, self.output_padding)  # type: ignore[arg-type]
        assert self.bias is not None
        return y.add_(self.bias.to(y.dtype).view(-1, 1, 1))


class ToPixels(nn.Conv2d):
    """A convolution of stride 1 from many channels to the one or three of an image.

    It is computed as what it also is, a transposed convolution with the kernel turned around: for so few channels
    oneDNN takes 0.6 of the time for forward and backward together.
    """

    def forward(self, x: Tensor) -> Tensor:
        turned = self.weight.transpose(0, 1).flip(2, 3)
        return F.conv_transpose2d(x, turned, self.bias, padding=KERNEL - 1 - int(self.padding[0]))


class Gaussian(nn.Module):
    """Mean and log variance [B, units] of a normal distribution; what comes out by itself is the mean."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.mean = nn.Linear(features, units)
        self.log_variance = nn.Linear(features, units)

    def forward(self, x: Tensor) -> Tensor:
        mean: Tensor = self.mean(x)
        return mean


def sample_code(mean: Tensor, log_variance: Tensor, generator: torch.Generator) -> Tensor:
    """Codes [B, units] sampled from normal distributions, differentiable in both parameters: the reparameterization of
    D. Kingma and M. Welling 2014, "Auto-Encoding Variational Bayes"."""
    noise = torch.randn(mean.shape, generator=generator, device=mean.device)
    return mean + (0.5 * log_variance).exp() * noise


class Largest(nn.Module):
    """Leaves the `count` largest numbers of each row [B, units] and makes the others 0.

    Source: A. Makhzani and B. Frey 2013, "k-Sparse Autoencoders".
    """

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, x: Tensor) -> Tensor:
        largest, where = x.topk(self.count, dim=1)
        return torch.zeros_like(x).scatter(1, where, largest)


def _activation(layer: Layer) -> nn.Module:
    activation = ACTIVATIONS[layer.activation]()
    return activation if layer.active is None else nn.Sequential(activation, Largest(layer.active))


def _module(layer: Layer, encoder: list[nn.Module]) -> nn.Module:
    match layer.kind:
        case "dense" if layer.tied_to is not None:
            source = encoder[layer.tied_to]
            assert isinstance(source, nn.Linear)
            return TiedDense(source)
        case "dense":
            return nn.Linear(layer.shape_in[0], layer.shape_out[0])
        case "gaussian":
            return Gaussian(layer.shape_in[0], layer.shape_out[0])
        case "conv":
            kind = ToPixels if layer.shape_out[0] <= 3 and layer.stride == 1 else nn.Conv2d
            return kind(layer.shape_in[0], layer.shape_out[0], KERNEL, layer.stride, layer.padding)
        case "conv-transpose":
            smallest = (layer.shape_in[1] - 1) * layer.stride - 2 * layer.padding + KERNEL
            return ConvTranspose(
                layer.shape_in[0],
                layer.shape_out[0],
                KERNEL,
                layer.stride,
                layer.padding,
                output_padding=layer.shape_out[1] - smallest,
            )
        case "max-pool":
            return nn.MaxPool2d(2, ceil_mode=True)
        case "upsample":
            return nn.Upsample(scale_factor=2)
        case "flatten":
            return nn.Flatten()
    raise AssertionError(layer.kind)


class Autoencoder(nn.Module):
    """The network of a plan. It reconstructs images [B, 784], float in [0, 1], as [B, 784], or as [B, 3 × 784] (red,
    green and blue plane) where the plan's output is coloured."""

    def __init__(self, network: Plan) -> None:
        super().__init__()
        self.input_shape = network.input_shape
        self.code_shape = network.code_shape
        self.output_units = network.output_units
        weighted: list[nn.Module] = []
        encoder: list[nn.Module] = []
        for layer in network.encoder:
            module, activation = _module(layer, weighted), _activation(layer)
            weighted.append(module)
            if layer.kind == "max-pool":
                # No activation ever falls, so the largest of four numbers is the same before and after: it is
                # computed for one number instead of four.
                encoder[-1], activation = activation, encoder[-1]
            encoder += [module, activation]
        decoder: list[nn.Module] = []
        for layer in network.decoder:
            decoder += [_module(layer, weighted), _activation(layer)]
        self.encoder = nn.Sequential(*encoder)
        self.output_activation = decoder.pop()
        self.decoder = nn.Sequential(*decoder)

    @property
    def code_weights(self) -> Tensor:
        """The weights, without biases, of the layer that makes the code; of a Gaussian code, those of its mean."""
        for module in reversed(list(self.encoder)):
            match module:
                case nn.Linear() | nn.Conv2d():
                    return module.weight
                case Gaussian():
                    return module.mean.weight
        raise AssertionError("an encoder has weights")

    def single_layer_slopes(self, code: Tensor) -> Tensor | None:
        """The derivatives of the activation function at a code [B, units], where the encoder is a single dense layer;
        else None."""
        layers = list(self.encoder)
        if len(layers) == 2 and isinstance(layers[0], nn.Linear) and type(layers[1]) in PULL_BACKS:
            return PULL_BACKS[type(layers[1])](torch.ones_like(code), code)
        return None

    def encode(self, images: Tensor, layers: int | None = None) -> Tensor:
        """Codes [B, *code_shape], or with `layers` the activations after so many of the encoder's layers. Where the
        code is a distribution: its mean."""
        # Each layer is a module and its activation.
        encoder = self.encoder if layers is None else self.encoder[: 2 * layers]
        code: Tensor = encoder(images.view(-1, *self.input_shape))
        return code

    def activations(self, images: Tensor, layers: int | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """What comes out of each of the encoder's layers (or its first `layers`), and then of the decoder's, the last
        of which are the logits [B, output units]."""
        encoder = self.encoder if layers is None else self.encoder[: 2 * layers]
        decoder = self.decoder if layers is None else self.decoder[len(self.encoder) - 2 * layers :]
        inward = _each(encoder, images.view(-1, *self.input_shape))
        outward = _each(decoder, inward[-1])
        # Each layer is a module and its activation; the last layer's is no part of the decoder.
        return inward[1::2], [*outward[1::2], outward[-1].reshape(-1, self.output_units)]

    def posterior(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance [B, units] of the code, where it is a distribution."""
        features = self.encode(images, len(self.encoder) // 2 - 1)
        gaussian = self.encoder[-2]
        assert isinstance(gaussian, Gaussian)
        return gaussian.mean(features), gaussian.log_variance(features)

    def logits(self, code: Tensor, layers: int | None = None) -> Tensor:
        """Images before the output activation, [B, output units], of codes, or of what the first `layers` layers
        of an encoder made whose mirror image the decoder is."""
        decoder = self.decoder if layers is None else self.decoder[len(self.encoder) - 2 * layers :]
        logits: Tensor = decoder(code)
        return logits.reshape(-1, self.output_units)

    def decode(self, code: Tensor) -> Tensor:
        """Images [B, output units] of codes [B, *code_shape]."""
        images: Tensor = self.output_activation(self.logits(code))
        return images

    def forward(self, images: Tensor) -> Tensor:
        return self.decode(self.encode(images))


def _each(modules: nn.Module, value: Tensor) -> list[Tensor]:
    """What comes out of each of the modules that follow each other."""
    found = []
    for module in modules.children():
        value = module(value)
        found.append(value)
    return found


def _blank(config: RunConfig) -> Autoencoder:
    # On the "meta" device no memory is filled: the layers' own random start would cost more than a slice's first steps.
    with torch.device("meta"):
        return Autoencoder(plan(config))


def initial_weights(config: RunConfig, mean_pixel: float) -> dict[str, np.ndarray]:
    """Weights and biases before the first step, float32 by name, seeded by the config.

    "glorot": weights uniform in ±√(6 / (in + out)), biases 0, as in Keras (X. Glorot and Y. Bengio 2010,
    "Understanding the difficulty of training deep feedforward neural networks"). "truncated-normal": weights normal
    with standard deviation 0.02, drawn again beyond twice that, biases 0, as in tflearn. "xavier-biases": as "glorot",
    and biases uniform in ±√(3 / n) for n units, which TensorFlow 1's Xavier initializer makes of a vector.

    With `output_start="mean-pixel"` the output bias of a sigmoid starts at the logit of the mean
    pixel; from zero, networks with MSE may first turn black, saturate, and stay so.
    """
    generator = torch.Generator().manual_seed(config.seed)
    weights: dict[str, np.ndarray] = {}
    for name, blank in _blank(config).named_parameters():
        tensor = torch.zeros(blank.shape)
        if name.endswith("weight"):
            if config.weight_start == "truncated-normal":
                nn.init.trunc_normal_(tensor, std=SPREAD, a=-2 * SPREAD, b=2 * SPREAD, generator=generator)
            else:
                nn.init.xavier_uniform_(tensor, generator=generator)
        elif config.weight_start == "xavier-biases":
            bound = math.sqrt(3 / len(tensor))
            nn.init.uniform_(tensor, -bound, bound, generator=generator)
        weights[name] = tensor.numpy()
    if config.applies("output_start") and config.output_start == "mean-pixel":
        mean = min(max(mean_pixel, 1e-3), 1 - 1e-3)
        output_bias = [name for name in weights if name.startswith("decoder") and name.endswith("bias")][-1]
        weights[output_bias][:] = math.log(mean / (1 - mean))
    return weights


def build(config: RunConfig, weights: Mapping[str, np.ndarray], device: torch.device) -> Autoencoder:
    """A network with a copy of `weights` on `device`, convolutions laid out channels-last."""
    model = _blank(config)
    tensors = {name: torch.tensor(array, device=device) for name, array in weights.items()}
    model.load_state_dict(tensors, assign=True)
    if config.convolutional:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.requires_grad_(True)
