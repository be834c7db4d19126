"""Backpropagation through networks of dense layers only, written out.

What autograd and autocast do around the products costs small networks up to a fifth of a batch's time.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from aelib.nn.autoencoder import PULL_BACKS, Autoencoder, TiedDense


@dataclass(frozen=True)
class _Layer:
    """f(x W + b), with W [in, out] and b [out]; their gradients are written to memory that is there already. `shared`:
    a layer behind this one has the same weights, and has written its part of their gradient."""

    weights: Tensor
    bias: Tensor
    activation: nn.Module
    weights_gradient: Tensor
    bias_gradient: Tensor
    shared: bool

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.activation(torch.addmm(self.bias, x, self.weights))
        return y

    def backward(self, x: Tensor, y: Tensor, gradient: Tensor) -> Tensor:
        """From the gradient with respect to `y` to the one with respect to what the activation was given."""
        gradient = PULL_BACKS[type(self.activation)](gradient, y)
        self.weights_gradient.addmm_(x.t(), gradient, beta=int(self.shared))
        torch.sum(gradient, 0, out=self.bias_gradient)
        return gradient


class DenseChain:
    """Encoder and decoder of a model, layer after layer. Products are in `dtype`, as with autocast; the weights and the
    gradients that are left in their `grad` stay float32. Nothing here records gradients: to be used without."""

    def __init__(self, model: Autoencoder, dtype: torch.dtype) -> None:
        self._dtype = dtype
        parameters = list(model.parameters())
        for parameter in parameters:
            parameter.grad = torch.empty_like(parameter)
        self._weights = [parameter.detach() for parameter in parameters]
        self._gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        # Memory that stays; with float32 these are the weights and gradients themselves.
        self._cast_weights = [weight.to(dtype) for weight in self._weights]
        self._cast_gradients = [gradient.to(dtype) for gradient in self._gradients]
        cast: dict[Tensor, tuple[Tensor, Tensor]] = {
            parameter: (weights, gradient)
            for parameter, weights, gradient in zip(parameters, self._cast_weights, self._cast_gradients, strict=True)
        }

        def layer(module: nn.Module, activation: nn.Module, shared: bool) -> _Layer:
            assert isinstance(module, nn.Linear | TiedDense)
            if isinstance(module, TiedDense):
                weights, gradient = cast[module.source.weight]
            else:
                weights, gradient = (tensor.t() for tensor in cast[module.weight])
            bias, bias_gradient = cast[module.bias]
            return _Layer(weights, bias, activation, gradient, bias_gradient, shared)

        modules = [*model.encoder, *model.decoder, nn.Identity()]
        tied = any(isinstance(module, TiedDense) for module in modules)
        # After so many layers there is the code.
        self._encoded = len(model.encoder) // 2
        self._layers = [
            layer(module, activation, tied and index < self._encoded)
            for index, (module, activation) in enumerate(zip(modules[::2], modules[1::2], strict=True))
        ]
        self._activations: list[Tensor] = []

    @staticmethod
    def fits(model: Autoencoder) -> bool:
        """Is the model a chain of dense layers, one weight matrix and one activation each?"""
        known = (nn.Linear, TiedDense, *PULL_BACKS)
        return all(isinstance(module, known) for part in (model.encoder, model.decoder) for module in part)

    def forward(self, corrupted: Tensor) -> tuple[Tensor, Tensor]:
        """(codes [B, units], logits [B, output units]), float32, of images [B, 784]."""
        if self._dtype != torch.float32:
            torch._foreach_copy_(self._cast_weights, self._weights)
        self._activations = [corrupted.to(self._dtype)]
        for layer in self._layers:
            self._activations.append(layer.forward(self._activations[-1]))
        return self._activations[self._encoded].float(), self._activations[-1].float()

    def backward(self, of_logits: Tensor, of_code: Tensor | None) -> None:
        """Sets the parameters' gradients, given those with respect to what the newest `forward` returned."""
        gradient = of_logits.to(self._dtype)
        for index in reversed(range(len(self._layers))):
            layer, x, y = self._layers[index], self._activations[index], self._activations[index + 1]
            gradient = layer.backward(x, y, gradient)
            if index > 0:
                gradient = gradient @ layer.weights.t()
            if index == self._encoded and of_code is not None:
                gradient += of_code.to(self._dtype)
        if self._dtype != torch.float32:
            torch._foreach_copy_(self._gradients, self._cast_gradients)
