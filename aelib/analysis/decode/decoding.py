"""The decoder as a map from codes to images: where real codes lie, what draws them, and where the holes are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from aelib.spec.architecture import KERNEL, Layer, Plan, plan
from aelib.spec.state import State
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.train.resident import Data

# A browser draws with decoders up to this size: weights to be sent there, and multiplications for one image.
BROWSER_WEIGHTS = 4_000_000
BROWSER_MULTIPLICATIONS = 60_000_000
# Longer codes are not moved through; of codes that are long, fewer are sent.
LONGEST_CODE = 8_192
NUMBERS_SENT = 1_000_000
# A covariance of more numbers than this squared is not fitted; it is fitted to so many training images.
LONGEST_SAMPLED = 1_024
FITTED = 5_000
MEASURED = 1_000


@dataclass(frozen=True)
class DecoderLayer:
    """A layer with its weights, float32, laid out as in torch: dense [out, in], convolution [out, in, 3, 3],
    transposed convolution [in, out, 3, 3]; None where it has none. Tied weights are transposed already."""

    layer: Layer
    weight: np.ndarray | None
    bias: np.ndarray | None

    def for_browser(self, sent: Callable[[np.ndarray], Any]) -> dict[str, Any]:
        """As the browser's decoder (`network.js`) takes a layer, with each array in the form in which it is `sent`."""
        layer = self.layer
        return {
            "kind": layer.kind,
            "activation": layer.activation,
            "shapeIn": layer.shape_in,
            "shapeOut": layer.shape_out,
            "stride": layer.stride,
            "padding": layer.padding,
            "weight": None if self.weight is None else sent(self.weight),
            "bias": None if self.bias is None else sent(self.bias),
        }


@dataclass(frozen=True)
class CodeMap:
    """Where the codes of test images lie, and the decoder.

    `codes`: float32 [N, units], of the first N probe images (see `aelib.spec.images`), shown clean. `mean` [units] and
    `axes` [2, units]: their first two principal components, which carry `share` of their variance. `low`, `high`,
    `spread` [units]: percentiles 1 and 99 and standard deviation of each unit. `usual`: 95 % of these codes have
    another one no farther away than this (Euclidean). `layers` is None where the decoder is too large for a browser.
    """

    codes: np.ndarray
    mean: np.ndarray
    axes: np.ndarray
    share: float
    low: np.ndarray
    high: np.ndarray
    spread: np.ndarray
    usual: float
    layers: tuple[DecoderLayer, ...] | None


@dataclass(frozen=True)
class Holes:
    """How codes drawn at random compare with real ones, by the Euclidean distance to the nearest training code.

    `distance`: its mean over random codes; `real_distance`: over test codes; `far`: share of random codes that are
    farther away than 95 % of the test codes.
    """

    distance: float
    real_distance: float
    far: float


@dataclass(frozen=True)
class Samples:
    """Codes drawn with `seed` from a Gaussian: one that has mean and covariance of `fitted` training codes, or, where
    the code is a distribution, its prior (`fitted` is then 0), the standard one.

    `codes`: float32 [count, units]; `images`: uint8 [count, pixels]; `holes` is measured on more codes than these.
    """

    seed: int
    fitted: int
    codes: np.ndarray
    images: np.ndarray
    holes: Holes


def multiplications(network: Plan) -> int:
    """Multiplications with weights that the decoder does for one image."""
    total = 0
    for layer in network.decoder:
        match layer.kind:
            case "dense":
                total += layer.shape_in[0] * layer.shape_out[0]
            case "conv":
                total += KERNEL * KERNEL * layer.shape_in[0] * layer.units
            case "conv-transpose":
                total += KERNEL * KERNEL * layer.shape_out[0] * prod(layer.shape_in)
    return total


def decoder_weights(network: Plan) -> int:
    """Numbers that the decoder computes with, tied or not."""
    borrowed = sum(prod(layer.shape_in + layer.shape_out) for layer in network.decoder if layer.tied_to is not None)
    return sum(layer.weights for layer in network.decoder) + borrowed


def fits_browser(network: Plan) -> bool:
    return decoder_weights(network) <= BROWSER_WEIGHTS and multiplications(network) <= BROWSER_MULTIPLICATIONS


