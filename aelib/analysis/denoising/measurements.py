"""What a network makes of corrupted images, measured on the same ones as the methods of `baselines`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.denoising.baselines import CorruptedImages, corrupted_images
from aelib.analysis.denoising.quality import Restored, measured
from aelib.spec.images import SHOWN
from aelib.train.image_quality import psnr
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
    damaged = corrupted_images(data, corruption, level, count=SHOWN)
    output, target = _through(link, data, damaged)
    return Shown(
        measured(damaged.clean, damaged.corrupted),
        measured(target, output),
        measured(target, target).images,
        damaged.hole,
    )


def psnrs(link: Slice, data: Data, corruption: str, level: float) -> np.ndarray:
    """PSNR in dB of each probe image that is damaged, restored by the network: in grey, as a baseline's."""
    damaged = corrupted_images(data, corruption, level).touched()
    output, _ = _through(link, data, damaged)
    return psnr(damaged.clean, output)


@dataclass(frozen=True)
class Named:
    """The class that each probe image's hue names, int64 [N], and `right`: in how many it is its own, in [0, 1]."""

    classes: np.ndarray
    right: float


def named(link: Slice, data: Data, corruption: str, level: float) -> Named:
    """Which class the network tells by colour. The run has to be in colour."""
    damaged = corrupted_images(data, corruption, level)
    output, _ = _through(link, data, damaged)
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


def _through(link: Slice, data: Data, damaged: CorruptedImages) -> tuple[np.ndarray, np.ndarray]:
    """(output, target) in [0, 1] of the first probe images."""
    import torch

    from aelib.train.inference import output_and_target

    clean, corrupted = (torch.tensor(images, device=data.probe.device) for images in (damaged.clean, damaged.corrupted))
    found = output_and_target(link.state, data, corrupted, clean, data.probe_labels[: len(clean)])
    output, target = (images.cpu().numpy() for images in found)
    return output, target
