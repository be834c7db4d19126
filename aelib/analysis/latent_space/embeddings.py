"""Where test images lie in the code and under PCA, and how far such a map can be trusted.

Any layer of the encoder may stand in the code's place: `layers` says after how many of them to look, as for
`training.encode`; None is the code.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.spec.images import evenly_spaced
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.train.resident import Basis, Data

# Trustworthiness and continuity compare every point with every other: of more points than this, so many are drawn.
COMPARED = 2_000
NEIGHBOURS = 5
FOLDS = 5
# So many points are needed to compare neighbours, and to have them name classes in every fold.
FEWEST_COMPARED = 2 * NEIGHBOURS + 2
FEWEST_NAMED = FOLDS * NEIGHBOURS
# A unit is silent at a image where it stays below this share of the largest activation of its layer.
SILENT = 0.01


@dataclass(frozen=True)
class Flattening:
    """How vectors wider than the map are laid out in it: "pca", "tsne", or "units", which are then named."""

    method: str
    units: tuple[int, ...] = ()


@dataclass(frozen=True)
class Projection:
    """A linear map: `mean` float32 [units], `axes` float32 [units, dims]."""

    mean: np.ndarray
    axes: np.ndarray

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Points float32 [N, dims] of vectors [N, units]."""
        return np.asarray((vectors - self.mean) @ self.axes, dtype=np.float32)


@dataclass(frozen=True)
class Laid:
    """Points float32 [N, dims], what laid them there, and how long that took in seconds."""

    points: np.ndarray
    projection: Projection
    seconds: float


@dataclass(frozen=True)
class Seen:
    """What a network makes of N clean test images: reconstructions uint8 [N, 784] (in colour [N, 3 × 784]), mean
    squared errors float32 [N], and the activation float32 [N] of one unit of the layer looked at. `map`: of that
    layer; None where t-SNE is to lay it out."""

    reconstructions: np.ndarray
    errors: np.ndarray
    activation: np.ndarray
    map: Laid | None


def look(
    link: Slice,
    data: Data,
    basis: Basis,
    count: int,
    dims: int,
    flattening: Flattening,
    unit: int | None,
    layers: int | None = None,
) -> Seen:
    """Where a layer puts the chosen images, their reconstructions and errors."""
    from aelib.train.inference import as_bytes, decode, encode, target

    clean = images(data, count)
    wanted = target(clean, _labels(data, count), link.state.config, data)
    started = time.perf_counter()
    activations = encode(link.state, clean, layers)
    vectors = finite(activations)
    laid = None
    if flattening.method != "tsne" or vectors.shape[1] <= dims:
        projection = _projection(vectors, clean.cpu().numpy(), basis, dims, flattening)
        points = projection.place(vectors)
        laid = Laid(points, projection, time.perf_counter() - started)
    codes = activations if layers is None else encode(link.state, clean)
    output = decode(link.state, codes)
    errors = finite((output.clamp(0, 1) - wanted).square_().mean(1, keepdim=True))[:, 0]
    reconstructions = as_bytes(output)
    activation = vectors[:, unit] if unit is not None else np.zeros(len(vectors), np.float32)
    return Seen(reconstructions, errors, activation, laid)


def _projection(vectors: np.ndarray, clean: np.ndarray, basis: Basis, dims: int, flattening: Flattening) -> Projection:
    from scipy.linalg import orthogonal_procrustes
    from sklearn.decomposition import PCA

    from aelib.train.projection import alike

    units = vectors.shape[1]
    nothing = np.zeros(units, np.float32)
    if units <= dims:
        return Projection(nothing, np.eye(units, dtype=np.float32))
    if flattening.method == "units":
        return Projection(nothing, np.eye(units, dtype=np.float32)[:, list(flattening.units)])
    if alike(vectors):
        return Projection(nothing, np.zeros((units, dims), np.float32))
    pca = PCA(min(dims, len(vectors)), random_state=0).fit(vectors)
    axes = _padded(pca.components_, dims)
    # Turned and mirrored towards PCA of the pixels, the map keeps still while the network learns.
    beside = (clean - clean.mean(0)) @ _padded(basis.axes, dims).T
    turn, _ = orthogonal_procrustes((vectors - pca.mean_) @ axes.T, beside)
    return Projection(pca.mean_.astype(np.float32), (axes.T @ turn).astype(np.float32))


def _padded(axes: np.ndarray, dims: int) -> np.ndarray:
    """The first `dims` of the axes [K, units], and zeros for those that too few images do not have."""
    return np.asarray(np.pad(axes[:dims], ((0, max(0, dims - len(axes))), (0, 0))))


def pixel_map(data: Data, basis: Basis, count: int, dims: int) -> Laid:
    """The chosen images on the first principal axes of the training images."""
    clean = images(data, count).cpu().numpy()
    started = time.perf_counter()
    projection = Projection(basis.mean, np.ascontiguousarray(_padded(basis.axes, dims).T))
    points = projection.place(clean)
    return Laid(points, projection, time.perf_counter() - started)


@dataclass(frozen=True)
class Own:
    """One image from outside: its `vector` float32 [units] in the layer looked at, reconstruction uint8 [784] (in
    colour [3 × 784]), and mean squared error: None in colour, where nobody knows which hue it should have."""

    vector: np.ndarray
    reconstruction: np.ndarray
    error: float | None


