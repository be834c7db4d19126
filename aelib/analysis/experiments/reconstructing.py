"""How well images survive a network, and what kind of images do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from aelib.analysis.experiments.classifying import FEW
from aelib.analysis.experiments.measurement import Values, measurement
from aelib.analysis.reconstructions import measurements
from aelib.spec.architecture import plan
from aelib.spec.images import IMAGE_SIDE, evenly_spaced
from aelib.train.image_quality import psnr
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.spec.state import State
    from aelib.train.resident import Basis, Data

# Training images on which an error is compared with that on test images.
_TRAINING = 2_000
# Test images that a classifier with few labels has to name.
_NAMED = 2_000
# Images that a frozen classifier learns from, and neighbours that it asks.
_KNOWN, _NEIGHBOURS = 5_000, 5


@measurement(1)
def reconstruction(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Mean squared errors, clipped to [0, 1]: of test and training images, of PCA with as many numbers, and of the mean
    training image; PSNR in dB of the network and of PCA."""
    clean = data.probe.float().div_(255)
    known = data.train[evenly_spaced(len(data.train), _TRAINING)].float().div_(255)
    output, target = _through(link.state, clean), clean.cpu().numpy()
    seen = known.cpu().numpy()
    projected = basis.reconstruct(target, plan(link.state.config).code_units)
    return {
        "mse": _mse(target, output),
        "train_mse": _mse(seen, _through(link.state, known)),
        "pca_mse": _mse(target, projected),
        "mean_mse": _mse(target, np.broadcast_to(seen.mean(0), target.shape)),
        "psnr": psnr(target, output).mean(),
        "pca_psnr": psnr(target, projected).mean(),
    }


@measurement(1)
def readability(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Are reconstructions of test images read and sharp? Accuracy of a classifier that knows original training images
    (5-NN) on the originals, the reconstructions, and PCA's; sharpness: mean difference of neighbouring pixels, as a
    share of that of the originals; PSNR in dB of both."""
    from sklearn.neighbors import KNeighborsClassifier

    which = evenly_spaced(len(data.train), _KNOWN)
    known = data.train[which].cpu().numpy() / np.float32(255)
    reader = KNeighborsClassifier(_NEIGHBOURS).fit(known, data.train_labels[which].cpu().numpy())
    clean, labels = data.probe.float().div_(255), data.probe_labels.cpu().numpy()
    target, output = clean.cpu().numpy(), _through(link.state, clean)
    projected = basis.reconstruct(target, plan(link.state.config).code_units)
    return {
        "accuracy": _named(reader, output, labels),
        "original_accuracy": _named(reader, target, labels),
        "pca_accuracy": _named(reader, projected, labels),
        "sharpness": _contrast(output) / _contrast(target),
        "psnr": psnr(target, output).mean(),
        "pca_psnr": psnr(target, projected).mean(),
    }


@measurement(1)
def copying(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Of which images does the network give back what it gets? R², the share of the pixels' variance about the mean of
    each kind of image that survives, for test images, for these with their pixels shuffled, and for noise in which
    every pixel is drawn from the uniform distribution. And is its code good for anything? Accuracy of logistic
    regression on code and pixels, with 10 labelled images of each class."""
    import torch

    from aelib.analysis.classify.classifiers import from_code, from_pixels, most_labels

    clean = data.probe.float().div_(255)
    target = clean.cpu().numpy()
    chance = np.random.default_rng(0)
    shuffled = chance.permuted(target, axis=1)
    noise = chance.random(target.shape, dtype=np.float32)

    def survives(images: np.ndarray) -> float:
        output = _through(link.state, torch.tensor(images, device=clean.device))
        return 1 - float(np.square(output - images).mean() / np.square(images - images.mean(0)).mean())

    seed, tested = link.state.config.seed, min(_NAMED, len(data.test))
    labels = min(FEW, most_labels(data.train_labels.cpu().numpy()))
    return {
        "test": survives(target),
        "shuffled": survives(shuffled),
        "noise": survives(noise),
        "code_few": from_code(link, data, labels, seed, tested).accuracy,
        "pixels_few": from_pixels(data, labels, seed, tested).accuracy,
    }


@measurement(1, foreign=True)
def rate_distortion(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """PSNR in dB of network, PCA and JPEG, each with one byte a number of the code, on the run's own test images and
    on foreign ones (`foreign_…`), with JPEG's mean bytes."""
    assert foreign is not None
    units = plan(link.state.config).code_units
    values: Values = {"units": units}
    for prefix, shown in (("", None), ("foreign_", foreign)):
        found = measurements.measure(link, data, basis, shown)
        jpeg = measurements.measure_jpeg(shown or data, units)
        assert found.pca is not None
        values |= {
            f"{prefix}network": found.network.each.mean(),
            f"{prefix}pca": found.pca.each.mean(),
            f"{prefix}jpeg": jpeg.psnr,
            f"{prefix}jpeg_bytes": jpeg.bytes,
            f"{prefix}count": found.count,
        }
    return values


@measurement(1)
def principal_angles(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Between the subspace that the decoder's weights span and that of as many principal components: the largest angle
    in degrees, and the share of the subspace that is the same (mean squared cosine); the errors of both on test
    images, clipped to [0, 1]. The decoder has to be a single dense layer."""
    from scipy.linalg import orth, subspace_angles

    weights = link.state.weights["decoder.0.weight"].astype(np.float64)
    axes = basis.axes[: weights.shape[1]].T.astype(np.float64)
    spanned = orth(weights)
    angles = subspace_angles(spanned, axes)
    clean = data.probe.float().div_(255)
    target = clean.cpu().numpy()
    return {
        "shared": np.square(np.cos(angles)).sum() / axes.shape[1],
        "largest_angle": np.degrees(angles.max()),
        "mse": _mse(target, _through(link.state, clean)),
        "pca_mse": _mse(target, basis.reconstruct(target, weights.shape[1])),
    }


@measurement(1)
def colouring(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Of a run in colour: how often the hue is that of the image's class; the most frequent class of test images; and
    the mean squared error with, and without, the network's choice of hue (grey in all three planes)."""
    from aelib.analysis.denoising.measurements import named
    from aelib.train.inference import output_and_target

    clean = data.probe.float().div_(255)
    output, target = output_and_target(link.state, data, clean, clean, data.probe_labels)
    grey = clean.repeat(1, 3) * float(data.hues.mean())
    counts = np.bincount(data.probe_labels.cpu().numpy())
    return {
        "right": named(link, data, "none", 0.0).right,
        "chance": counts.max() / counts.sum(),
        "mse": float((output - target).square().mean()),
        "grey_mse": float((grey - target).square().mean()),
    }


def _through(state: State, images: Tensor) -> np.ndarray:
    """What the network makes of images [N, 784] in [0, 1], clipped."""
    from aelib.train.inference import reconstruct

    output: np.ndarray = reconstruct(state, images)[1].clamp_(0, 1).cpu().numpy()
    return output


def _mse(target: np.ndarray, images: np.ndarray) -> float:
    return float(np.square(target - images).mean(dtype=np.float64))


def _named(reader: Any, images: np.ndarray, labels: np.ndarray) -> float:
    return float((reader.predict(images) == labels).mean())


def _contrast(images: np.ndarray) -> float:
    squares = images.reshape(-1, IMAGE_SIDE, IMAGE_SIDE)
    return float(np.abs(np.diff(squares, axis=1)).mean() + np.abs(np.diff(squares, axis=2)).mean())
