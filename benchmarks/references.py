"""Reference figures for `aelib verify`: every system once more, in plain PyTorch, as one would write it down.

`python -m benchmarks references`. Nothing of the library's models, objectives, methods and training is used
here, only its data: float32, one shuffled pass after the other. Networks, starts, penalties and noise are written down
from the articles. Weights start Glorot-uniform and biases at zero, as in Keras, unless said; where the output's bias is
said to start at the mean pixel, at its logit.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aelib import datasets
from aelib.cli.verification import EXPECTED, Budget
from benchmarks.measuring import Table

BATCH = 256
DRAWS = 10
Build = Callable[[], tuple[nn.Module, nn.Module]]


def start(recipe: str, *modules: nn.Module, mean: float) -> None:
    for module in modules:
        for layer in module.modules():
            if isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)
                if recipe in TFLEARN_START:
                    # Its `truncated_normal`: 0.02 wide, and what lies beyond two standard deviations drawn again.
                    nn.init.trunc_normal_(layer.weight, 0, 0.02, -0.04, 0.04)
                else:
                    nn.init.xavier_uniform_(layer.weight)
                if recipe == "relu-128":
                    # Both sides of a vector are its length, so the bound √(6 / (in + out)) is √(3 / n).
                    bound = math.sqrt(3 / len(layer.bias))
                    nn.init.uniform_(layer.bias, -bound, bound)
    if recipe in MEAN_PIXEL_START:
        *_, last = (tensor for name, tensor in modules[-1].named_parameters() if name.endswith("bias"))
        nn.init.constant_(last, math.log(mean / (1 - mean)))


def dense(
    sizes: tuple[int, ...],
    hidden: type[nn.Module],
    code: type[nn.Module],
    out: type[nn.Module],
    back: tuple[int, ...] | None = None,
) -> Build:
    """From the image through `sizes` to the code, and `back` (as it came, if nothing is said) to the image."""

    def build() -> tuple[nn.Module, nn.Module]:
        up: list[nn.Module] = []
        for index, (a, b) in enumerate(pairwise(sizes), 2):
            up += [nn.Linear(a, b), code() if index == len(sizes) else hidden()]
        down: list[nn.Module] = []
        for a, b in pairwise(back or sizes[::-1]):
            down += [nn.Linear(a, b), hidden()]
        return nn.Sequential(*up), nn.Sequential(*down[:-1], out())

    return build


def image() -> nn.Module:
    return nn.Unflatten(1, (1, 28, 28))


def conv(a: int, b: int, stride: int = 1, padding: int = 1) -> nn.Module:
    return nn.Conv2d(a, b, 3, stride, padding)


def pool() -> nn.Module:
    return nn.MaxPool2d(2, ceil_mode=True)


def up() -> nn.Module:
    return nn.Upsample(scale_factor=2)


def conv_pool() -> tuple[nn.Module, nn.Module]:
    encoder = (image(), conv(1, 16), nn.ReLU(), pool(), conv(16, 8), nn.ReLU(), pool(), conv(8, 8), nn.ReLU(), pool())
    decoder = (conv(8, 8), nn.ReLU(), up(), conv(8, 8), nn.ReLU(), up(), conv(8, 16, padding=0), nn.ReLU(), up())
    return nn.Sequential(*encoder), nn.Sequential(*decoder, conv(16, 1), nn.Flatten(), nn.Sigmoid())


def conv_denoise() -> tuple[nn.Module, nn.Module]:
    encoder = (image(), conv(1, 32), nn.ReLU(), pool(), conv(32, 32), nn.ReLU(), pool())
    decoder = (conv(32, 32), nn.ReLU(), up(), conv(32, 32), nn.ReLU(), up(), conv(32, 1), nn.Flatten(), nn.Sigmoid())
    return nn.Sequential(*encoder), nn.Sequential(*decoder)


def conv_dense() -> tuple[nn.Module, nn.Module]:
    encoder = (image(), conv(1, 32), nn.ReLU(), pool(), conv(32, 32), nn.ReLU(), pool(), nn.Flatten())
    return nn.Sequential(*encoder, nn.Linear(32 * 49, 20)), nn.Sequential(nn.Linear(20, 784), nn.Sigmoid())


def fully_conv() -> tuple[nn.Module, nn.Module]:
    def back(stride: int) -> nn.Module:
        return nn.ConvTranspose2d(32, 32, 3, stride, 1, output_padding=stride - 1)

    encoder = (image(), conv(1, 32), nn.ReLU(), conv(32, 32, stride=2), nn.ReLU(), conv(32, 32, stride=2), nn.ReLU())
    decoder = (back(2), nn.ReLU(), back(1), nn.ReLU(), back(2), nn.ReLU(), conv(32, 1), nn.Flatten(), nn.Sigmoid())
    return nn.Sequential(*encoder), nn.Sequential(*decoder)


class Tied(nn.Module):
    """The way back through the weights of the way there."""

    def __init__(self, there: nn.Linear) -> None:
        super().__init__()
        self.there = (there,)
        self.bias = nn.Parameter(torch.zeros(there.in_features))

    def forward(self, code: Tensor) -> Tensor:
        return torch.sigmoid(code @ self.there[0].weight + self.bias)


class Gaussian(nn.Module):
    """An encoder whose last layer gives mean and log variance; in use, the mean."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, 256), nn.ReLU())
        self.mean, self.log_variance = nn.Linear(256, 16), nn.Linear(256, 16)

    def forward(self, images: Tensor) -> Tensor:
        mean: Tensor = self.mean(self.body(images))
        return mean


