"""How near restored images are to the clean ones, image by image and on average."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aelib.train.image_quality import psnr, ssim

CONFIDENCE = 0.95
# `metrics.psnr` gives 100 dB where not a bit is wrong.
EXACT_DB = 99.9


@dataclass(frozen=True)
class Restored:
    """`images`: uint8 [N, 784] or, in colour, [N, 2352]; `psnr` in dB and `ssim`, of each: [N]."""

    images: np.ndarray
    psnr: np.ndarray
    ssim: np.ndarray


@dataclass(frozen=True)
class Mean:
    """A mean over `count` images, and half the width of its 95 % confidence interval."""

    value: float
    margin: float
    count: int

    @property
    def low(self) -> float:
        return self.value - self.margin

    @property
    def high(self) -> float:
        return self.value + self.margin


def mean(values: np.ndarray) -> Mean:
    """The mean of [N] values with Student's t interval; the images count as drawn at random."""
    # The quantile of Student's t alone; all of scipy.stats would take a second to load.
    from scipy.special import stdtrit

    count = len(values)
    if count < 2:
        return Mean(float(values.mean()), float("inf"), count)
    error = float(values.std(ddof=1)) / count**0.5
    return Mean(float(values.mean()), float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * error, count)


def paired(one: np.ndarray, other: np.ndarray) -> Mean:
    """The mean of `one` minus `other`, both [N] and measured on the same images or draws, pair by pair."""
    return mean(np.asarray(one, dtype=np.float64) - np.asarray(other, dtype=np.float64))


def p_value(difference: Mean) -> float:
    """Of the two-sided t test that the true mean is zero; 1 where there are too few values to tell."""
    from scipy.special import stdtr, stdtrit

    if difference.count < 2 or not difference.value:
        return 1.0
    if not difference.margin:
        return 0.0
    freedom = difference.count - 1
    error = difference.margin / float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
    return float(2 * stdtr(freedom, -abs(difference.value) / error))


def measured(target: np.ndarray, images: np.ndarray) -> Restored:
    """Float images in [0, 1], [N, 784] or three colour planes [N, 2352], beside what they should be.

    SSIM of a colour image is the mean over its planes.
    """
    from aelib.spec.images import PIXELS

    planes = ssim(target.reshape(-1, PIXELS), images.reshape(-1, PIXELS)).reshape(len(images), -1)
    as_bytes = np.rint(images.clip(0, 1) * 255).astype(np.uint8)
    return Restored(as_bytes, psnr(target, images), planes.mean(axis=1))