def pictures_mapped(units: int, probes: int) -> int:
    """Of how many probe images the codes are mapped, for codes of so many numbers."""
    return min(probes, max(1, NUMBERS_SENT // units))


def decoder_layers(state: State) -> tuple[DecoderLayer, ...]:
    """The decoder's layers with their weights, first to last."""
    weights = state.weights
    layers = []
    # In a module every layer is followed by its activation, so layer i is number 2 i.
    for index, layer in enumerate(plan(state.config).decoder):
        weight = weights.get(f"decoder.{2 * index}.weight")
        if layer.tied_to is not None:
            weight = weights[f"encoder.{2 * layer.tied_to}.weight"].T
        layers.append(DecoderLayer(layer, weight, weights.get(f"decoder.{2 * index}.bias")))
    return tuple(layers)


def code_map(link: Slice, data: Data) -> CodeMap:
    """Everything that moving through the code needs."""
    from sklearn.decomposition import PCA

    from aelib.train.projection import alike

    state = link.state
    network = plan(state.config)
    codes = _codes(state, data.probe[: pictures_mapped(network.code_units, len(data.probe))])
    if len(codes) > 2 and not alike(codes):
        pca = PCA(2, random_state=state.config.seed).fit(codes)
        axes, share = pca.components_, float(pca.explained_variance_ratio_.sum())
    else:
        axes, share = np.eye(2, network.code_units), 1.0
    usual = _usual_distance(codes)
    low, high = np.percentile(codes, (1, 99), axis=0)
    return CodeMap(
        codes,
        codes.mean(0),
        axes.astype(np.float32),
        min(1.0, share),
        low.astype(np.float32),
        high.astype(np.float32),
        codes.std(0),
        usual,
        decoder_layers(state) if fits_browser(network) else None,
    )


def decode(link: Slice, data: Data, codes: np.ndarray) -> np.ndarray:
    """Images uint8 [N, pixels] of codes float32 [N, units]."""
    import torch

    from aelib.train import inference

    return inference.as_bytes(inference.decode(link.state, torch.tensor(codes, device=data.train.device)))


def samples(link: Slice, data: Data, seed: int, count: int) -> Samples:
    """`count` random codes and what the decoder draws of them; the same seed gives the same."""
    variational = link.state.config.variational
    training_codes, test_codes = (
        (_drawn_codes if variational else _codes)(link.state, images) for images in (data.train[:FITTED], data.probe)
    )
    if variational:
        units = training_codes.shape[1]
        mean, covariance = np.zeros(units), np.eye(units)
    else:
        mean = training_codes.mean(0, dtype=np.float64)
        covariance = np.cov(training_codes.T, bias=True, dtype=np.float64)
    drawn = draw_gaussian(mean, covariance, seed, max(count, MEASURED))
    holes = measure_holes(training_codes, test_codes, drawn)
    fitted = 0 if variational else len(training_codes)
    return Samples(seed, fitted, drawn[:count], decode(link, data, drawn[:count]), holes)


def draw_gaussian(mean: np.ndarray, covariance: np.ndarray, seed: int, count: int) -> np.ndarray:
    """Samples float32 [count, units]; units that never vary are no obstacle."""
    generator = np.random.default_rng(seed)
    drawn = generator.multivariate_normal(mean, covariance, count, check_valid="ignore", method="eigh")
    return np.asarray(drawn, dtype=np.float32)


def measure_holes(training_codes: np.ndarray, test_codes: np.ndarray, drawn: np.ndarray) -> Holes:
    """Compares random codes with test codes, each [N, units]."""
    from sklearn.neighbors import NearestNeighbors

    nearest = NearestNeighbors(n_neighbors=1).fit(training_codes)
    of_drawn, of_real = (nearest.kneighbors(codes)[0][:, 0] for codes in (drawn, test_codes))
    far = float((of_drawn > np.percentile(of_real, 95)).mean())
    return Holes(float(of_drawn.mean()), float(of_real.mean()), far)


def _usual_distance(codes: np.ndarray) -> float:
    """95 % of the codes [N, units] have another one no farther away."""
    from sklearn.neighbors import NearestNeighbors

    if len(codes) < 2:
        return 0.0
    distances, _ = NearestNeighbors(n_neighbors=1).fit(codes).kneighbors()
    return float(np.percentile(distances, 95))


def _codes(state: State, images: Tensor) -> np.ndarray:
    """Codes float32 [N, units] of uint8 images [N, 784], shown clean."""
    from aelib.train.inference import encode

    return np.asarray(encode(state, images.float().div_(255)).flatten(1).cpu().numpy())


def _drawn_codes(state: State, images: Tensor) -> np.ndarray:
    """Codes float32 [N, units] drawn from the distributions of uint8 images [N, 784]: what the decoder practised on."""
    import torch

    from aelib.nn.autoencoder import sample_code
    from aelib.train.inference import posterior

    chance = torch.Generator(images.device).manual_seed(0)
    return np.asarray(sample_code(*posterior(state, images.float().div_(255)), chance).cpu().numpy())