class KLargest(nn.Module):
    def forward(self, code: Tensor) -> Tensor:
        limit = code.topk(25, dim=1).values[:, -1:]
        return code * (code >= limit)


def linear(size: int) -> Build:
    return dense((784, size), nn.Identity, nn.Identity, nn.Identity)


def tied() -> tuple[nn.Module, nn.Module]:
    there = nn.Linear(784, 64)
    return nn.Sequential(there, nn.ReLU()), Tied(there)


def k_sparse() -> tuple[nn.Module, nn.Module]:
    return nn.Sequential(nn.Linear(784, 256), KLargest()), nn.Sequential(nn.Linear(256, 784), nn.Sigmoid())


def vae() -> tuple[nn.Module, nn.Module]:
    return Gaussian(), nn.Sequential(nn.Linear(16, 256), nn.ReLU(), nn.Linear(256, 784), nn.Sigmoid())


_RELU = (nn.ReLU, nn.ReLU, nn.Sigmoid)
_SIGMOIDS = (nn.Sigmoid, nn.Sigmoid, nn.Sigmoid)
NETWORKS: dict[str, Build] = {
    "tanh-l1": dense((784, 500, 100), nn.Tanh, nn.Tanh, nn.Identity),
    "simple-128": dense((784, 256, 128), nn.Identity, nn.Identity, nn.Sigmoid),
    "denoise-256": dense((784, 512, 256), nn.Identity, nn.Identity, nn.Sigmoid),
    "single-32": dense((784, 32), *_RELU),
    "single-32-l1": dense((784, 32), *_RELU),
    "deep-32": dense((784, 128, 64, 32), *_RELU),
    "deep-32-adadelta": dense((784, 128, 64, 32), *_RELU),
    "relu-128": dense((784, 784, 256, 128), nn.ReLU, nn.ReLU, nn.ReLU, back=(128, 128, 256, 784)),
    "vanilla-64": dense((784, 64), *_RELU),
    "multilayer-64": dense((784, 128, 64), *_RELU),
    "conv-pool": conv_pool,
    "conv-pool-adadelta": conv_pool,
    "sparse-64": dense((784, 64), *_RELU),
    "conv-denoise": conv_denoise,
    "conv-denoise-adadelta": conv_denoise,
    "conv-dense-20": conv_dense,
    "fully-conv": fully_conv,
    "contractive": dense((784, 64), nn.ReLU, nn.Sigmoid, nn.Sigmoid),
    "recirculation": dense((784, 64), nn.ReLU, nn.Sigmoid, nn.Sigmoid),
    "rbm": dense((784, 256, 64), *_SIGMOIDS),
    "vae": vae,
    "stacked": dense((784, 256, 128, 64), *_RELU),
    "overcomplete-linear": linear(1024),
    "linear-32": linear(32),
    "tied-64": tied,
    "k-sparse": k_sparse,
    "kl-sparse": dense((784, 256), nn.ReLU, nn.Sigmoid, nn.Sigmoid),
    "masked-128": dense((784, 512, 128), *_RELU),
}
ADADELTA = {"single-32", "single-32-l1", "deep-32-adadelta", "conv-pool-adadelta", "conv-denoise-adadelta"}
CROSS_ENTROPY = {*ADADELTA, "deep-32", "rbm", "vae"}
TFLEARN_START = {"tanh-l1", "simple-128", "denoise-256"}
MEAN_PIXEL_START = {
    *("vanilla-64", "multilayer-64", "conv-dense-20"),
    *("conv-pool", "conv-denoise", "fully-conv", "contractive", "recirculation", "rbm", "vae", "stacked"),
    *("tied-64", "k-sparse", "kl-sparse", "masked-128"),
}


