"""What the encoder sees instead of the clean image. A new one is one function with `@corruption(...)`.

Every function takes images [B, 784] float in [0, 1], a level from 0 to 1 and a generator, and returns
a new tensor of the same shape in [0, 1]. torch is imported inside them: the pages name corruptions
without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

from aelib.spec.images import IMAGE_SIDE

if TYPE_CHECKING:
    from torch import Generator, Tensor

    Apply = Callable[[Tensor, float, Generator], Tensor]


@dataclass(frozen=True)
class Corruption:
    """`title` and `level_label` (what the level measures) are shown on the pages. `task`: "noise", "gap" or
    "resolution"; `usual`: the default level. `mask`, where pixels are removed: which ones, bool [B, 784]. `random`:
    are two copies of an image corrupted differently?"""

    name: str
    title: str
    level_label: str
    task: str
    usual: float
    apply: Apply
    mask: Apply | None = None
    random: bool = True


CORRUPTIONS: dict[str, Corruption] = {}


def corruption(
    name: str, title: str, level_label: str, *, task: str, usual: float, random: bool = True
) -> Callable[[Apply], Apply]:
    def register(apply: Apply) -> Apply:
        CORRUPTIONS[name] = Corruption(name, title, level_label, task, usual, apply, random=random)
        return apply

    return register


def removal(name: str, title: str, level_label: str, *, task: str, usual: float) -> Callable[[Apply], Apply]:
    """A corruption that removes pixels, by a function that returns which: bool [B, 784]. They become 0."""

    def register(removed: Apply) -> Apply:
        @wraps(removed)
        def apply(images: Tensor, level: float, generator: Generator) -> Tensor:
            return images.masked_fill(removed(images, level, generator), 0.0)

        CORRUPTIONS[name] = Corruption(name, title, level_label, task, usual, apply, removed)
        return removed

    return register


def corrupt(images: Tensor, name: str, level: float, generator: Generator) -> Tensor:
    """Images [B, 784] in [0, 1] as the encoder sees them. Level 0 and "none" leave them as they are."""
    if name == "none" or level == 0:
        return images
    return CORRUPTIONS[name].apply(images, level, generator)


def mask(images: Tensor, name: str, level: float, generator: Generator) -> Tensor | None:
    """Which pixels `corrupt` removes with a generator in the same state, bool [B, 784]; None where it removes none."""
    if name == "none" or level == 0:
        return None
    removed = CORRUPTIONS[name].mask
    return None if removed is None else removed(images, level, generator)


def _events(images: Tensor, chances: tuple[float, ...], generator: Generator) -> list[Tensor]:
    """Boolean masks shaped like `images`, one a chance: exclusive events, drawn for each pixel by itself.

    A draw is 16 bits, four of a 64-bit number: more than fine enough for a chance, and four times as
    fast as drawing floats.
    """
    import torch

    count = images.numel()
    words = torch.empty(-(-count // 4), dtype=torch.int64, device=images.device)
    draws = words.random_(-(2**63), None, generator=generator).view(torch.int16)[:count].view(images.shape)
    masks: list[Tensor] = []
    low, before = -(2**15), 0.0
    for chance in chances:
        high = round((before + chance) * 2**16) - 2**15
        # A threshold of 2^15 does not fit into the draws' 16 bits: there everything is below it.
        below = draws < high if high < 2**15 else torch.ones_like(draws, dtype=torch.bool)
        masks.append(below & (draws >= low) if masks else below)
        low, before = high, before + chance
    return masks


@corruption("gaussian", "Gaussian noise", "Noise level σ", task="noise", usual=0.5)
def gaussian(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Adds normal noise of standard deviation `level` and clips to [0, 1]."""
    import torch

    noise = torch.randn(images.shape, generator=generator, device=images.device)
    return noise.mul_(level).add_(images).clamp_(0, 1)


