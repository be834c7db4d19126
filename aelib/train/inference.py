"""What a trained network makes of images and codes: encoding, decoding, reconstructing, in float32.

Nothing here trains, and nothing is random but the noise on test images, which is the same every time.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from aelib.nn.autoencoder import Autoencoder, build
from aelib.spec.config import RunConfig
from aelib.spec.corruptions import corrupt, mask
from aelib.spec.state import State
from aelib.train.randomness import generator
from aelib.train.resident import Data


def target(images: Tensor, labels: Tensor, config: RunConfig, data: Data) -> Tensor:
    """What a run has to give back for grey `images` [N, 784] in [0, 1]: the same, or in colour [N, 3 × 784], each
    image times the hue of its class. `labels`: int64 [N], without meaning for a run that is not in colour."""
    if not config.colour:
        return images
    return (data.hues[labels][:, :, None] * images[:, None, :]).flatten(1)


def reconstruct(state: State, inputs: Tensor, batch: int = 2_000) -> tuple[Tensor, Tensor]:
    """(logits, images) for what the encoder sees, [N, 784] or in colour [N, 3 × 784] (see `target`), in float32
    whatever the run trained in."""
    model = _at_rest(state, inputs.device)
    logits = torch.cat([model.logits(model.encode(part)) for part in inputs.split(batch)])
    return logits, model.output_activation(logits)


def encode(state: State, inputs: Tensor, layers: int | None = None, batch: int = 2_000) -> Tensor:
    """Codes [N, *code_shape] of images [N, 784] in [0, 1], in float32; with `layers`, what the encoder's first
    `layers` layers make of them."""
    model = _at_rest(state, inputs.device)
    return torch.cat([model.encode(part, layers) for part in inputs.split(batch)])


def posterior(state: State, inputs: Tensor, batch: int = 2_000) -> tuple[Tensor, Tensor]:
    """Mean and log variance [N, units] of the codes of images [N, 784], where the code is a distribution."""
    model = _at_rest(state, inputs.device)
    means, log_variances = zip(*(model.posterior(part) for part in inputs.split(batch)), strict=True)
    return torch.cat(means), torch.cat(log_variances)


def decode(state: State, codes: Tensor, batch: int = 2_000) -> Tensor:
    """Images [N, 784] (in colour [N, 3 × 784]) of codes [N, *code_shape] or [N, code units], in float32."""
    model = _at_rest(state, codes.device)
    return torch.cat([model.decode(part.view(-1, *model.code_shape)) for part in codes.split(batch)])


def decode_logits(state: State, codes: Tensor, batch: int = 2_000) -> Tensor:
    """What `decode` gives, before the output activation."""
    model = _at_rest(state, codes.device)
    return torch.cat([model.logits(part.view(-1, *model.code_shape)) for part in codes.split(batch)])


def _at_rest(state: State, device: torch.device) -> Autoencoder:
    """The network, not to be trained."""
    return build(state.config, state.weights, device).requires_grad_(False)


def output_and_target(state: State, data: Data, inputs: Tensor, clean: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The network's output for `inputs`, clipped to [0, 1], and what it should be for the `clean` images of these
    `labels`."""
    return reconstruct(state, inputs)[1].clamp_(0, 1), target(clean, labels, state.config, data)


def corrupted_test_images(images: Tensor, corruption: str, level: float, seed: int) -> tuple[Tensor, Tensor]:
    """(clean, corrupted), float [N, 784] in [0, 1], of test `images`, uint8 [N, 784]."""
    clean = images.float().div_(255)
    return clean, corrupt(clean, corruption, level, generator(seed, "probe", images.device))


def removed_pixels(images: Tensor, corruption: str, level: float, seed: int) -> Tensor | None:
    """Which pixels `corrupted_test_images` removes for the same arguments, see `corruptions.mask`."""
    return mask(images.float(), corruption, level, generator(seed, "probe", images.device))


def sampling_generator(seed: int, device: torch.device) -> torch.Generator:
    """For codes that are sampled for test images."""
    return generator(seed, "codes", device)


def as_bytes(images: Tensor) -> np.ndarray:
    """Images float [N, pixels] in [0, 1] as uint8; what is beyond is cut off."""
    array: np.ndarray = images.clamp(0, 1).mul(255).round().to(torch.uint8).cpu().numpy()
    return array
