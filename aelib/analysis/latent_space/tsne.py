"""t-SNE as a chain of slices: `start`, then `go_on` again and again, with a `report` of each.

t-SNE (van der Maaten and Hinton 2008) moves points on a map until neighbours in many dimensions are neighbours there.
openTSNE (Poličar, Stražar and Zupan 2024) keeps the momentum in the embedding, so it may be cut anywhere.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from aelib.spec.fields import InvalidInput
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.analysis.latent_space.embeddings import Projection
    from aelib.train.resident import Basis, Data

# openTSNE's defaults: first the groups are pulled together, then they unfold.
EARLY, LATE = 250, 500
ITERATIONS = EARLY + LATE
EARLY_EXAGGERATION = 12.0
PIXELS, CODE = "pixels", "code"
# Vectors longer than this go through PCA first, which takes off noise and saves time.
REDUCED = 50


@dataclass(frozen=True)
class Settings:
    """What is laid out and how. `exaggeration` is the attraction's factor in the second phase; 1 is t-SNE proper.

    `source` is "pixels" or "code"; with `layers`, what the encoder's first `layers` layers make of the images stands
    in the code's place.
    """

    source: str
    count: int
    dims: int
    perplexity: float
    exaggeration: float
    seed: int = 0
    layers: int | None = None


@dataclass(frozen=True)
class Stage:
    """How far it has come. `embedding` is an `openTSNE.TSNEEmbedding` [N, dims]; `reduce` is applied to the vectors
    first; `seconds`: spent so far; `slice_seconds`: on the last `slice_iterations`."""

    settings: Settings
    embedding: Any
    reduce: Projection | None
    iteration: int = 0
    seconds: float = 0.0
    slice_iterations: int = 0
    slice_seconds: float = 0.0


@dataclass(frozen=True)
class Report:
    """What the app gets to know of a stage: points float32 [N, dims]; the Kullback-Leibler divergence in nats,
    None before the first iteration; the rest as in `Stage`."""

    points: np.ndarray
    divergence: float | None
    iteration: int
    seconds: float
    slice_iterations: int
    slice_seconds: float


# The smallest perplexity offered, and the points that it needs.
SMALLEST_PERPLEXITY = 2
FEWEST_POINTS = 3 * SMALLEST_PERPLEXITY + 2


def check_perplexity(perplexity: float, points: int) -> None:
    """Raises `InvalidInput` where there are too few points for that many neighbours."""
    limit = (points - 1) / 3
    if not 1 < perplexity < limit:
        allowed = (
            f"more than 1 and less than a third of the points: at most {largest_perplexity(points)} for {points:,}"
        )
        raise InvalidInput("perplexity", f"{perplexity:g}", allowed)


def largest_perplexity(points: int) -> int:
    """The largest whole perplexity that `check_perplexity` lets pass."""
    return max(1, int(np.ceil((points - 1) / 3)) - 1)


def start(link: Slice, data: Data, basis: Basis, settings: Settings) -> Stage:
    """Neighbourhoods of the chosen test images, and a first map by PCA."""
    began = time.perf_counter()
    vectors, reduce = _vectors(link, data, basis, settings)
    return _started(vectors, reduce, settings, began)


def _started(vectors: np.ndarray, reduce: Projection | None, settings: Settings, began: float) -> Stage:
    from openTSNE import TSNEEmbedding, affinity, initialization

    from aelib.train.projection import alike

    check_perplexity(settings.perplexity, len(vectors))
    near = affinity.PerplexityBasedNN(vectors, settings.perplexity, n_jobs=1, random_state=settings.seed)
    # A code of fewer numbers than the map has axes starts flat, and a dead one has no principal axes at all.
    wide = np.pad(vectors, ((0, 0), (0, max(0, settings.dims - vectors.shape[1]))))
    if not alike(vectors):
        first = initialization.pca(wide, settings.dims, random_state=settings.seed)
    else:
        first = initialization.random(wide, settings.dims, random_state=settings.seed)
    # Fourier interpolation knows two dimensions only, and pays from ten thousand points on.
    embedding = TSNEEmbedding(first, near, negative_gradient_method="bh", n_jobs=1, random_state=settings.seed)
    return Stage(settings, embedding, reduce, seconds=time.perf_counter() - began)


def go_on(stage: Stage, iterations: int) -> Stage:
    """`iterations` further, but not beyond the last."""
    began = time.perf_counter()
    end = min(stage.iteration + iterations, ITERATIONS)
    embedding, now = stage.embedding, stage.iteration
    # While groups are pulled together nothing is gained by less than what is to remain.
    early = max(EARLY_EXAGGERATION, stage.settings.exaggeration)
    while now < end:
        if now < EARLY:
            until, phase = min(end, EARLY), {"exaggeration": early, "momentum": 0.5}
        else:
            until, phase = end, {"exaggeration": stage.settings.exaggeration, "momentum": 0.8}
        embedding = embedding.optimize(until - now, **phase)
        now = until
    seconds = time.perf_counter() - began
    return replace(
        stage,
        embedding=embedding,
        iteration=end,
        seconds=stage.seconds + seconds,
        slice_iterations=end - stage.iteration,
        slice_seconds=seconds,
    )


def report(stage: Stage) -> Report:
    divergence = getattr(stage.embedding, "kl_divergence", None)
    return Report(
        np.asarray(stage.embedding, dtype=np.float32),
        None if divergence is None else float(divergence),
        stage.iteration,
        stage.seconds,
        stage.slice_iterations,
        stage.slice_seconds,
    )


def place(stage: Stage, link: Slice, data: Data, basis: Basis, image: np.ndarray) -> np.ndarray:
    """Where a uint8 image [28, 28] belongs on the map, float32 [dims]: between its nearest neighbours, then moved
    for a while with all other points held. t-SNE has no formula for new points, so this is an approximation."""

    from aelib.analysis.latent_space.embeddings import own

    if stage.settings.source == PIXELS:
        vector = image.reshape(1, -1).astype(np.float32) / 255
    else:
        vector = own(link, data, image, stage.settings.layers).vector[None]
    if stage.reduce is not None:
        vector = stage.reduce.place(vector)
    return np.asarray(stage.embedding.transform(vector)[0], dtype=np.float32)


def _vectors(link: Slice, data: Data, basis: Basis, settings: Settings) -> tuple[np.ndarray, Projection | None]:
    from sklearn.decomposition import PCA

    from aelib.analysis.latent_space.embeddings import Projection, finite, images
    from aelib.train.inference import encode
    from aelib.train.projection import alike

    clean = images(data, settings.count)
    reduce = None
    of_pixels = settings.source == PIXELS
    vectors = clean.cpu().numpy() if of_pixels else finite(encode(link.state, clean, settings.layers))
    # The axes of a few training images would leave out most of what others look like.
    if of_pixels and len(basis.axes) >= REDUCED:
        reduce = Projection(basis.mean, basis.axes[:REDUCED].T)
    elif vectors.shape[1] > REDUCED and not alike(vectors):
        pca = PCA(min(REDUCED, len(vectors)), random_state=settings.seed).fit(vectors)
        reduce = Projection(pca.mean_, pca.components_.T)
    return (vectors if reduce is None else reduce.place(vectors)), reduce