def own(link: Slice, data: Data, image: np.ndarray, layers: int | None = None) -> Own:
    """What the network makes of a uint8 image [28, 28]."""
    import torch

    from aelib.train.inference import as_bytes, decode, encode

    clean = torch.tensor(image.reshape(1, -1), device=data.test.device).float().div_(255)
    vector = finite(encode(link.state, clean, layers))[0]
    output = decode(link.state, encode(link.state, clean))
    error = None if link.state.config.colour else float((output - clean).square().mean())
    return Own(vector, as_bytes(output)[0], error)


@dataclass(frozen=True)
class Quality:
    """How far a map keeps neighbourhoods of the 784 pixels; None where there are too few points or classes.

    `compared`: how many points the first two were measured on. `right`: bool [N], whose class the five nearest others
    on the map name.
    """

    trustworthiness: float | None
    continuity: float | None
    right: np.ndarray | None
    compared: int

    @property
    def accuracy(self) -> float | None:
        return None if self.right is None else float(self.right.mean())


def quality(data: Data, points: np.ndarray, count: int) -> Quality:
    """Of points [N, dims], one for each chosen image.

    Trustworthiness: are neighbours on the map neighbours in pixels, too? Continuity: the same with the roles
    swapped, are neighbours in pixels still neighbours on the map? (Venna and Kaski 2006, 5 neighbours.)
    """
    from sklearn.manifold import trustworthiness

    clean = images(data, count).cpu().numpy()
    some = np.arange(len(clean))
    if len(some) > COMPARED:
        some = np.sort(np.random.default_rng(0).choice(len(some), COMPARED, replace=False))
    kept, true = None, None
    if len(some) >= FEWEST_COMPARED:
        true = float(trustworthiness(clean[some], points[some], n_neighbors=NEIGHBOURS))
        kept = float(trustworthiness(points[some], clean[some], n_neighbors=NEIGHBOURS))
    return Quality(true, kept, _named_right(points, _labels(data, count)), len(some))


@dataclass(frozen=True)
class Reference:
    """Whose class the five nearest neighbours name, bool [N]: in all pixels, in the whole code of so many `units`, and
    in the whole of the layer looked at, which is None for the code itself."""

    pixels: np.ndarray | None
    code: np.ndarray | None
    units: int
    layer: np.ndarray | None = None


def reference(link: Slice, data: Data, count: int, layers: int | None = None) -> Reference:
    """5-NN before anything is flattened, to compare the maps with."""
    from aelib.train.inference import encode

    clean = images(data, count)
    codes = finite(encode(link.state, clean))
    labels = _labels(data, count)
    layer = None if layers is None else _named_right(finite(encode(link.state, clean, layers)), labels)
    return Reference(_named_right(clean.cpu().numpy(), labels), _named_right(codes, labels), codes.shape[1], layer)


def _named_right(vectors: np.ndarray, classes: Tensor) -> np.ndarray | None:
    """Whose class do five neighbours of other folds name? By five-fold cross-validation, always with the same folds:
    bool [N]; None where there are too few points or classes."""
    from sklearn.model_selection import KFold, cross_val_predict
    from sklearn.neighbors import KNeighborsClassifier

    labels = classes.cpu().numpy()
    if len(vectors) < FEWEST_NAMED or len(np.unique(labels)) < 2:
        return None
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    return np.asarray(cross_val_predict(KNeighborsClassifier(NEIGHBOURS), vectors, labels, cv=folds) == labels)


@dataclass(frozen=True)
class Activity:
    """Each unit of a layer over the chosen images, float32 [units]: mean and standard deviation of its activation, its
    5th and 95th percentile (`low`, `high`), and the share of images at which it is `silent` (at most `threshold` in
    amount). `dead` bool [units]: its deviation is at most `threshold`, so it says nothing about the image."""

    mean: np.ndarray
    deviation: np.ndarray
    low: np.ndarray
    high: np.ndarray
    silent: np.ndarray
    dead: np.ndarray
    threshold: float


def activity(link: Slice, data: Data, count: int, layers: int | None = None) -> Activity:
    """How much every unit has to say."""
    from aelib.train.inference import encode

    return activity_of(finite(encode(link.state, images(data, count), layers)))


def activity_of(vectors: np.ndarray) -> Activity:
    """The activity of units, given what they say, [N, units]."""
    threshold = SILENT * float(np.abs(vectors).max(initial=0.0))
    deviation = vectors.std(0)
    silent = (np.abs(vectors) <= threshold).mean(0, dtype=np.float32)
    low, high = np.percentile(vectors, (5, 95), axis=0).astype(np.float32)
    return Activity(vectors.mean(0), deviation, low, high, silent, deviation <= threshold, threshold)


def images(data: Data, count: int) -> Tensor:
    """The chosen test images, float32 [N, 784] in [0, 1]."""
    return data.test[_which(data, count)].float().div_(255)


def _labels(data: Data, count: int) -> Tensor:
    return data.test_labels[_which(data, count)]


def _which(data: Data, count: int) -> Tensor:
    import torch

    return torch.from_numpy(evenly_spaced(len(data.test), count)).to(data.test.device)


def finite(tensor: Tensor) -> np.ndarray:
    """float32 [N, units], with 0 where a network has lost its mind."""
    flat: np.ndarray = tensor.float().flatten(1).cpu().numpy()
    return np.asarray(np.nan_to_num(flat, posinf=0.0, neginf=0.0))
