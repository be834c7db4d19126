"""Greedy layer-wise pretraining: each layer is trained as an autoencoder of its own.

Source: Y. Bengio et al. 2006, "Greedy Layer-Wise Training of Deep Networks".
"""

from __future__ import annotations

import torch
from torch import Tensor

from aelib.train.rules.backprop import BackPropagation
from aelib.train.rules.rule import Batch, StepMetrics, layer_pair, rule


@rule("stacked")
class GreedyPretraining(BackPropagation):
    """One layer and its mirror image are trained to reconstruct their input: the images, or the activations of the
    layer below."""

    def _objective(self, batch: Batch) -> tuple[Tensor, StepMetrics]:
        task = self._task
        model, layer = task.model, task.phase.layers
        if layer == 1:
            with self._autocast(batch.corrupted.device):
                logits = model.logits(model.encode(batch.corrupted, 1), 1)
            return task.measure(logits.float(), batch)
        up, down = layer_pair(model, layer)
        with self._autocast(batch.corrupted.device):
            with torch.no_grad():
                below, target = model.encode(batch.corrupted, layer - 1), model.encode(batch.clean, layer - 1)
            reconstruction = down(up(below))
            with torch.no_grad():
                # The metrics are those of the images, so that the curve means the same in every phase.
                logits = model.logits(reconstruction, layer - 1)
        loss = (reconstruction.float() - target.float()).square().mean()
        return loss, task.measure(logits.float(), batch)[1]
