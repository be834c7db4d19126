"""How near images are to clean ones. Images are float arrays in [0, 1], [N, 784], in colour [N, 3 × 784]."""

from __future__ import annotations

import numpy as np

from aelib.spec.images import IMAGE_SIDE

# An error of 0 would be infinitely many dB; 100 dB is far beyond what 8 bits a pixel can show.
BEST_PSNR = 100.0


def psnr(clean: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio of each image in dB, [N], at most `BEST_PSNR`."""
    errors = np.square(clean - images).mean(axis=1, dtype=np.float64)
    return np.asarray(-10 * np.log10(np.maximum(errors, 10 ** (-BEST_PSNR / 10))))


def ssim(clean: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Structural similarity of each image, [N] (Wang et al. 2004; 7×7 windows); in colour the mean of the planes."""
    from skimage.metrics import structural_similarity

    planes = (-1, IMAGE_SIDE, IMAGE_SIDE)
    scores = [
        structural_similarity(a, b, data_range=1.0)
        for a, b in zip(clean.reshape(planes), images.reshape(planes), strict=True)
    ]
    return np.asarray(np.reshape(scores, (len(clean), -1)).mean(axis=1))