@corruption("salt-and-pepper", "salt and pepper", "Corrupted pixels (fraction)", task="noise", usual=0.3)
def salt_and_pepper(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Sets a fraction `level` of the pixels to 0 or 1 with equal chance."""
    pepper, salt = _events(images, (level / 2, level / 2), generator)
    return images.masked_fill(pepper, 0.0).masked_fill_(salt, 1.0)


@corruption("pixel-draws", "random pixel draws", "Draws per pixel", task="noise", usual=10 / 784)
def pixel_draws(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Draws exactly `level` × 784 pixels of each image, rounded, with replacement, and sets each of them to 0 or 1
    with equal chance. A pixel may be drawn twice, or have the value it is set to, so fewer are visibly wrong."""
    import torch

    draws = round(level * images.shape[1])
    where = torch.randint(0, images.shape[1], (len(images), draws), generator=generator, device=images.device)
    drawn = torch.zeros_like(images, dtype=torch.bool).scatter_(1, where, True)
    # One value for each pixel, however often it is drawn: the same chances, and no order of drawing to depend on.
    (white,) = _events(images, (0.5,), generator)
    return torch.where(drawn, white.to(images.dtype), images)


@removal("masking", "random pixel masking", "Masked pixels (fraction)", task="noise", usual=0.5)
def masking(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Removes a fraction `level` of the pixels (Vincent et al. 2008, "Extracting and composing robust features with
    denoising autoencoders")."""
    return _events(images, (level,), generator)[0]


@removal("block", "block mask", "Mask size (fraction of the side)", task="gap", usual=0.4)
def block(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Removes a square of side `level` × 28 at a random place that lies wholly inside the image."""
    import torch

    side = round(level * IMAGE_SIDE)
    count, device = len(images), images.device
    corner = torch.randint(0, IMAGE_SIDE - side + 1, (2, count, 1), generator=generator, device=device)
    position = torch.arange(IMAGE_SIDE, device=device)
    rows, columns = (position >= corner) & (position < corner + side)
    inside: Tensor = rows[:, :, None] & columns[:, None, :]
    return inside.reshape(count, -1)


@removal("line", "line mask", "Mask thickness (fraction of the side)", task="gap", usual=0.15)
def line(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Removes a horizontal or vertical line, `level` × 28 pixels thick and at least one, at a random place."""
    thickness = max(1, round(level * IMAGE_SIDE))
    start, upright = _random(images, IMAGE_SIDE - thickness + 1, generator), _random(images, 2, generator)
    return _stripe(images, start, thickness, upright.bool())


@removal("half", "half of the image", "Mask depth (fraction of the side)", task="gap", usual=0.5)
def half(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Removes the upper, lower, left or right part of the image, at random, `level` × 28 pixels deep."""
    depth = round(level * IMAGE_SIDE)
    far, upright = _random(images, 2, generator), _random(images, 2, generator)
    return _stripe(images, far * (IMAGE_SIDE - depth), depth, upright.bool())


def _random(images: Tensor, below: int, generator: Generator) -> Tensor:
    """An integer [B] from 0 to `below` - 1 for each image."""
    import torch

    return torch.randint(0, below, (len(images),), generator=generator, device=images.device)


def _stripe(images: Tensor, start: Tensor, breadth: int, upright: Tensor) -> Tensor:
    """The pixels, bool [B, 784], of `breadth` rows (columns where `upright` [B]) from `start` [B] on."""
    import torch

    position = torch.arange(IMAGE_SIDE, device=images.device)
    inside = (position >= start[:, None]) & (position < start[:, None] + breadth)
    square = (len(images), IMAGE_SIDE, IMAGE_SIDE)
    columns, rows = inside[:, None, :].expand(square), inside[:, :, None].expand(square)
    return torch.where(upright[:, None, None], columns, rows).reshape(images.shape)


# Sides that divide the image's into whole blocks of pixels.
COARSE_SIDES = (28, 14, 7, 4)


def coarse_side(level: float) -> int:
    """The side in pixels, of `COARSE_SIDES`, that is nearest to what is left when a share `level` of 28 is lost."""
    return min(COARSE_SIDES, key=lambda side: abs(side - (1 - level) * IMAGE_SIDE))


@corruption(
    "low-resolution",
    "downsampling",
    "Resolution removed (fraction)",
    task="resolution",
    usual=0.5,
    random=False,
)
def low_resolution(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Averages the image to `coarse_side(level)` pixels a side (0.5: 14×14, 0.75: 7×7) and enlarges it again
    without smoothing. Nothing in it is random."""
    side = coarse_side(level)
    block = IMAGE_SIDE // side
    blocks = images.view(-1, side, block, side, block)
    return blocks.mean((2, 4), keepdim=True).expand(blocks.shape).reshape(images.shape)
