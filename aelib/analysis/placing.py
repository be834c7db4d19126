"""Where images lie in a code, and what is decoded there: for images that somebody drew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.spec.images import PIXELS
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Data


@dataclass(frozen=True)
class Placed:
    """Codes float32 [N, units] and the images decoded from them, uint8 [N, pixels], of the state after `step` batches.
    `names` are those of the images."""

    step: int
    names: tuple[str, ...]
    codes: np.ndarray
    images: np.ndarray


def placed(link: Slice, data: Data, names: tuple[str, ...], images: np.ndarray, codes: np.ndarray) -> Placed:
    """Places `images` uint8 [N, 28, 28], except those that were moved to other `codes` float32 [N, units]; NaN stands
    for where the encoder places them."""
    import torch

    from aelib.train.inference import as_bytes, decode, encode

    state, device = link.state, data.probe.device
    own = encode(state, torch.tensor(images.reshape(-1, PIXELS), device=device).float().div(255)).flatten(1)
    chosen = torch.tensor(codes, device=device)
    where = torch.where(torch.isfinite(chosen), chosen, own)
    return Placed(state.step, names, where.cpu().numpy(), as_bytes(decode(state, where)))
