"""What the encoder sees instead of the clean image. A new one is one function with `@corruption(...)`.

Every function takes images [B, 784] float in [0, 1], a level from 0 to 1 and a generator, and returns
a new tensor of the same shape in [0, 1]. torch is imported inside them: the pages name corruptions
without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aelib.config import IMAGE_SIDE

if TYPE_CHECKING:
    from torch import Generator, Tensor

    Apply = Callable[[Tensor, float, Generator], Tensor]


@dataclass(frozen=True)
class Corruption:
    """`title` and `level_means` (what the level is a measure of) are for people."""

    name: str
    title: str
    level_means: str
    apply: Apply


CORRUPTIONS: dict[str, Corruption] = {}


def corruption(name: str, title: str, level_means: str) -> Callable[[Apply], Apply]:
    def register(apply: Apply) -> Apply:
        CORRUPTIONS[name] = Corruption(name, title, level_means, apply)
        return apply

    return register


def corrupt(images: Tensor, name: str, level: float, generator: Generator) -> Tensor:
    """Images [B, 784] in [0, 1] as the encoder sees them. Level 0 and "none" leave them as they are."""
    if name == "none" or level == 0:
        return images
    return CORRUPTIONS[name].apply(images, level, generator)


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


@corruption("gaussian", "Gaussian noise", "standard deviation")
def gaussian(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Adds normal noise of standard deviation `level` and clips to [0, 1]."""
    import torch

    noise = torch.randn(images.shape, generator=generator, device=images.device)
    return noise.mul_(level).add_(images).clamp_(0, 1)


@corruption("salt-and-pepper", "salt and pepper", "share of the pixels")
def salt_and_pepper(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Sets a fraction `level` of the pixels to 0 or 1 with equal chance."""
    pepper, salt = _events(images, (level / 2, level / 2), generator)
    return images.masked_fill(pepper, 0.0).masked_fill_(salt, 1.0)


@corruption("masking", "masked pixels", "share of the pixels")
def masking(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Sets a fraction `level` of the pixels to 0 (Vincent et al. 2008, "Extracting and composing
    robust features with denoising autoencoders")."""
    return images.masked_fill(_events(images, (level,), generator)[0], 0.0)


@corruption("block", "a black block", "share of the side")
def block(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Blackens a square of side `level` × 28 at a random place that lies wholly inside the image."""
    import torch

    side = round(level * IMAGE_SIDE)
    count, device = len(images), images.device
    corner = torch.randint(0, IMAGE_SIDE - side + 1, (2, count, 1), generator=generator, device=device)
    position = torch.arange(IMAGE_SIDE, device=device)
    rows, columns = (position >= corner) & (position < corner + side)
    inside = rows[:, :, None] & columns[:, None, :]
    return images.masked_fill(inside.reshape(count, -1), 0.0)
