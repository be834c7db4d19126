"""Scores that are to be large for anomalous images: the network's, and those of methods that need none.

Whatever a score is compared with (mean, covariance, neighbours, principal axes) comes from training images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.anomalies.ranking import Ranking, rank
from aelib.analysis.latent_space.embeddings import finite
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.images import evenly_spaced
from aelib.spec.regularizers import gaussian_divergence
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.spec.state import State
    from aelib.train.resident import Basis, Data

NEIGHBOURS = 5
# So many training images, spread evenly, are what others are compared with: convolutions take longer to encode them.
REFERENCES, REFERENCES_OF_CONVOLUTION = 5_000, 2_000
# The covariance of codes wider than any vector code is estimated on so many of their principal components.
WIDEST, KEPT = 1_024, 256
TREES = 100
# With as many principal components as pixels nothing would be left of an image but rounding errors.
MOST_COMPONENTS = 256

ERROR, ELBO = "reconstruction error", "negative ELBO"
MEAN, MAHALANOBIS, NEAREST = "distance to the mean code", "Mahalanobis", "nearest codes"
RESIDUAL, PIXELS_NEAREST, FOREST = "PCA residual", "nearest pixels", "isolation forest"


@dataclass(frozen=True)
class Score:
    """`about` explains it to people. `of`: what it is taken from: the "output" of the network, its "code", or the
    "pixels" without a network."""

    name: str
    about: str
    of: str


SCORES = {
    score.name: score
    for score in (
        Score(ERROR, "mean squared error between the image and its reconstruction, clipped to [0, 1]", "output"),
        Score(
            ELBO,
            "minus the evidence lower bound in nats: reconstruction loss of one code drawn for the image, plus the KL "
            "divergence of its code's distribution from the prior",
            "output",
        ),
        Score(MEAN, "Euclidean distance of the code to the mean code of training images", "code"),
        Score(
            MAHALANOBIS,
            "distance to the mean code in units of the codes' spread in each direction; covariance of training codes "
            "with Ledoit-Wolf shrinkage (2004)",
            "code",
        ),
        Score(NEAREST, f"mean distance to the codes of the {NEIGHBOURS} nearest training images", "code"),
        Score(
            RESIDUAL,
            "mean squared error of the projection onto as many principal components as the code has dimensions "
            f"(at most {MOST_COMPONENTS}), clipped to [0, 1]",
            "pixels",
        ),
        Score(PIXELS_NEAREST, f"mean distance in pixels to the {NEIGHBOURS} nearest training images", "pixels"),
        Score(
            FOREST, f"isolation forest of {TREES} trees on the pixels (Liu, Ting & Zhou 2008; scikit-learn)", "pixels"
        ),
    )
}
OF_CODE = tuple(name for name, score in SCORES.items() if score.of == "code")
RIVALS = tuple(name for name, score in SCORES.items() if score.of == "pixels")


def of_network(config: RunConfig) -> tuple[str, ...]:
    """The names of the scores that a network has: a colour of its own making cannot be compared with a grey image, and
    an evidence lower bound needs a code that is a distribution and outputs that are probabilities."""
    error = () if config.colour else (ERROR,)
    bound = (ELBO,) if config.variational and config.loss == "bce" and not config.colour else ()
    return (*error, *OF_CODE, *bound)


def pca_components(config: RunConfig) -> int:
    """How many principal components PCA has that is compared with a network."""
    return min(plan(config).code_units, MOST_COMPONENTS)


# ---- questions to the engine ------------------------------------------------------------------------------------


def by_network(link: Slice, data: Data, name: str, normal: np.ndarray, anomalous: np.ndarray) -> Ranking:
    """Ranks images uint8 [N, 784] and [M, 784] by one of the network's scores."""
    import torch

    state = link.state
    images = torch.tensor(np.concatenate([normal, anomalous]), device=data.train.device).float().div_(255)
    if name == ERROR:
        scores = _errors(state, images)
    elif name == ELBO:
        scores = _negative_elbo(state, data, images)
    else:
        scores = _far(name, finite(_codes(state, images)), reference_codes(state, data))
    return _ranked(scores, len(normal))


def by_rival(
    data: Data, basis: Basis, name: str, components: int, normal: np.ndarray, anomalous: np.ndarray
) -> Ranking:
    """The same by a method without a network; `components`: of PCA."""
    images = np.concatenate([normal, anomalous]) / np.float32(255)
    if name == RESIDUAL:
        scores = np.square(images - basis.reconstruct(images, components)).mean(axis=1)
    else:
        known = data.train[chosen_references(data, REFERENCES)].cpu().numpy() / np.float32(255)
        scores = _nearest(images, known) if name == PIXELS_NEAREST else _isolated(images, known)
    return _ranked(scores, len(normal))


