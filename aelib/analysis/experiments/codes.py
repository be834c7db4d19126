"""What a code is like: how sparse, how well it keeps classes apart, how it moves under noise, where anomalies lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.anomalies import scores
from aelib.analysis.anomalies.groups import TESTED
from aelib.analysis.experiments.measurement import Values, measurement
from aelib.analysis.latent_space import embeddings, tsne
from aelib.analysis.latent_space.embeddings import Flattening, finite
from aelib.analysis.latent_space.weights import incoming
from aelib.spec.architecture import plan
from aelib.spec.images import IMAGE_SIDE, PROBES, evenly_spaced
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.spec.state import State
    from aelib.train.resident import Basis, Data

# A feature is local if its weights lie within a square of so many pixels a side.
_WINDOW = 9
# Points of a t-SNE map.
_MAPPED, _PERPLEXITY = 1_000, 30
# Training images that neighbours are looked for among, and neighbours.
_KNOWN, _NEIGHBOURS = 5_000, 5
# Noise under which codes are compared.
_NOISE, _LEVEL = "gaussian", 0.5
# Images from which linear discriminants are estimated.
_DISCRIMINATED = 20_000


@measurement(1)
def unit_activity(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Mean share of inactive units per test image, share of dead units, and how local the features of the first layer
    are: the share of the squared weights that lies within the best 9×9 pixels, averaged over units; test error."""
    from aelib.train.inference import reconstruct

    activity = embeddings.activity(link, data, PROBES)
    clean = data.probe.float().div_(255)
    error = float((reconstruct(link.state, clean)[1].clamp_(0, 1) - clean).square().mean())
    return {
        "inactive": float(activity.silent.mean()),
        "dead": float(activity.dead.mean()),
        "local": _locality(incoming(link, None).images),
        "mse": error,
    }


def _locality(weights: np.ndarray) -> float:
    """Of weights [K, 784]: the share of their squares within the best window, the mean over units that have any."""
    from scipy.ndimage import uniform_filter

    squares = np.square(weights, dtype=np.float64).reshape(-1, IMAGE_SIDE, IMAGE_SIDE)
    total = squares.sum((1, 2))
    half = _WINDOW // 2
    inside = uniform_filter(squares, size=(1, _WINDOW, _WINDOW), mode="constant")[:, half:-half, half:-half]
    found = inside.max((1, 2)) * _WINDOW**2 / np.maximum(total, 1e-12)
    return float(found[total > 0].mean()) if (total > 0).any() else 0.0


