"""What a decoder makes of codes drawn at random, judged by a classifier that never saw it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.decode import decoding
from aelib.analysis.experiments.measurement import Values, measurement
from aelib.spec.images import evenly_spaced
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Basis, Data

# Codes drawn, training images that the classifier learns from, and those that samples are compared with.
DRAWN, _KNOWN, _COMPARED = 500, 3_000, 5_000
_ITERATIONS = 60


@measurement(1)
def samples(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Samples of the decoder (codes from a Gaussian with mean and covariance of training codes, or, of a variational
    autoencoder, from its prior), and test images in the same way.

    `confidence`: mean probability that a logistic regression on training images gives to the class that it names;
    `diversity`: entropy of the classes named, as a share of the largest possible; `distance`: mean Euclidean distance
    to the nearest training image (0 would be a copy); `told`: AUROC of a logistic regression that tells samples from
    test images, cross-validated (0.5: it cannot). `mse`: of reconstructions of test images.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict
    from sklearn.neighbors import NearestNeighbors

    from aelib.train.inference import reconstruct

    which = evenly_spaced(len(data.train), _KNOWN)
    known = data.train[which].cpu().numpy() / np.float32(255)
    reader = LogisticRegression(max_iter=_ITERATIONS, tol=1e-2).fit(known, data.train_labels[which].cpu().numpy())
    near = NearestNeighbors(n_neighbors=1).fit(
        data.train[evenly_spaced(len(data.train), _COMPARED)].cpu().numpy() / np.float32(255)
    )
    made = decoding.samples(link, data, link.state.config.seed, DRAWN).images / np.float32(255)
    clean = data.probe.float().div_(255)
    real = clean[:DRAWN].cpu().numpy()
    truth = np.repeat([0, 1], (len(real), len(made)))
    teller = LogisticRegression(max_iter=_ITERATIONS, tol=1e-2)
    told = cross_val_predict(teller, np.concatenate([real, made]), truth, cv=5, method="decision_function")
    values: Values = {"told": roc_auc_score(truth, told)}
    for prefix, images in (("", made), ("real_", real)):
        probability = reader.predict_proba(images)
        shares = np.bincount(probability.argmax(1), minlength=probability.shape[1]) / len(images)
        entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum()
        values |= {
            f"{prefix}confidence": probability.max(1).mean(),
            f"{prefix}diversity": entropy / np.log(max(2, len(shares))),
            f"{prefix}distance": near.kneighbors(images)[0].mean(),
        }
    output = reconstruct(link.state, clean)[1].clamp_(0, 1)
    return {**values, "mse": float((output - clean).square().mean())}