def drawn(images: Tensor) -> Tensor:
    """Ten times a image, some pixel becomes black or white, be it for the second time."""
    seen = images.clone()
    rows = torch.arange(len(seen))
    for _ in range(DRAWS):
        seen[rows, torch.randint(0, 784, (len(seen),))] = torch.randint(0, 2, (len(seen),)).float()
    return seen


def damaged(images: Tensor, recipe: str) -> Tensor:
    match recipe:
        case "denoise-256":
            return drawn(images)
        case "conv-denoise" | "conv-denoise-adadelta" | "fully-conv":
            return (images + 0.5 * torch.randn_like(images)).clamp(0, 1)
        case "masked-128":
            return images * (torch.rand_like(images) >= 0.5)
    return images


def price(recipe: str, encoder: nn.Module, code: Tensor) -> Tensor | float:
    match recipe:
        case "tanh-l1":
            (*_, layer) = (layer for layer in encoder.modules() if isinstance(layer, nn.Linear))
            return 1e-4 * layer.weight.abs().sum()
        case "single-32-l1" | "sparse-64":
            return 1e-4 * code.abs().sum(1).mean()
        case "kl-sparse":
            rate, mean = 0.05, code.mean(0).clamp(1e-6, 1 - 1e-6)
            return 1e-3 * (rate * (rate / mean).log() + (1 - rate) * ((1 - rate) / (1 - mean)).log()).sum()
        case "contractive":
            slopes = (code * (1 - code)).square()
            (layer,) = (layer for layer in encoder.modules() if isinstance(layer, nn.Linear))
            return 1e-3 * (slopes * layer.weight.square().sum(1)).sum(1).mean()
    return 0.0


Batch = tuple[Tensor, Tensor]


def batches(train: Tensor, epochs: float, seen: Tensor | None = None) -> Iterator[Batch]:
    """(seen, clean) in shuffled passes over the images, until all were shown `epochs` times."""
    order = torch.cat([torch.randperm(len(train)) for _ in range(math.ceil(epochs))])
    for batch in order[: math.ceil(epochs * len(train) / BATCH) * BATCH].split(BATCH):
        yield (train if seen is None else seen)[batch], train[batch]


class TensorFlowRMSProp(torch.optim.Optimizer):
    """`tf.train.RMSPropOptimizer(0.001)` of TensorFlow 1."""

    def __init__(self, parameters: list[nn.Parameter]) -> None:
        super().__init__(parameters, {})

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        for parameter in self.param_groups[0]["params"]:
            state, gradient = self.state[parameter], parameter.grad
            mean_square = state.get("rms", torch.ones_like(parameter))
            state["rms"] = 0.9 * mean_square + 0.1 * gradient**2
            parameter -= 1e-3 * gradient / torch.sqrt(state["rms"] + 1e-10)


def by_gradient(recipe: str, encoder: nn.Module, decoder: nn.Module, images: Iterator[Batch]) -> None:
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer: torch.optim.Optimizer = torch.optim.Adam(parameters, 1e-3, eps=1e-7)
    if recipe in ADADELTA:
        optimizer = torch.optim.Adadelta(parameters, 1.0, rho=0.95, eps=1e-7)
    if recipe == "relu-128":
        optimizer = TensorFlowRMSProp(parameters)
    for seen, clean in images:
        if recipe != "denoise-256":
            seen = damaged(clean, recipe)
        extra: Tensor | float
        if isinstance(encoder, Gaussian):
            body = encoder.body(seen)
            mean, log_variance = encoder.mean(body), encoder.log_variance(body)
            code = mean + torch.randn_like(mean) * (log_variance / 2).exp()
            extra = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean() / 784
        else:
            code = encoder(seen)
            extra = price(recipe, encoder, code)
        output = decoder(code)
        loss = F.binary_cross_entropy if recipe in CROSS_ENTROPY else F.mse_loss
        optimizer.zero_grad()
        (loss(output, clean) + extra).backward()
        optimizer.step()


def by_recirculation(encoder: nn.Module, decoder: nn.Module, images: Iterator[Batch]) -> None:
    there, back = encoder.get_submodule("0"), decoder.get_submodule("0")
    assert isinstance(there, nn.Linear) and isinstance(back, nn.Linear)
    with torch.no_grad():
        for _, x0 in images:
            h1 = encoder(x0)
            x2 = 0.75 * x0 + 0.25 * decoder(h1)
            h3 = 0.75 * h1 + 0.25 * encoder(x2)
            rate = 0.5 / len(x0)
            back.weight.add_(rate * (x0 - x2).t() @ h1)
            back.bias.add_(rate * (x0 - x2).sum(0))
            there.weight.add_(rate * (h1 - h3).t() @ x2)
            there.bias.add_(rate * (h1 - h3).sum(0))


