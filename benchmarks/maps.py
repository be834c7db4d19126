"""t-SNE and PCA as the app makes them and as scikit-learn does: how long they take, how far the maps can be trusted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from aelib import datasets
from aelib.analysis.latent_space import embeddings, tsne
from aelib.datasets import Dataset
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.images import evenly_spaced
from aelib.train.projection import fit_pca
from aelib.train.resident import Data
from aelib.train.slices import first_slice
from aelib.train.trainer import prepare
from benchmarks.measuring import Table

COUNTS = (1_000, 2_000, 5_000)
ROUNDS = 3
# What takes longer than this is done once.
ONCE_SECONDS = 15.0
PERPLEXITY = 30.0

# Lays out points [N, 2].
Layout = Callable[[], np.ndarray]


def measure() -> Table:
    table = Table(
        "Maps",
        f"Test pictures of MNIST, one thread; seconds are medians of {ROUNDS}, in turn; what took longer than "
        f"{ONCE_SECONDS:g} s was done once. Trust: trustworthiness for {embeddings.NEIGHBOURS} neighbours, among at "
        f"most {embeddings.COMPARED:,} points. t-SNE: of the {tsne.REDUCED} strongest principal components, "
        f"Barnes-Hut, perplexity {PERPLEXITY:g}, started at PCA, {tsne.EARLY} iterations with exaggeration "
        f"{tsne.EARLY_EXAGGERATION:g} and {tsne.LATE} without. PCA: all axes, and the points on the first two.",
        (
            *("map", "points", "ours, s", "scikit-learn, s", "scikit-learn : ours"),
            *("trust, ours", "trust, scikit-learn"),
        ),
    )
    dataset = datasets.load("mnist")
    for name, layouts in (("t-SNE", tsne_layouts), ("PCA", pca_layouts)):
        for count in COUNTS:
            data = prepare(excerpt(dataset, count))
            with threadpool_limits(1):
                seconds, points = timed(layouts(data))
            trust = (embeddings.quality(data, laid, count).trustworthiness for laid in points)
            mine, theirs = seconds
            times = (f"{mine:.2f}", f"{theirs:.2f}", f"{theirs / mine:.1f}")
            table.add(name, f"{count:,}", *times, *(f"{value:.3f}" for value in trust))
    return table


def excerpt(dataset: Dataset, count: int) -> Dataset:
    """A data set whose two splits are the same test images, spread over all of them."""
    some = evenly_spaced(len(dataset.test_images), count)
    images, labels = dataset.test_images[some], dataset.test_labels[some]
    return replace(dataset, train_images=images, train_labels=labels, test_images=images, test_labels=labels)


def tsne_layouts(data: Data) -> tuple[Layout, Layout]:
    """(ours, scikit-learn's)"""
    config, count = RunConfig(), len(data.test)
    link, basis = first_slice(config, data, Knobs.of(config)), fit_pca(data)
    settings = tsne.Settings(tsne.PIXELS, count, dims=2, perplexity=PERPLEXITY, exaggeration=1.0)
    components = (embeddings.images(data, count).cpu().numpy() - basis.mean) @ basis.axes[: tsne.REDUCED].T

    def ours() -> np.ndarray:
        return tsne.report(tsne.go_on(tsne.start(link, data, basis, settings), tsne.ITERATIONS)).points

    def theirs() -> np.ndarray:
        points: np.ndarray = TSNE(
            perplexity=PERPLEXITY,
            early_exaggeration=tsne.EARLY_EXAGGERATION,
            max_iter=tsne.ITERATIONS,
            random_state=settings.seed,
        ).fit_transform(components)
        return points

    return ours, theirs


def pca_layouts(data: Data) -> tuple[Layout, Layout]:
    """(ours, scikit-learn's with the solver that it chooses)"""
    count = len(data.test)
    pixels = embeddings.images(data, count).cpu().numpy()

    def ours() -> np.ndarray:
        return embeddings.pixel_map(data, fit_pca(data), count, 2).points

    def theirs() -> np.ndarray:
        return np.asarray(PCA().fit_transform(pixels)[:, :2])

    return ours, theirs


def timed(layouts: tuple[Layout, ...]) -> tuple[list[float], list[np.ndarray]]:
    """Of each layout: median seconds, and the points."""
    seconds: list[list[float]] = [[] for _ in layouts]
    points = []
    for turn in range(ROUNDS):
        for layout, waits in zip(layouts, seconds, strict=True):
            if turn and waits[0] > ONCE_SECONDS:
                continue
            began = time.perf_counter()
            laid = layout()
            waits.append(time.perf_counter() - began)
            if not turn:
                points.append(laid)
    return [float(np.median(waits)) for waits in seconds], points
