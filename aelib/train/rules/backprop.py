"""Backpropagation: all weights follow the gradient of loss and penalty."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from aelib.nn.autoencoder import sample_code
from aelib.nn.dense import DenseChain
from aelib.spec.methods import BACKPROP
from aelib.spec.regularizers import REGULARIZERS, Encoded, Scope
from aelib.train import hardware
from aelib.train.losses import GRADIENTS, LOSSES
from aelib.train.optimizers import memory_of, optimizer, recall
from aelib.train.rules.rule import Batch, LearningRule, Memory, StepMetrics, Task, rule


class BackPropagation:
    """With the gradients that autograd computes."""

    def __init__(self, task: Task, memory: Mapping[str, Tensor]) -> None:
        self._task = task
        self._regularizer = REGULARIZERS[task.config.regularizer]
        self._optimizer = optimizer(task.model, task.config)
        self._dtype = hardware.precision(task.config)
        recall(self._optimizer, task.model, memory)

    def step(self, batch: Batch) -> StepMetrics:
        objective, metrics = self._objective(batch)
        self._task.model.zero_grad()
        objective.backward()
        self._optimizer.step()
        return metrics

    def memory(self) -> Memory:
        return memory_of(self._optimizer, self._task.model)

    def _autocast(self, device: torch.device) -> torch.autocast:
        return torch.autocast(device.type, self._dtype, enabled=self._dtype != torch.float32)

    def _objective(self, batch: Batch) -> tuple[Tensor, StepMetrics]:
        """(the scalar to minimize, the metrics of the batch)."""
        task, model, regularizer = self._task, self._task.model, self._regularizer
        corrupted = batch.corrupted
        if regularizer.scope is Scope.PIXELS:
            corrupted = corrupted.detach().requires_grad_(True)
        mean = log_variance = None
        with self._autocast(corrupted.device):
            if regularizer.gaussian_code:
                mean, log_variance = (part.float() for part in model.posterior(corrupted))
                code = sample_code(mean, log_variance, batch.generator)
            else:
                code = model.encode(corrupted)
            logits = model.logits(code)
        loss, metrics = task.measure(logits.float(), batch)
        if regularizer.penalty is None:
            return loss, metrics
        encoded = Encoded(model, corrupted, code.float(), task.config, batch.generator, mean, log_variance)
        penalty = task.config.regularizer_weight * regularizer.penalty(encoded)
        return loss + penalty, metrics._replace(penalty=penalty.detach())


class DenseBackPropagation(BackPropagation):
    """The same for dense networks, with the backward pass of `aelib.nn.dense`."""

    def __init__(self, task: Task, memory: Mapping[str, Tensor]) -> None:
        super().__init__(task, memory)
        self._chain = DenseChain(task.model, self._dtype)

    @staticmethod
    def fits(task: Task) -> bool:
        regularizer = REGULARIZERS[task.config.regularizer]
        # A penalty's gradient is computed for the code and the weights that make it, see `_penalty`.
        near = regularizer.penalty is None or regularizer.scope in (Scope.CODE, Scope.CODE_WEIGHTS)
        return near and DenseChain.fits(task.model)

    def step(self, batch: Batch) -> StepMetrics:
        config, activation, target = self._task.config, self._task.model.output_activation, batch.target
        with torch.no_grad():
            code, logits = self._chain.forward(batch.corrupted)
            output = activation(logits)
            difference = output - target
            mse = difference.flatten().dot(difference.flatten()) / difference.numel()
            loss = mse if config.loss == "mse" else LOSSES[config.loss](logits, output, target)
            error = self._task.image_error(output, batch, mse)
            penalty, of_code, of_weights = self._penalty(code, batch)
            self._chain.backward(GRADIENTS[config.loss](difference, output, activation), of_code)
            if of_weights is not None:
                gradient = self._task.model.code_weights.grad
                assert gradient is not None
                gradient += of_weights
        self._optimizer.step()
        return StepMetrics(loss, error, penalty)

    def _penalty(self, code: Tensor, batch: Batch) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """(the penalty times its weight, its gradients with respect to the code and to the weights that make it), None
        for those that there are not."""
        task, term = self._task, self._regularizer.penalty
        if term is None:
            return None, None, None
        with torch.enable_grad():
            code = code.detach().requires_grad_(True)
            penalty = task.config.regularizer_weight * term(
                Encoded(task.model, batch.corrupted, code, task.config, batch.generator)
            )
            of_code, of_weights = torch.autograd.grad(penalty, (code, task.model.code_weights), allow_unused=True)
        return penalty.detach(), of_code, of_weights


@rule(BACKPROP)
def backpropagation(task: Task, memory: Mapping[str, Tensor]) -> LearningRule:
    """The faster of the two where it can be used."""
    kind = DenseBackPropagation if DenseBackPropagation.fits(task) else BackPropagation
    return kind(task, memory)