@measurement(1)
def neighbours(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Accuracy of 5-NN, five-fold cross-validated on test images: in the pixels, in the code, and in each layer of the
    encoder before it (`layer_1`, …)."""
    layers = plan(link.state.config).encoder_stages[:-1]
    whole = embeddings.reference(link, data, PROBES)
    values = {"pixels": _share(whole.pixels), "code": _share(whole.code)}
    for number, after in enumerate(layers, 1):
        values[f"layer_{number}"] = _share(embeddings.reference(link, data, PROBES, after).layer)
    return values


@measurement(1)
def flat_map(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Accuracy of 5-NN on a map of two dimensions: of the code, and of the pixels by PCA; and of the most frequent
    class."""
    seen = embeddings.look(link, data, basis, PROBES, 2, Flattening("pca"), None)
    assert seen.map is not None
    plane = embeddings.pixel_map(data, basis, PROBES, 2)
    counts = np.bincount(data.test_labels.cpu().numpy())
    return {
        "map": _share(embeddings.quality(data, seen.map.points, PROBES).right),
        "pca": _share(embeddings.quality(data, plane.points, PROBES).right),
        "chance": counts.max() / counts.sum(),
    }


@measurement(1)
def tsne_maps(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Accuracy of 5-NN on a t-SNE map of 1,000 test images: of the code, and of the pixels (their first 50 principal
    components). The map's seed is the run's."""
    seed, count = link.state.config.seed, min(_MAPPED, len(data.test))
    perplexity = min(_PERPLEXITY, tsne.largest_perplexity(count))
    values = {}
    for source in (tsne.CODE, tsne.PIXELS):
        settings = tsne.Settings(source, count, 2, perplexity, 1.0, seed)
        stage = tsne.go_on(tsne.start(link, data, basis, settings), tsne.ITERATIONS)
        values[source] = _share(embeddings.quality(data, tsne.report(stage).points, count).right)
    return values


@measurement(1)
def under_noise(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """How codes of test images move under Gaussian noise (σ = 0.5): the mean distance moved, in units of the codes'
    mean distance from their centre; and accuracy of 5-NN among clean training images, for noisy codes and pixels."""
    from sklearn.neighbors import KNeighborsClassifier

    from aelib.analysis.denoising.baselines import corrupted_images

    which = evenly_spaced(len(data.train), _KNOWN)
    names, labels = data.train_labels[which].cpu().numpy(), data.probe_labels.cpu().numpy()
    images = corrupted_images(data, _NOISE, _LEVEL)
    clean, noisy = (_codes(link.state, data, found) for found in (images.clean, images.corrupted))
    known = data.train[which].cpu().numpy() / np.float32(255)

    def accuracy(learned: np.ndarray, asked: np.ndarray) -> float:
        return float((KNeighborsClassifier(_NEIGHBOURS).fit(learned, names).predict(asked) == labels).mean())

    spread = np.linalg.norm(clean - clean.mean(0), axis=1).mean()
    return {
        "shift": np.linalg.norm(noisy - clean, axis=1).mean() / max(float(spread), 1e-9),
        "noisy_accuracy": accuracy(_codes(link.state, data, known), noisy),
        "pixel_accuracy": accuracy(known, images.corrupted),
    }


@measurement(1, foreign=True)
def anomalies(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """AUROC of each score of the network, and of the PCA residual, for foreign test images among the run's own."""
    assert foreign is not None
    normal, anomalous = (found.test[evenly_spaced(len(found.test), TESTED)].cpu().numpy() for found in (data, foreign))
    components = scores.pca_components(link.state.config)
    values = {
        name: scores.by_network(link, data, name, normal, anomalous).auroc.value
        for name in (scores.ERROR, *scores.OF_CODE)
    }
    values[scores.RESIDUAL] = scores.by_rival(data, basis, scores.RESIDUAL, components, normal, anomalous).auroc.value
    return {**values, "normal": len(normal), "anomalous": len(anomalous)}


@measurement(1)
def discriminants(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Accuracy of 5-NN among training images in equally many numbers: the code, linear discriminants (LDA, estimated
    with labels, at most one less than there are classes) and principal components."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
    from sklearn.neighbors import KNeighborsClassifier

    which = evenly_spaced(len(data.train), _DISCRIMINATED)
    known, names = data.train[which].cpu().numpy() / np.float32(255), data.train_labels[which].cpu().numpy()
    asked, labels = data.probe.cpu().numpy() / np.float32(255), data.probe_labels.cpu().numpy()
    units = plan(link.state.config).code_units
    lda = LinearDiscriminantAnalysis(n_components=min(units, len(np.unique(names)) - 1)).fit(known, names)

    def accuracy(learned: np.ndarray, shown: np.ndarray) -> float:
        return float((KNeighborsClassifier(_NEIGHBOURS).fit(learned, names).predict(shown) == labels).mean())

    return {
        "code": accuracy(_codes(link.state, data, known), _codes(link.state, data, asked)),
        "lda": accuracy(lda.transform(known), lda.transform(asked)),
        "pca": accuracy(basis.encode(known, units), basis.encode(asked, units)),
    }


def _codes(state: State, data: Data, images: np.ndarray) -> np.ndarray:
    """Codes float32 [N, units] of images [N, 784] in [0, 1]."""
    import torch

    from aelib.train.inference import encode

    shown: Tensor = torch.tensor(np.asarray(images, dtype=np.float32), device=data.train.device)
    return finite(encode(state, shown))


def _share(right: np.ndarray | None) -> float:
    """How many are named rightly; NaN where there are too few images or classes."""
    return float("nan") if right is None else float(right.mean())
