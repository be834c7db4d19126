"""What the encoder sees instead of the clean image. To add one: a function with `@corruption("name")`
and its name in `config.CORRUPTIONS`.

Every function takes images [B, 784] float in [0, 1], a level and a generator, and returns a new
tensor of the same shape in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from aelib.config import IMAGE_SIDE

Corruption = Callable[[Tensor, float, Generator], Tensor]
_CORRUPTIONS: dict[str, Corruption] = {}


def corruption(name: str) -> Callable[[Corruption], Corruption]:
    def register(function: Corruption) -> Corruption:
        _CORRUPTIONS[name] = function
        return function

    return register


def corrupt(images: Tensor, name: str, level: float, generator: Generator) -> Tensor:
    """Images [B, 784] in [0, 1] as the encoder sees them. Level 0 and "none" leave them as they are."""
    if name == "none" or level == 0:
        return images
    return _CORRUPTIONS[name](images, level, generator)


def _events(images: Tensor, chances: tuple[float, ...], generator: Generator) -> list[Tensor]:
    """Boolean masks shaped like `images`, one a chance: exclusive events, drawn for each pixel by itself.

    A draw is 16 bits, four of a 64-bit number: more than fine enough for a chance, and four times as
    fast as drawing floats.
    """
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


@corruption("gaussian")
def gaussian(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Adds normal noise of standard deviation `level` and clips to [0, 1]."""
    noise = torch.randn(images.shape, generator=generator, device=images.device)
    return noise.mul_(level).add_(images).clamp_(0, 1)


@corruption("salt-and-pepper")
def salt_and_pepper(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Sets a fraction `level` of the pixels to 0 or 1 with equal chance."""
    pepper, salt = _events(images, (level / 2, level / 2), generator)
    return images.masked_fill(pepper, 0.0).masked_fill_(salt, 1.0)


@corruption("masking")
def masking(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Sets a fraction `level` of the pixels to 0 (Vincent et al. 2008, "Extracting and composing
    robust features with denoising autoencoders")."""
    return images.masked_fill(_events(images, (level,), generator)[0], 0.0)


@corruption("block")
def block(images: Tensor, level: float, generator: Generator) -> Tensor:
    """Blackens a square of side `level` × 28 at a random place that lies wholly inside the image."""
    side = round(level * IMAGE_SIDE)
    count, device = len(images), images.device
    corner = torch.randint(0, IMAGE_SIDE - side + 1, (2, count, 1), generator=generator, device=device)
    position = torch.arange(IMAGE_SIDE, device=device)
    rows, columns = (position >= corner) & (position < corner + side)
    inside = rows[:, :, None] & columns[:, None, :]
    return images.masked_fill(inside.reshape(count, -1), 0.0)
