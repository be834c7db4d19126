"""What a code is worth to a classifier that gets few labels: the encoder as the first part of a larger network.

Every contestant learns from the same labelled training images (`per_class` of each class, in the draw number `draw`)
and is tested on the same `tested` test images, spread evenly over all. Sources:
G. Hinton and R. Salakhutdinov 2006, "Reducing the dimensionality of data with neural networks"; D. Erhan et al. 2010,
"Why does unsupervised pre-training help deep learning?"; P. Vincent et al. 2010, "Stacked denoising autoencoders".
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.latent_space.embeddings import finite
from aelib.spec.config import RunConfig
from aelib.spec.images import SHOWN, evenly_spaced
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import Tensor

    from aelib.train.resident import Basis, Data

# How often the labelled images are drawn again.
DRAWS = 5
# With convolutions a question about more test images would take too long.
TESTED_BY_CONVOLUTION = 2_000
# Training with labels, for the pretrained network and the one from scratch alike. A higher rate helps the one from
# scratch with many labels and harms both with few; a lower one the other way round.
STEPS, BATCH, LEARNING_RATE = 150, 32, 5e-3
# The rates among which each side's best is looked for.
RATES = (2.5e-3, LEARNING_RATE, 1e-2)
# Of logistic regression, at most.
ITERATIONS = 300
# Training images, without labels, from which mean and scale of features are taken.
SCALED_ON = 1_000


@dataclass(frozen=True)
class Found:
    """The share of the tested images named rightly, in [0, 1]; and the class named for each of the first twelve of
    them, int64 [12]."""

    accuracy: float
    named: np.ndarray


def most_labels(labels: np.ndarray) -> int:
    """How many images can be drawn of each class: as many as the rarest has among `labels` int64 [N]. 0 where there
    is but one class, and nothing to be told apart."""
    _, counts = np.unique(labels, return_counts=True)
    return int(counts.min()) if len(counts) > 1 else 0


def drawn(labels: np.ndarray, per_class: int, draw: int) -> np.ndarray:
    """Indices int64 [classes × per_class], in rising order, of training images whose `labels` int64 [N] are used.

    The same for the same `draw`; a draw with more images holds those of the draw with fewer.
    """
    order = np.random.default_rng(draw).permutation(len(labels))
    of_class = [order[labels[order] == label][:per_class] for label in np.unique(labels)]
    return np.sort(np.concatenate(of_class))


def tests(config: RunConfig, test_count: int) -> int:
    """How many of the `test_count` test images all contestants have to name: all, or 2,000 with convolutions."""
    return min(test_count, TESTED_BY_CONVOLUTION) if config.convolutional else test_count


# ---- logistic regression on features that stay as they are -------------------------------------------------------


def from_pixels(data: Data, per_class: int, draw: int, tested: int) -> Found:
    """Logistic regression on the 784 pixels."""
    return _regress(_Task.of(data, per_class, draw, tested), lambda inputs: inputs.numpy(force=True))


def from_pca(data: Data, basis: Basis, units: int, per_class: int, draw: int, tested: int) -> Found:
    """Logistic regression on the first `units` principal components, of all training images without labels."""

    def features(inputs: Tensor) -> np.ndarray:
        return basis.encode(inputs.numpy(force=True), units)

    return _regress(_Task.of(data, per_class, draw, tested), features)


def from_code(link: Slice, data: Data, per_class: int, draw: int, tested: int) -> Found:
    """Logistic regression on the run's code, flattened; the encoder stays as it is."""
    from aelib.train.inference import encode

    return _regress(_Task.of(data, per_class, draw, tested), lambda inputs: finite(encode(link.state, inputs)))


# ---- the encoder as the first part of a classifier ---------------------------------------------------------------


def from_pretrained(
    link: Slice, data: Data, per_class: int, draw: int, tested: int, rate: float = LEARNING_RATE
) -> Found:
    """The run's encoder with a classifier on it, all of it trained with the labels. The run is not changed."""
    return _train(link.state.config, link.state.weights, _Task.of(data, per_class, draw, tested), draw, rate)


