"""What a code that is a distribution says: how sure the encoder is, which units are in use, and the bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.spec.images import SHOWN
from aelib.spec.regularizers import gaussian_divergence
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.metrics import Elbo
    from aelib.train.resident import Data

# A unit whose distribution hardly moves with the image tells less than this about it, in nats.
IN_USE = 0.01


@dataclass(frozen=True)
class Uncertainty:
    """N test images uint8 [N, 784]; `expected` uint8 [N, pixels]: what the decoder makes of the middle of each
    one's distribution; `drawn` uint8 [draws, N, pixels]: of codes drawn from it. `spread` float32 [N]: its standard
    deviation, averaged over the units in use (where 1 knows nothing of the image)."""

    images: np.ndarray
    expected: np.ndarray
    drawn: np.ndarray
    spread: np.ndarray


@dataclass(frozen=True)
class Usage:
    """`nats` float64 [units]: what each unit tells of a test image (its divergence from the prior, averaged).
    `elbo` is None where the output names no probabilities."""

    nats: np.ndarray
    elbo: Elbo | None

    @property
    def in_use(self) -> int:
        return int((self.nats > IN_USE).sum())


def uncertainty(link: Slice, data: Data, draws: int) -> Uncertainty:
    """How the first test images come back from codes drawn again. The same draws every time."""
    import torch

    from aelib.nn.autoencoder import sample_code
    from aelib.train.inference import as_bytes, decode, posterior, sampling_generator

    state = link.state
    clean = data.probe[:SHOWN].float().div_(255)
    mean, log_variance = posterior(state, clean)
    chance = sampling_generator(state.config.seed, data.test.device)
    drawn = [as_bytes(decode(state, sample_code(mean, log_variance, chance))) for _ in range(draws)]
    used = gaussian_divergence(mean, log_variance).mean(0) > IN_USE
    deviation = (0.5 * log_variance[:, used]).exp()
    spread = deviation.mean(1) if bool(used.any()) else torch.ones(len(clean))
    return Uncertainty(
        data.probe[:SHOWN].cpu().numpy(), as_bytes(decode(state, mean)), np.stack(drawn), spread.cpu().numpy()
    )


def usage(link: Slice, data: Data) -> Usage:
    """Over the whole test split."""
    import torch

    from aelib.train.inference import posterior
    from aelib.train.metrics import elbo

    bound = elbo(link.state, data)
    if bound is not None:
        return Usage(bound.by_unit, bound)
    mean, log_variance = posterior(link.state, data.test.float().div_(255))
    return Usage(gaussian_divergence(mean, log_variance).mean(0, dtype=torch.float64).cpu().numpy(), None)
