"""Claims about how well a code keeps classes apart, judged by the five nearest neighbours of each image.

All arguments are bool [N]: whose class the neighbours named, for the same images (see `latent.Reference`, `Quality`).
"""

from __future__ import annotations

import numpy as np

from aelib.analysis.claims import Verdict, judged, may_be
from aelib.analysis.denoising.quality import Mean, paired

_HOW = "5-NN, five-fold cross-validation; 95 % intervals (Student's t), paired over the images"


def codes_may_classify_better(code: np.ndarray, pixels: np.ndarray, measured_on: str) -> Verdict:
    """C23, see `claims.may_be`."""
    difference = paired(code, pixels)
    outcome, why_not = may_be(difference)
    return Verdict(
        "C23",
        "Codes may classify better than pixels",
        outcome,
        f"5-NN is {_points(difference)} in the code than in the pixels",
        f"{measured_on}; {_HOW}. {why_not}".rstrip(),
    )


def layer_may_serve(layer: np.ndarray, pixels: np.ndarray, code: np.ndarray, called: str, measured_on: str) -> Verdict:
    """C29, for one layer: are its features better than the pixels?"""
    beside_pixels, beside_code = paired(layer, pixels), paired(layer, code)
    outcome, why_not = may_be(beside_pixels)
    return Verdict(
        "C29",
        "A hidden layer can serve as the features",
        outcome,
        f"In {called} 5-NN is {_points(beside_pixels)} than in the pixels, and {_points(beside_code)} than in the code",
        f"{measured_on}; {_HOW}. Supported if better than the pixels. {why_not}".rstrip(),
    )


def map_beats_pca(shown: np.ndarray, pca: np.ndarray, called: str, measured_on: str) -> Verdict:
    """C2, for maps: does that of a layer keep the classes apart better than that of the pixels by PCA?"""
    difference = paired(shown, pca)
    return Verdict(
        "C2",
        f"The map of {called} keeps the classes apart better than PCA's",
        judged(difference),
        f"On it 5-NN is {_points(difference)}",
        f"{measured_on}; {_HOW}.",
    )


def good_before_tsne(code: np.ndarray, pixels: np.ndarray, called: str, measured_on: str) -> Verdict:
    """C20: is the t-SNE map of a layer better than that of the pixels?"""
    difference = paired(code, pixels)
    return Verdict(
        "C20",
        "An autoencoder is good preprocessing before t-SNE",
        judged(difference),
        f"On the t-SNE map of {called} 5-NN is {_points(difference)} than on that of the pixels",
        f"One map of each, with the settings shown; {measured_on}; {_HOW}.",
    )


def _points(difference: Mean) -> str:
    more = "more" if difference.value >= 0 else "less"
    return f"{abs(difference.value) * 100:.1f} ± {difference.margin * 100:.1f} percentage points {more} accurate"
