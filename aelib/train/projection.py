"""Maps of codes and images: PCA as the reference line, and a flat view of the codes that does not spin."""

from __future__ import annotations

import numpy as np
from scipy.linalg import orthogonal_procrustes
from sklearn.decomposition import PCA

from aelib.spec.architecture import plan
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.images import GRID_COLUMNS, GRID_ROWS
from aelib.spec.regularizers import REGULARIZERS
from aelib.spec.stages import stages
from aelib.spec.state import CodeActivity
from aelib.train.inference import corrupted_test_images
from aelib.train.resident import Basis, Data

# What sums of some hundred float32 numbers are uncertain by, as a share of the largest.
ROUNDING = 1e-5
# See `CodeActivity`.
ACTIVE = 0.1
# How much higher or wider than all codes the area is that is decoded: a map has margins.
MARGIN = 1.25
# Differences whose squares float32 does not hold: their variance is 0.
VANISHING = 1e-15


def fit_pca(data: Data) -> Basis:
    """PCA of the whole training split."""
    images = data.train.cpu().numpy().astype(np.float32) / 255
    # With fewer images than pixels the covariance has no more axes than images; the rest carry nothing.
    solver = "covariance_eigh" if len(images) > images.shape[1] else "full"
    # Images that are all the same have no variance that axes could have shares of.
    with np.errstate(invalid="ignore"):
        pca = PCA(svd_solver=solver).fit(images)
    return Basis(pca.mean_.astype(np.float32), pca.components_.astype(np.float32))


def pca_error(data: Data, basis: Basis, config: RunConfig, knobs: Knobs, code_units: int) -> float:
    """Mean squared error of PCA with `code_units` components on the probe images, seen as the network sees them. Its
    reconstructions are clipped to [0, 1], see `Basis.decode`."""
    clean, corrupted = corrupted_test_images(data.probe, config.corruption, knobs.corruption_level, config.seed)
    images = basis.reconstruct(corrupted.cpu().numpy(), code_units)
    return float(np.square(images - clean.cpu().numpy()).mean())


def alike(vectors: np.ndarray) -> bool:
    """Are all vectors [N, units] the same but for rounding? Then they have no principal axes."""
    return float(np.ptp(vectors, axis=0).max()) <= max(ROUNDING * float(np.abs(vectors).max()), VANISHING)


def flatten_codes(codes: np.ndarray, seed: int) -> np.ndarray:
    """Codes [N, units] as points [N, 2]: as they are if they are flat, else their first two principal components."""
    finite = np.nan_to_num(codes, posinf=0.0, neginf=0.0)
    if codes.shape[1] == 2:
        return np.asarray(finite)
    if alike(finite):
        return np.zeros((len(finite), 2), np.float32)
    return np.asarray(PCA(2, random_state=seed).fit_transform(finite), dtype=np.float32)


def align(points: np.ndarray, previous: np.ndarray) -> np.ndarray:
    """Turns and mirrors `points` [N, 2] so that those which are in `previous`, too, lie as near it as they can
    (Procrustes); what is not known is NaN."""
    both = np.isfinite(points).all(1) & np.isfinite(previous).all(1)
    turn, _ = orthogonal_procrustes(points[both], previous[both])
    return np.asarray(points @ turn, dtype=np.float32)


def code_activity(codes: np.ndarray, config: RunConfig) -> CodeActivity | None:
    """Of codes [N, units]; None unless the code is a vector that is to be sparse."""
    network = plan(config)
    if not (REGULARIZERS[config.regularizer].sparse and codes.shape[1:] == network.code_shape):
        return None
    amounts = np.abs(np.nan_to_num(codes, posinf=0.0, neginf=0.0))
    active = amounts > ACTIVE * amounts.max(initial=0.0)
    (code,) = (stage for stage in stages(network) if stage.code)
    return CodeActivity(active.mean(0)[code.shown].astype(np.float32), float(active.sum(1).mean()))


def grid_area(codes: np.ndarray) -> np.ndarray | None:
    """The area of a grid of square cells, float32 [4] as in `DecodedGrid`, that holds these codes [N, 2]; None where
    they are not all finite, or all the same."""
    low, high = codes.min(0), codes.max(0)
    cell = MARGIN * float(((high - low) / (GRID_COLUMNS, GRID_ROWS)).max())
    if not (np.isfinite(cell) and cell > 0):
        return None
    middle, half = (low + high) / 2, cell * np.array([GRID_COLUMNS, GRID_ROWS]) / 2
    return np.stack([middle - half, middle + half], 1).astype(np.float32).ravel()


def grid_codes(area: np.ndarray) -> np.ndarray:
    """The codes float32 [rows × columns, 2] in the middles of the cells of an area, from the top left."""
    left, right, bottom, top = area

    def middles(low: float, high: float, count: int) -> np.ndarray:
        return low + (high - low) * (np.arange(count) + 0.5) / count

    x, y = np.meshgrid(middles(left, right, GRID_COLUMNS), middles(top, bottom, GRID_ROWS))
    return np.stack([x.ravel(), y.ravel()], 1).astype(np.float32)
