"""Everything random of a run: it comes from the run's seed, a purpose and an index, so that slices can be replayed."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from aelib.spec.config import RunConfig
from aelib.spec.seeds import seed_of


def batches(config: RunConfig, count: int, first_step: int, steps: int) -> Tensor:
    """Training indices [steps, batch]: one endless row of reshuffled epochs, cut into batches."""
    size = config.batch(count)
    begin, end = first_step * size, (first_step + steps) * size
    epochs = range(begin // count, (end - 1) // count + 1)
    order = [_order(config.seed, epoch, count) for epoch in epochs]
    offset = epochs[0] * count
    return torch.cat(order)[begin - offset : end - offset].view(steps, size)


@lru_cache(maxsize=64)
def _order(seed: int, epoch: int, count: int) -> Tensor:
    """The order of an epoch's images. Slice after slice asks for the same one, and so do runs of the same seed."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(seed_of(seed, "order", epoch)))


def generator(seed: int, purpose: str, device: torch.device, index: int = 0) -> torch.Generator:
    """A generator on `device` that draws the same every time."""
    return torch.Generator(device).manual_seed(seed_of(seed, purpose, index))