def by_contrastive_divergence(encoder: nn.Module, decoder: nn.Module, train: Tensor, epochs: float) -> None:
    """CD-1 for both layers, then the decoder is the mirror image."""
    for k, (there, back) in enumerate((("0", "2"), ("2", "0"))):
        up_, down = encoder.get_submodule(there), decoder.get_submodule(back)
        assert isinstance(up_, nn.Linear) and isinstance(down, nn.Linear)
        speed = [torch.zeros_like(tensor) for tensor in (up_.weight, up_.bias, down.bias)]
        with torch.no_grad():
            for _, batch in batches(train, epochs):
                v0 = batch if k == 0 else torch.sigmoid(encoder.get_submodule("0")(batch))
                h0 = torch.sigmoid(up_(v0))
                v1 = torch.sigmoid(torch.bernoulli(h0) @ up_.weight + down.bias)
                h1 = torch.sigmoid(up_(v1))
                towards = (h0.t() @ v0 - h1.t() @ v1, (h0 - h1).sum(0), (v0 - v1).sum(0))
                for tensor, velocity, step in zip((up_.weight, up_.bias, down.bias), speed, towards, strict=True):
                    velocity.mul_(0.5).add_(step / len(v0))
                    tensor += 0.05 * velocity
            down.weight.copy_(up_.weight.t())


def layer_by_layer(encoder: nn.Module, decoder: nn.Module, train: Tensor, epochs: float) -> None:
    for k, (there, back) in enumerate(((0, 4), (2, 2), (4, 0))):
        below, up_, down = (nn.Sequential(*part) for part in (
            list(encoder.children())[:there],
            list(encoder.children())[there : there + 2],
            list(decoder.children())[back : back + 2],
        ))  # fmt: skip
        optimizer = torch.optim.Adam([*up_.parameters(), *down.parameters()], 1e-3, eps=1e-7)
        for _, batch in batches(train, epochs):
            with torch.no_grad():
                wanted = below(batch) if k else batch
            optimizer.zero_grad()
            F.mse_loss(down(up_(wanted)), wanted).backward()
            optimizer.step()


def reference(recipe: str, train: Tensor, test: Tensor, budget: Budget, seed: int = 0) -> float:
    """Mean squared error on the test images (for denoisers: damaged ones), or of VAEs: at the mean code."""
    torch.manual_seed(seed)
    epochs, layer_epochs = budget.epochs, budget.pretrain_epochs or 0
    encoder, decoder = NETWORKS[recipe]()
    start(recipe, encoder, decoder, mean=float(train.mean()))
    if recipe == "recirculation":
        by_recirculation(encoder, decoder, batches(train, epochs))
    else:
        if recipe == "rbm":
            by_contrastive_divergence(encoder, decoder, train, layer_epochs)
            epochs -= 2 * layer_epochs
        if recipe == "stacked":
            layer_by_layer(encoder, decoder, train, layer_epochs)
            epochs -= 3 * layer_epochs
        # Once for the whole data set, before training.
        frozen = drawn(train) if recipe == "denoise-256" else None
        by_gradient(recipe, encoder, decoder, islice(batches(train, epochs, frozen), budget.steps))
    with torch.no_grad():
        outputs = torch.cat([decoder(encoder(damaged(part, recipe))) for part in test.split(1000)])
    return float((outputs - test).square().mean())


def measure() -> Table:
    table = Table(
        "Reference figures",
        "Test MSE of plain PyTorch, float32, on MNIST; recipes with damage: on damaged test pictures.",
        ("recipe", "epochs", "test MSE", "seconds", "epochs, quick", "test MSE, quick", "seconds"),
    )
    data = datasets.load("mnist")
    train, test = (
        torch.tensor(images.reshape(len(images), -1).astype(np.float32) / 255)
        for images in (data.train_images, data.test_images)
    )
    for recipe, expected in EXPECTED.items():
        row = [recipe]
        for budget in (expected.full, expected.quick):
            began = time.perf_counter()
            error = reference(recipe, train, test, budget)
            row += [f"{budget.epochs:.3g}", f"{error:.5f}", f"{time.perf_counter() - began:.0f}"]
        print(*row, file=sys.stderr, flush=True)
        table.add(*row)
    return table
