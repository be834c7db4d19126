"""How well corrupted images are restored: on the run's own data and on foreign ones, by noise that was in training and
by noise that was not, and by methods without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.denoising import baselines, transfer
from aelib.analysis.denoising.measurements import psnrs
from aelib.analysis.experiments.measurement import Values, measurement
from aelib.spec.architecture import plan
from aelib.spec.corruptions import CORRUPTIONS
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Basis, Data

# Kinds of noise that are not Gaussian, with their levels.
OTHER_NOISE = {"salt-and-pepper": 0.3, "masking": 0.5, "pixel-draws": 0.2}
# Methods without a network are measured on so many images: some take milliseconds for each.
_SOME = 200


@measurement(1)
def restoration(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """PSNR in dB of corrupted test images, corrupted as in training, restored by the network and by each baseline, on
    the same 200 images."""
    config = link.state.config
    name, level = config.corruption, config.corruption_level
    images = baselines.corrupted_images(data, name, level, count=_SOME).touched()
    numbers = baselines.tune(data, name, level)
    values: Values = {"network": _restored(link, images)}
    for baseline in baselines.fitting(CORRUPTIONS[name].task):
        number = numbers.get(baseline.name, 0.0)
        restored = baselines.restore(baseline.name, images, number, basis, plan(config).code_units)
        values[baseline.name] = _psnr(images.clean, restored)
    return values


@measurement(1, foreign=True)
def transferred(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """PSNR in dB of test images corrupted as in training, restored and untouched: the run's own and foreign ones; and
    of its own corrupted by noise that was not in training, restored and untouched."""
    assert foreign is not None
    config = link.state.config
    found = transfer.restored(link, data, foreign, config.corruption, config.corruption_level)
    before = transfer.untouched(data, foreign, config.corruption, config.corruption_level)
    values: Values = {
        "own": found.own.mean(),
        "foreign": found.foreign.mean(),
        "own_untouched": before.own.mean(),
        "foreign_untouched": before.foreign.mean(),
    }
    for name, level in OTHER_NOISE.items():
        images = baselines.corrupted_images(data, name, level).touched()
        values |= {
            name: psnrs(link, data, name, level).mean(),
            f"{name}_untouched": _psnr(images.clean, images.corrupted),
        }
    return values


def _restored(link: Slice, images: baselines.CorruptedImages) -> float:
    import torch

    from aelib.train.inference import reconstruct

    output = reconstruct(link.state, torch.tensor(images.corrupted))[1].clamp(0, 1).cpu().numpy()
    return _psnr(images.clean, output)


def _psnr(clean: np.ndarray, images: np.ndarray) -> float:
    from aelib.train.image_quality import psnr

    return float(psnr(clean, images).mean())
