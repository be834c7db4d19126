"""Digits and letters that lie on their side: EMNIST's files and many of MATLAB's hold images column after column."""

from __future__ import annotations

from functools import cache

import numpy as np

from aelib.datasets import bundled
from aelib.datasets.dataset import Array
from aelib.spec.images import IMAGE_SIDE

_LOOKED_AT = 500
# Of MNIST's images, 0.65 is the mean correlation with the best of the means upright and 0.55 with those lying, and
# 86 % are closer to an upright one. KMNIST's reach 0.40 and 0.35: neither digits nor Latin letters.
_KNOWN, _LYING = 0.5, 0.7


def lies_on_its_side(images: Array) -> bool:
    """Are uint8 [N, 28, 28] digits or Latin letters with rows and columns exchanged?"""
    some = images[:: max(1, len(images) // _LOOKED_AT)][:_LOOKED_AT]
    if np.median(np.concatenate([some[:, 0].ravel(), some[:, :, 0].ravel()])) > 127:
        some = 255 - some
    scans = _normed(some.reshape(len(some), -1).astype(np.float64))
    upright = _means()
    lying = upright.reshape(-1, IMAGE_SIDE, IMAGE_SIDE).swapaxes(1, 2).reshape(len(upright), -1)
    as_upright, as_lying = (scans @ means.T for means in (upright, lying))
    best_upright, best_lying = as_upright.max(1), as_lying.max(1)
    return bool(best_lying.mean() > _KNOWN and (best_lying > best_upright).mean() > _LYING)


@cache
def _means() -> Array:
    """The mean image of every class of the bundled digits and letters, centred and of length 1: [36, 784]."""
    means = [
        dataset.train_images[dataset.train_labels == label].reshape(-1, IMAGE_SIDE**2).mean(0)
        for dataset in (bundled.digits(), bundled.letters())
        for label in range(len(dataset.classes))
    ]
    return _normed(np.array(means))


def _normed(rows: Array) -> Array:
    centred = rows - rows.mean(1, keepdims=True)
    normed: Array = centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    return normed