def reconstructions(link: Slice, data: Data, images: np.ndarray) -> np.ndarray:
    """What the network makes of images uint8 [N, 784]: uint8 [N, 784], in colour [N, 2352]."""
    import torch

    from aelib.train.inference import as_bytes, reconstruct

    clean = torch.tensor(images, device=data.train.device).float().div_(255)
    return as_bytes(reconstruct(link.state, clean)[1])


@dataclass(frozen=True, eq=False)
class Map:
    """Where codes lie in a plane, float32 [N, 2] each. `flat`: whether it is the code itself, which has two dimensions;
    else it is the plane of the first two principal components of training codes."""

    training: np.ndarray
    normal: np.ndarray
    anomalous: np.ndarray
    flat: bool


def code_map(link: Slice, data: Data, normal: np.ndarray, anomalous: np.ndarray) -> Map:
    """The codes of images uint8 [N, 784] and [M, 784], among those of training images."""
    import torch
    from sklearn.decomposition import PCA

    from aelib.train.projection import alike

    images = torch.tensor(np.concatenate([normal, anomalous]), device=data.train.device).float().div_(255)
    codes, known = finite(_codes(link.state, images)), reference_codes(link.state, data)
    flat = codes.shape[1] == 2
    if not flat and (len(known) < 2 or alike(known)):
        codes, known = (np.zeros((len(vectors), 2), np.float32) for vectors in (codes, known))
    elif not flat:
        components = PCA(2, random_state=0).fit(known)
        codes, known = components.transform(codes), components.transform(known)
    codes, known = (np.asarray(points, dtype=np.float32) for points in (codes, known))
    return Map(known, codes[: len(normal)], codes[len(normal) :], flat)


# ---- inside -----------------------------------------------------------------------------------------------------


def chosen_references(data: Data, most: int) -> np.ndarray:
    """Indices int64 of the training images that others are compared with."""
    return evenly_spaced(len(data.train), most)


def reference_codes(state: State, data: Data) -> np.ndarray:
    """Codes float32 [at most 5,000, units] of training images."""
    most = REFERENCES_OF_CONVOLUTION if state.config.convolutional else REFERENCES
    return finite(_codes(state, data.train[chosen_references(data, most)].float().div_(255)))


def _codes(state: State, images: Tensor) -> Tensor:
    from aelib.train.inference import encode

    return encode(state, images)


def _errors(state: State, images: Tensor) -> np.ndarray:
    from aelib.train.inference import reconstruct

    output = reconstruct(state, images)[1].clamp_(0, 1)
    return finite((output - images).square_().mean(1, keepdim=True))[:, 0]


def _negative_elbo(state: State, data: Data, images: Tensor) -> np.ndarray:
    """D. Kingma and M. Welling 2014, "Auto-Encoding Variational Bayes", with one code an image."""
    import torch.nn.functional as F

    from aelib.nn.autoencoder import sample_code
    from aelib.train.inference import decode_logits, posterior, sampling_generator

    mean, log_variance = posterior(state, images)
    sampled = sample_code(mean, log_variance, sampling_generator(state.config.seed, data.test.device))
    logits = decode_logits(state, sampled)
    loss = F.binary_cross_entropy_with_logits(logits, images, reduction="none").sum(1)
    return finite((loss + gaussian_divergence(mean, log_variance).sum(1))[:, None])[:, 0]


def _far(name: str, codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    if name == NEAREST:
        return _nearest(codes, known)
    return _mahalanobis(codes, known) if name == MAHALANOBIS else _from_mean(codes, known)


def _from_mean(codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.norm(codes - known.mean(axis=0), axis=1))


def _mahalanobis(codes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Distances [N] of codes [N, units] to the mean of `known` [K, units]. Where these do not differ, as those of a
    network that has collapsed or of a single image, no direction counts for more than another."""
    from sklearn.covariance import LedoitWolf
    from sklearn.decomposition import PCA

    from aelib.train.projection import alike

    if len(known) < 2 or alike(known):
        return _from_mean(codes, known)
    if codes.shape[1] > WIDEST:
        components = PCA(min(KEPT, len(known)), svd_solver="randomized", random_state=0).fit(known)
        codes, known = components.transform(codes), components.transform(known)
    # In double precision: the square of a condition number is beyond float32.
    return np.asarray(np.sqrt(LedoitWolf().fit(known.astype(np.float64)).mahalanobis(codes.astype(np.float64))))


def _nearest(vectors: np.ndarray, known: np.ndarray) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors

    neighbours = NearestNeighbors(n_neighbors=min(NEIGHBOURS, len(known)), algorithm="brute").fit(known)
    return np.asarray(neighbours.kneighbors(vectors)[0].mean(axis=1))


def _isolated(vectors: np.ndarray, known: np.ndarray) -> np.ndarray:
    from sklearn.ensemble import IsolationForest

    return np.asarray(-IsolationForest(n_estimators=TREES, random_state=0).fit(known).score_samples(vectors))


def _ranked(scores: np.ndarray, normal: int) -> Ranking:
    return rank(scores[:normal], scores[normal:])