def from_scratch(
    config: RunConfig, data: Data, per_class: int, draw: int, tested: int, rate: float = LEARNING_RATE
) -> Found:
    """The same network and the same training from random weights, drawn for each `draw` as a run draws its own."""
    from aelib.nn.autoencoder import initial_weights

    weights = initial_weights(replace(config, seed=draw), data.mean_pixel)
    return _train(config, weights, _Task.of(data, per_class, draw, tested), draw, rate)


@dataclass(frozen=True)
class _Task:
    """Images float32 [N, 784] in [0, 1] with labels int64 [N], to learn from and to be tested on; `unlabelled`
    training images to scale features by."""

    inputs: Tensor
    labels: Tensor
    test: Tensor
    test_labels: Tensor
    unlabelled: Tensor
    classes: int

    @classmethod
    def of(cls, data: Data, per_class: int, draw: int, tested: int) -> _Task:
        import torch

        device = data.train.device
        labels = data.train_labels.numpy(force=True)
        which = torch.from_numpy(drawn(labels, per_class, draw)).to(device)
        test = torch.from_numpy(evenly_spaced(len(data.test), tested)).to(device)
        some = torch.from_numpy(evenly_spaced(len(labels), SCALED_ON)).to(device)

        def inputs(images: Tensor) -> Tensor:
            return images.float().div_(255)

        return cls(
            inputs(data.train[which]),
            data.train_labels[which],
            inputs(data.test[test]),
            data.test_labels[test],
            inputs(data.train[some]),
            int(labels.max()) + 1,
        )

    def found(self, named: np.ndarray) -> Found:
        right = float((named == self.test_labels.numpy(force=True)).mean())
        return Found(right, named[:SHOWN].astype(np.int64))


def _regress(task: _Task, features: Callable[[Tensor], np.ndarray]) -> Found:
    """Logistic regression with an L2 penalty (C = 1) on features centred and divided by one number, so that none is
    punished for being small. Mean and number come from images without labels."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    unlabelled = features(task.unlabelled)
    centre = unlabelled.mean(0)
    spread = float(np.sqrt(np.square(unlabelled - centre).mean()))

    def scaled(inputs: Tensor) -> np.ndarray:
        # A code that says the same for every image has no spread.
        return np.asarray((features(inputs) - centre) / (spread or 1.0), dtype=np.float32)

    with warnings.catch_warnings():
        # What is left to gain after so many iterations does not change who is named.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(max_iter=ITERATIONS).fit(scaled(task.inputs), task.labels.numpy(force=True))
        return task.found(model.predict(scaled(task.test)))


def _train(config: RunConfig, weights: Mapping[str, np.ndarray], task: _Task, draw: int, rate: float) -> Found:
    """A dense layer with softmax on the code; cross-entropy, Adam with a rate that falls to zero, a fixed number of
    steps, every weight free.

    The new layer starts at zero: from random weights its first answers would grow with the scale of the code, and
    the first steps would destroy what the encoder has learnt.
    """
    import torch
    import torch.nn.functional as F

    from aelib.nn.autoencoder import build

    device = task.inputs.device
    model = build(config, weights, device)
    units = model.encode(task.inputs[:1]).flatten(1).shape[1]
    classifier = torch.nn.Linear(units, task.classes, device=device)
    torch.nn.init.zeros_(classifier.weight)
    torch.nn.init.zeros_(classifier.bias)
    parameters = [*model.encoder.parameters(), *classifier.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, STEPS)
    for batch in _batches(len(task.inputs), draw).to(device):
        logits = classifier(model.encode(task.inputs[batch]).flatten(1))
        loss = F.cross_entropy(logits, task.labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    with torch.no_grad():
        parts = [classifier(model.encode(part).flatten(1)).argmax(1) for part in task.test.split(500)]
    return task.found(torch.cat(parts).numpy(force=True))


def _batches(count: int, draw: int) -> Tensor:
    """Indices int64 [STEPS, at most BATCH] of `count` images: one endless row of reshuffled epochs, cut."""
    import torch

    generator = torch.Generator().manual_seed(draw)
    size = min(BATCH, count)
    epochs = -(-STEPS * size // count)
    order = torch.cat([torch.randperm(count, generator=generator) for _ in range(epochs)])
    return order[: STEPS * size].view(STEPS, size)
