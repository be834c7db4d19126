"""What the images shown bring about in a network, as small as it is drawn (see `aelib.spec.stages`)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor

from aelib.spec.architecture import Plan
from aelib.spec.stages import Stage, stages
from aelib.spec.state import Activations


def record(network: Plan, encoder: Sequence[Tensor], decoder: Sequence[Tensor]) -> Activations:
    """The activations [B, …] after each layer, as `Autoencoder.activations` gives them. Where fewer layers than the
    network has took part, the innermost are missing on both sides."""
    missing = len(network.encoder) - len(encoder)
    columns, scales = [], []
    for stage in stages(network):
        values = encoder if stage.part == "encoder" else decoder
        place = stage.after - 1 - (0 if stage.part == "encoder" else missing)
        if 0 <= place < len(values):
            cells = torch.nan_to_num(_shown(stage, values[place].float()))
        else:
            cells = torch.zeros(len(encoder[0]), prod(stage.cells), device=encoder[0].device)
        scale = cells.abs().amax()
        # Zero stays zero.
        columns.append(cells / scale.clamp_min(torch.finfo(scale.dtype).tiny))
        scales.append(scale)
    cells = torch.cat(columns, 1).mul_(127).add_(128).round_().to(torch.uint8)
    return Activations(cells.cpu().numpy(), torch.stack(scales).cpu().numpy())


def _shown(stage: Stage, values: Tensor) -> Tensor:
    """The cells [B, cells] of a stage's activations."""
    which = stage.shown
    if len(which) < stage.units:
        values = values[:, which]
    if stage.pooling > 1:
        values = F.avg_pool2d(values, stage.pooling, ceil_mode=True, count_include_pad=False)
    return values.flatten(1)
