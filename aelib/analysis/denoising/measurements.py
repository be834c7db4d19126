"""What a network makes of damaged images, measured on the same ones as the methods of `baselines`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.denoising.baselines import damage
from aelib.analysis.denoising.quality import Restored, measured, psnr_of
from aelib.spec.images import SHOWN
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Data


@dataclass(frozen=True)
class Shown:
    """The twelve images as the network sees them and gives them back, and its `target`: uint8 [12, 784] or, where
    the run is in colour, [12, 2352]. `mask`: bool [12, 784], the pixels removed from what the network sees."""

    corrupted: Restored
    output: Restored
    target: np.ndarray
    mask: np.ndarray


def shown(link: Slice, data: Data, corruption: str, level: float) -> Shown:
    """The first twelve test images, corrupted, through the network. `corrupted` is measured against the clean image in
    grey, `output` against the run's target."""
    damaged = damage(data, corruption, level, count=SHOWN)
    targets, output = _through(link, data, damaged.clean, damaged.corrupted)
    return Shown(
        measured(damaged.clean, damaged.corrupted),
        measured(targets, output),
        measured(targets, targets).images,
        damaged.hole,
    )


def psnrs(link: Slice, data: Data, corruption: str, level: float) -> np.ndarray:
    """PSNR in dB of each probe image that is damaged, restored by the network: in grey, as a baseline's."""
    damaged = damage(data, corruption, level).touched()
    _, output = _through(link, data, damaged.clean, damaged.corrupted)
    return psnr_of(damaged.clean, output)


@dataclass(frozen=True)
class Named:
    """The class that each probe image's hue names, int64 [N], and `right`: in how many it is its own, in [0, 1]."""

    classes: np.ndarray
    right: float


def named(link: Slice, data: Data, corruption: str, level: float) -> Named:
    """Which class the network tells by colour. The run has to be in colour."""
    damaged = damage(data, corruption, level)
    _, output = _through(link, data, damaged.clean, damaged.corrupted)
    classes = nearest_hue(output, data.hues.cpu().numpy())
    return Named(classes, float((classes == data.probe_labels.cpu().numpy()).mean()))


def nearest_hue(images: np.ndarray, hues: np.ndarray) -> np.ndarray:
    """The class whose hue, of RGB `hues` [classes, 3], is nearest to the mean colour of each image [N, 2352]: int64
    [N]. Nearest is the smallest angle between the colours without their grey, so that brightness does not count."""
    colours = images.reshape(len(images), 3, -1).mean(axis=2)

    def direction(rgb: np.ndarray) -> np.ndarray:
        without_grey = rgb - rgb.mean(axis=1, keepdims=True)
        return np.asarray(without_grey / np.maximum(np.linalg.norm(without_grey, axis=1, keepdims=True), 1e-9))

    return np.asarray((direction(colours) @ direction(hues).T).argmax(axis=1))


def _through(link: Slice, data: Data, clean: np.ndarray, corrupted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(target, output) in [0, 1] of the first probe images."""
    import torch

    from aelib.train.trainer import reconstruct, target

    device = data.probe.device
    targets = target(torch.tensor(clean, device=device), data.probe_labels[: len(clean)], link.state.config, data)
    _, output = reconstruct(link.state, torch.tensor(corrupted, device=device))
    return targets.cpu().numpy(), output.clamp(0, 1).cpu().numpy()
