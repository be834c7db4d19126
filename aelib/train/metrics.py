"""What a trained network is measured by. Images are float arrays in [0, 1], [N, 784], in colour [N, 3 × 784]."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from aelib.nn.autoencoder import sample_code
from aelib.spec.images import PIXELS
from aelib.spec.regularizers import gaussian_divergence
from aelib.spec.state import State
from aelib.train.image_quality import psnr, ssim
from aelib.train.inference import (
    corrupted_test_images,
    decode_logits,
    posterior,
    reconstruct,
    sampling_generator,
    target,
)
from aelib.train.losses import LOSSES
from aelib.train.resident import Data


@dataclass(frozen=True)
class Quality:
    """Means over images, against the clean image (in colour: in the hue of its class).

    All but `bce` of outputs clipped to [0, 1]: no pixel can show more. PSNR in dB (peak 1); SSIM from -1 to 1. `bce`
    is None where the output is no sigmoid: then it is not a probability.
    """

    mse: float
    bce: float | None
    psnr: float
    ssim: float


@dataclass(frozen=True)
class Evaluation:
    """A run on the whole test split: shown clean images, and (`noisy`) corrupted ones if it trained on them.
    `elbo`: the evidence lower bound, where there is one."""

    clean: Quality
    noisy: Quality | None
    elbo: Elbo | None = None


@dataclass(frozen=True)
class Elbo:
    """Means over images, in nats: `bound` = `likelihood` - `divergence`, below the log probability of an image.

    `likelihood`: of the image's pixels, taken for probabilities, given a code drawn for it, one draw an image.
    `divergence`: of these codes' distribution from the standard normal one; `by_unit` float64 [units] is its parts.
    Source: D. Kingma and M. Welling 2014, "Auto-Encoding Variational Bayes".
    """

    bound: float
    likelihood: float
    divergence: float
    by_unit: np.ndarray


def evaluate(state: State, data: Data, level: float | None = None) -> Evaluation:
    """Measures a state on the whole test split; `level` is the corruption's (default: the config's)."""
    config = state.config
    clean = data.test.float().div_(255)
    targets = target(clean, data.test_labels, config, data)
    noisy = None
    if config.corruption != "none":
        corrupted = corrupted_test_images(
            data.test, config.corruption, config.corruption_level if level is None else level, config.seed
        )[1]
        noisy = _quality(state, corrupted, targets)
    return Evaluation(_quality(state, clean, targets), noisy, elbo(state, data))


def whole_test_mse(state: State, data: Data) -> float:
    """Mean squared error on the whole test split; of a run with corruption: on corrupted images. Not clipped, as the
    loss of the implementations that it is compared with."""
    clean, corrupted = corrupted_test_images(
        data.test, state.config.corruption, state.config.corruption_level, state.config.seed
    )
    targets = target(clean, data.test_labels, state.config, data)
    return float((reconstruct(state, corrupted)[1] - targets).square_().mean(dtype=torch.float64))


def elbo(state: State, data: Data) -> Elbo | None:
    """The evidence lower bound on the whole test split. None unless the code is a distribution and the output says how
    probable each pixel is (a sigmoid, learnt by cross-entropy)."""
    config = state.config
    if not config.variational or config.loss != "bce" or config.colour:
        return None
    clean = data.test.float().div_(255)
    mean, log_variance = posterior(state, clean)
    by_unit = gaussian_divergence(mean, log_variance).mean(0, dtype=torch.float64).cpu().numpy()
    logits = decode_logits(state, sample_code(mean, log_variance, sampling_generator(config.seed, data.test.device)))
    likelihood = -float(LOSSES["bce"](logits, logits.sigmoid(), clean)) * PIXELS
    return Elbo(likelihood - float(by_unit.sum()), likelihood, float(by_unit.sum()), by_unit)


def _quality(state: State, corrupted: Tensor, targets: Tensor) -> Quality:
    logits, output = reconstruct(state, corrupted)
    is_probability = state.config.output_activation == "sigmoid"
    truth, images = targets.cpu().numpy(), output.clamp(0, 1).cpu().numpy()
    return Quality(
        mse=float(np.square(truth - images).mean(dtype=np.float64)),
        bce=float(LOSSES["bce"](logits, output, targets)) if is_probability else None,
        psnr=float(psnr(truth, images).mean()),
        ssim=float(ssim(truth, images).mean()),
    )
