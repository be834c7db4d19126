"""How well images survive the code, beside PCA and JPEG.

Outputs are clipped to [0, 1] before they are measured: no pixel can show more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.reconstructions.jpeg import jpeg
from aelib.spec.images import PIXELS, evenly_spaced
from aelib.train.image_quality import psnr, ssim
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.spec.state import State
    from aelib.train.resident import Basis, Data

# The range of a unit is found on so many training images, without the outermost 0.1 % at either end.
_RANGED = 5_000
_OUTERMOST = 0.1


@dataclass(frozen=True)
class Outcome:
    """What became of N images: uint8 [N, 784] (in colour [N, 2352]), PSNR in dB [N] and SSIM [N]; these are None
    where nobody knows what the images should have become."""

    images: np.ndarray
    psnr: np.ndarray | None
    ssim: np.ndarray | None


@dataclass(frozen=True)
class Compared:
    """The same N images through the network and through what it has to beat.

    `original`: uint8 [N, 784]; `wanted`: uint8 [N, 2352], the coloured target of a run in colour, else None;
    `error`: float32 [N, 784], output minus target (in colour the mean of the planes), None without a target.
    `pca`, of `pca_units` numbers, and `jpeg`, of `jpeg_bytes` int [N], are None for a run in colour: they cannot guess
    a hue.
    """

    original: np.ndarray
    wanted: np.ndarray | None
    network: Outcome
    error: np.ndarray | None
    pca: Outcome | None
    jpeg: Outcome | None
    jpeg_bytes: np.ndarray | None
    pca_units: int = 0


@dataclass(frozen=True)
class Means:
    """Means over images: PSNR in dB, SSIM, and the same with every number of the code rounded to one byte; `each`:
    this PSNR of every one of them, [N]."""

    psnr: float
    ssim: float
    psnr_in_bytes: float
    ssim_in_bytes: float
    each: np.ndarray


@dataclass(frozen=True)
class Measured:
    """The network, of `code_units` numbers, and PCA, of `pca_units`, on `count` test images.

    PCA has no more axes than there are pixels, or images to learn from; it is None for a run in colour.
    """

    count: int
    code_units: int
    network: Means
    pca: Means | None
    pca_units: int = 0


@dataclass(frozen=True)
class JpegMeasured:
    """JPEG on `count` test images: means of PSNR in dB, SSIM, and bytes of the scan; `each`: PSNR [N]."""

    count: int
    psnr: float
    ssim: float
    bytes: float
    each: np.ndarray


# ---- questions to the engine ------------------------------------------------------------------------------------


def errors(link: Slice, data: Data) -> np.ndarray:
    """Mean squared error of each test image, shown clean, against what the run should make of it: float32 [N]."""
    from aelib.train.inference import output_and_target

    clean = data.test.float().div_(255)
    output, wanted = output_and_target(link.state, data, clean, clean, data.test_labels)
    found: np.ndarray = (output - wanted).square_().mean(1).cpu().numpy()
    return found


def compare(link: Slice, data: Data, basis: Basis, indices: Sequence[int]) -> Compared:
    """The test images of these indices through network, PCA of as many numbers, and JPEG of about as many bytes."""
    import torch

    which = torch.tensor(list(indices), dtype=torch.int64, device=data.test.device)
    clean = data.test[which].float().div_(255)
    return _compare(link.state, data, basis, clean, data.test_labels[which], with_jpeg=True)


def take(link: Slice, data: Data, basis: Basis, image: np.ndarray) -> Compared:
    """A image from outside, uint8 [784], through network and PCA. In colour there is no target: it has no class."""
    import torch

    clean = torch.tensor(image.reshape(1, PIXELS), device=data.test.device).float().div_(255)
    return _compare(link.state, data, basis, clean, None, with_jpeg=False)


def measure(link: Slice, data: Data, basis: Basis, foreign: Data | None = None) -> Measured:
    """Network and PCA on the watched test images (up to 1,000), as they are and with codes rounded to bytes. With
    `foreign`, on those of data that neither has learnt anything from."""

    from aelib.train.inference import decode, encode, target

    state = link.state
    shown = foreign or data
    clean = shown.probe.float().div_(255)
    wanted = target(clean, shown.probe_labels, state.config, shown).cpu().numpy()
    spread = evenly_spaced(len(data.train), _RANGED)
    seen = data.train[spread].float().div_(255)
    codes = encode(state, clean).flatten(1).cpu().numpy()
    limits = _limits(encode(state, seen).flatten(1).cpu().numpy())

    def decoded(numbers: np.ndarray) -> np.ndarray:
        array: np.ndarray = decode(state, clean.new_tensor(numbers)).clamp_(0, 1).cpu().numpy()
        return array

    network = _means(wanted, decoded(codes), decoded(_rounded(codes, *limits)))
    units = codes.shape[1]
    if state.config.colour:
        return Measured(len(codes), units, network, None)
    components = basis.encode(wanted, units)
    limits = _limits(basis.encode(seen.cpu().numpy(), units))
    pca = _means(wanted, basis.decode(components), basis.decode(_rounded(components, *limits)))
    return Measured(len(codes), units, network, pca, components.shape[1])


def measure_jpeg(data: Data, budget: int) -> JpegMeasured:
    """JPEG of at most `budget` bytes (where it can) on the images that `measure` takes."""
    images = data.probe.cpu().numpy()
    found, sizes = jpeg(images, budget)
    clean, shown = images / np.float32(255), found / np.float32(255)
    each = psnr(clean, shown)
    return JpegMeasured(len(images), float(each.mean()), float(ssim(clean, shown).mean()), float(sizes.mean()), each)


# ---- inside -----------------------------------------------------------------------------------------------------


def _compare(
    state: State, data: Data, basis: Basis, clean: Tensor, labels: Tensor | None, *, with_jpeg: bool
) -> Compared:
    from aelib.spec.architecture import plan
    from aelib.train.inference import reconstruct, target

    original = clean.cpu().numpy()
    output = reconstruct(state, clean)[1].clamp_(0, 1).cpu().numpy()
    if state.config.colour:
        if labels is None:
            return Compared(_bytes(original), None, Outcome(_bytes(output), None, None), None, None, None, None)
        wanted = target(clean, labels, state.config, data).cpu().numpy()
        error = (output - wanted).reshape(len(output), 3, PIXELS).mean(1)
        return Compared(_bytes(original), _bytes(wanted), _outcome(wanted, output), error, None, None, None)
    units = plan(state.config).code_units
    projected = basis.reconstruct(original, units)
    by_jpeg, sizes = None, None
    if with_jpeg:
        found, sizes = jpeg(_bytes(original), units)
        by_jpeg = _outcome(original, found / np.float32(255))
    return Compared(
        _bytes(original),
        None,
        _outcome(original, output),
        output - original,
        _outcome(original, projected),
        by_jpeg,
        sizes,
        min(units, len(basis.axes)),
    )


def _outcome(wanted: np.ndarray, output: np.ndarray) -> Outcome:
    return Outcome(_bytes(output), psnr(wanted, output), ssim(wanted, output))


def _means(wanted: np.ndarray, plain: np.ndarray, in_bytes: np.ndarray) -> Means:
    each = psnr(wanted, in_bytes)
    return Means(
        float(psnr(wanted, plain).mean()),
        float(ssim(wanted, plain).mean()),
        float(each.mean()),
        float(ssim(wanted, in_bytes).mean()),
        each,
    )


def _limits(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The range of every unit of codes [N, units] that is cut into 256 steps."""
    low, high = np.percentile(codes, (_OUTERMOST, 100 - _OUTERMOST), axis=0).astype(np.float32)
    return low, high


def _rounded(codes: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Every number of codes [N, units] as one of 256 evenly spaced between `low` and `high` of its unit."""
    width = np.where(high > low, high - low, 1)
    steps = np.rint((codes - low) / width * 255).clip(0, 255)
    return np.asarray(low + np.where(high > low, steps / 255 * width, 0), dtype=np.float32)


def _bytes(images: np.ndarray) -> np.ndarray:
    return np.asarray(np.rint(images.clip(0, 1) * 255), dtype=np.uint8)
