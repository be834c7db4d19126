"""What can be made of a damaged image without a network: the methods that a network is compared with.

Each gets the same corrupted images as the network, and its one free number, where it has one, is chosen for every
corruption and level by a grid search on training images: the one with the best mean PSNR there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.denoising.quality import Restored, measured
from aelib.host.interruption import checkpoint
from aelib.spec.images import IMAGE_SIDE, SHOWN, evenly_spaced
from aelib.train.image_quality import psnr

if TYPE_CHECKING:
    from aelib.train.resident import Basis, Data

# Of the corruption, which is the same for every run.
SEED = 0
# Training images on which a method's number is chosen.
TUNED_ON = 48


@dataclass(frozen=True)
class Baseline:
    """`title` and `about` are for people. `grid`: the values of its one free number that are tried. `parts`: in how
    many questions 1,000 images are asked, so that none takes longer than a second or two."""

    name: str
    title: str
    about: str
    tasks: tuple[str, ...]
    grid: tuple[float, ...] = ()
    parts: int = 1


BASELINES = {
    baseline.name: baseline
    for baseline in (
        Baseline("nothing", "no processing", "the corrupted image as it is", ("noise", "gap", "resolution")),
        Baseline(
            "median",
            "median filter",
            "each pixel becomes the median of the square around it (SciPy); the square is 3, 5 or 7 pixels wide",
            ("noise",),
            grid=(3, 5, 7),
        ),
        Baseline(
            "pca",
            "PCA",
            "the projection onto as many principal components as the network's code has dimensions",
            ("noise", "gap", "resolution"),
        ),
        Baseline(
            "nlm",
            "non-local means",
            "each pixel becomes a mean over pixels with similar surroundings (Buades et al. 2005; scikit-image)",
            ("noise",),
            grid=(0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8),
            parts=2,
        ),
        Baseline(
            "tv",
            "TV denoising",
            "the closest image with small total variation (Chambolle 2004; scikit-image)",
            ("noise",),
            grid=(0.03, 0.06, 0.12, 0.25, 0.5, 1.0),
            parts=2,
        ),
        Baseline(
            "biharmonic",
            "biharmonic inpainting",
            "the masked pixels are interpolated smoothly (biharmonic equation; scikit-image); it is given the mask, "
            "which the network is not",
            ("gap",),
            parts=5,
        ),
        Baseline(
            "bicubic",
            "bicubic",
            "smooth curves through the coarse pixels (Pillow)",
            ("resolution",),
        ),
    )
}


def fitting(task: str) -> tuple[Baseline, ...]:
    """The baselines that make sense for a task ("noise", "gap", "resolution")."""
    return tuple(baseline for baseline in BASELINES.values() if task in baseline.tasks)


@dataclass(frozen=True)
class CorruptedImages:
    """Float32 images [N, 784] in [0, 1], clean and as they are `corrupted`; `level` of the corruption between them;
    `hole`: bool [N, 784], the pixels that it removes."""

    level: float
    clean: np.ndarray
    corrupted: np.ndarray
    hole: np.ndarray

    def part(self, index: int, count: int) -> CorruptedImages:
        """One of `count` parts of about equal size."""
        return self._only(np.array_split(np.arange(len(self.clean)), count)[index])

    def touched(self) -> CorruptedImages:
        """Without the images that are as they were: a gap may lie where nothing is, and what is perfect already
        would blur every mean. (All images, where none was touched.)"""
        differ = (self.clean != self.corrupted).any(axis=1)
        return self._only(np.flatnonzero(differ)) if differ.any() else self

    def _only(self, which: np.ndarray) -> CorruptedImages:
        return CorruptedImages(self.level, self.clean[which], self.corrupted[which], self.hole[which])


def corrupted_images(
    data: Data, corruption: str, level: float, images: str = "test", count: int | None = None
) -> CorruptedImages:
    """Test images (the probe images, at most 1,000) or training images (spread evenly), damaged: the same way
    for every run and every method."""
    import torch

    from aelib.train.inference import corrupted_test_images, removed_pixels

    tuning = evenly_spaced(len(data.train), count or TUNED_ON)
    which = data.probe[:count] if images == "test" else data.train[tuning]
    clean, corrupted = corrupted_test_images(which, corruption, level, SEED)
    removed = removed_pixels(which, corruption, level, SEED)
    hole = torch.zeros_like(clean, dtype=torch.bool) if removed is None else removed
    return CorruptedImages(level, clean.cpu().numpy(), corrupted.cpu().numpy(), hole.cpu().numpy())


def tune(data: Data, corruption: str, level: float) -> dict[str, float]:
    """The best number of each baseline that has one, by name."""
    from aelib.spec.corruptions import CORRUPTIONS

    damaged = corrupted_images(data, corruption, level, "training").touched()
    best = {}
    for baseline in fitting(CORRUPTIONS[corruption].task):
        if baseline.grid:
            scores = [psnr(damaged.clean, restore(baseline.name, damaged, v)).mean() for v in baseline.grid]
            best[baseline.name] = baseline.grid[int(np.argmax(scores))]
    return best


def restore(
    name: str, damaged: CorruptedImages, number: float = 0.0, basis: Basis | None = None, code_size: int = 0
) -> np.ndarray:
    """What the baseline makes of the corrupted images: float32 [N, 784] in [0, 1]. PCA needs `basis`, `code_size`."""
    if not len(damaged.corrupted):
        # A part of fewer images than there are parts.
        return damaged.corrupted
    if name == "pca":
        assert basis is not None
        restored = basis.reconstruct(damaged.corrupted, code_size)
    else:
        squares = damaged.corrupted.reshape(-1, IMAGE_SIDE, IMAGE_SIDE)
        restored = _RESTORE[name](squares, damaged, number).reshape(len(squares), -1)
    return np.asarray(restored.clip(0, 1), dtype=np.float32)


def _nothing(corrupted: np.ndarray, damaged: CorruptedImages, number: float) -> np.ndarray:
    return corrupted


def _median(corrupted: np.ndarray, damaged: CorruptedImages, size: float) -> np.ndarray:
    from scipy.ndimage import median_filter

    return np.asarray(median_filter(corrupted, size=(1, int(size), int(size))))


def _nlm(corrupted: np.ndarray, damaged: CorruptedImages, strength: float) -> np.ndarray:
    from skimage.restoration import denoise_nl_means

    return _each(lambda image: denoise_nl_means(image, patch_size=3, patch_distance=5, h=strength), corrupted)


def _tv(corrupted: np.ndarray, damaged: CorruptedImages, weight: float) -> np.ndarray:
    from skimage.restoration import denoise_tv_chambolle

    # With the tolerance that is the default it stops early for some images, which stay grainy.
    return _each(lambda image: denoise_tv_chambolle(image, weight=weight, eps=1e-6), corrupted)


def _each(restored: Callable[..., np.ndarray], *images: np.ndarray) -> np.ndarray:
    """The restored images one below the other. `images`: what `restored` gets of each, in arrays of equal length.

    These methods take milliseconds for an image, and are not to go on where nobody waits for the rest.
    """
    done = []
    for one in zip(*images, strict=True):
        checkpoint()
        done.append(restored(*one))
    return np.stack(done)


def _biharmonic(corrupted: np.ndarray, damaged: CorruptedImages, number: float) -> np.ndarray:
    from skimage.restoration import inpaint_biharmonic

    holes = damaged.hole.reshape(corrupted.shape)

    def inpainted(image: np.ndarray, hole: np.ndarray) -> np.ndarray:
        # Where nothing is left there is nothing to go on from.
        fillable = hole.any() and not hole.all()
        return np.asarray(inpaint_biharmonic(image, hole)) if fillable else image

    return _each(inpainted, corrupted, holes)


def _bicubic(corrupted: np.ndarray, damaged: CorruptedImages, number: float) -> np.ndarray:
    from PIL import Image

    from aelib.spec.corruptions import coarse_side

    # Enlarging has repeated each coarse pixel: one of each is enough to start from.
    centres = (np.arange(side := coarse_side(damaged.level)) * IMAGE_SIDE + IMAGE_SIDE // 2) // side
    coarse = corrupted[:, centres][:, :, centres]
    full = (IMAGE_SIDE, IMAGE_SIDE)
    return np.stack([np.asarray(Image.fromarray(one).resize(full, Image.Resampling.BICUBIC)) for one in coarse])


_RESTORE = {
    "nothing": _nothing,
    "median": _median,
    "nlm": _nlm,
    "tv": _tv,
    "biharmonic": _biharmonic,
    "bicubic": _bicubic,
}


def shown(
    data: Data, basis: Basis, corruption: str, level: float, code_size: int, numbers: Mapping[str, float]
) -> dict[str, Restored]:
    """What every baseline in `numbers` (its free number, whatever it is where it has none) makes of the twelve
    images shown."""
    damaged = corrupted_images(data, corruption, level, count=SHOWN)
    return {
        name: measured(damaged.clean, restore(name, damaged, number, basis, code_size))
        for name, number in numbers.items()
    }


def psnrs(
    data: Data, basis: Basis, corruption: str, level: float, name: str, code_size: int, number: float, part: int
) -> np.ndarray:
    """PSNR in dB of one part of the probe images that are damaged, restored by the baseline `name`."""
    damaged = corrupted_images(data, corruption, level).touched().part(part, BASELINES[name].parts)
    return psnr(damaged.clean, restore(name, damaged, number, basis, code_size))
