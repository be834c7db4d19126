from __future__ import annotations

import math

import pytest
import torch
from torch import Generator, Tensor

from aelib.config import IMAGE_SIDE, PIXELS
from aelib.corruptions import CORRUPTIONS, corrupt
from aelib.recipes import TEN_PIXELS

COUNT = 400
NOISES = list(CORRUPTIONS)
FRACTIONS = [TEN_PIXELS, 0.1, 0.5, 0.9, 1.0]


def generator(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def grey(value: float = 0.5, count: int = COUNT) -> Tensor:
    return torch.full((count, PIXELS), value)


def random_pictures(count: int = 50) -> Tensor:
    return torch.rand(count, PIXELS, generator=generator(99))


def assert_share(mask: Tensor, share: float) -> None:
    """Independent draws hit a share of `mask` within five standard errors, for all pixels and in every column."""
    error = math.sqrt(share * (1 - share) / mask.numel())
    assert float(mask.float().mean()) == pytest.approx(share, abs=5 * error + 1e-5)
    columns = mask.float().mean(0)
    assert float((columns - share).abs().max()) <= 6 * error * math.sqrt(PIXELS) + 1e-5


@pytest.mark.parametrize("name", ["none", *CORRUPTIONS])
def test_level_zero_changes_nothing(name: str) -> None:
    pictures = random_pictures()
    assert torch.equal(corrupt(pictures, name, 0.0, generator()), pictures)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_no_corruption_changes_nothing(level: float) -> None:
    pictures = random_pictures()
    assert torch.equal(corrupt(pictures, "none", level, generator()), pictures)


@pytest.mark.parametrize("name", NOISES)
@pytest.mark.parametrize("level", [0.001, 0.3, 0.999, 1.0])
def test_results_are_pictures_again_and_the_input_stays(name: str, level: float) -> None:
    pictures = random_pictures()
    before = pictures.clone()
    seen = corrupt(pictures, name, level, generator())
    assert seen.shape == pictures.shape and seen.dtype == pictures.dtype
    assert float(seen.min()) >= 0 and float(seen.max()) <= 1
    assert torch.equal(pictures, before)


@pytest.mark.parametrize("name", NOISES)
def test_the_generator_alone_decides_the_noise(name: str) -> None:
    pictures = random_pictures()
    one, same, other = (corrupt(pictures, name, 0.3, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not torch.equal(one, pictures)


@pytest.mark.parametrize("name", NOISES)
def test_every_picture_of_a_batch_gets_noise_of_its_own(name: str) -> None:
    seen = corrupt(grey(0.6, 20), name, 0.4, generator())
    assert len(torch.unique(seen, dim=0)) > 10


@pytest.mark.parametrize("count", [1, 3, 50])
def test_batches_of_any_size_are_corrupted(count: int) -> None:
    for name in NOISES:
        assert corrupt(grey(0.5, count), name, 0.5, generator()).shape == (count, PIXELS)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.1])
def test_gaussian_noise_has_its_level_as_standard_deviation(level: float) -> None:
    noise = (corrupt(grey(), "gaussian", level, generator()) - 0.5).flatten()
    draws = noise.numel()
    assert float(noise.std()) == pytest.approx(level, rel=5 / math.sqrt(2 * draws))
    assert abs(float(noise.mean())) < 5 * level / math.sqrt(draws)
    # Of normal numbers, 68.27 % lie within one standard deviation.
    assert float((noise.abs() < level).float().mean()) == pytest.approx(0.6827, abs=5 * math.sqrt(0.22 / draws))


def test_gaussian_noise_is_clipped() -> None:
    seen = corrupt(grey(0.0), "gaussian", 0.5, generator())
    assert_share(seen == 0, 0.5)


@pytest.mark.parametrize("level", FRACTIONS)
def test_salt_and_pepper_take_half_of_the_level_each(level: float) -> None:
    seen = corrupt(grey(), "salt-and-pepper", level, generator())
    assert_share(seen == 0, level / 2)
    assert_share(seen == 1, level / 2)
    assert_share(seen == 0.5, 1 - level)


@pytest.mark.parametrize("level", FRACTIONS)
def test_masking_blackens_its_level_of_the_pixels(level: float) -> None:
    seen = corrupt(grey(), "masking", level, generator())
    assert_share(seen == 0, level)
    assert_share(seen == 0.5, 1 - level)


def test_neighbouring_pixels_are_hit_independently() -> None:
    hit = (corrupt(grey(), "masking", 0.5, generator()) == 0).float()
    for distance in range(1, 9):
        both = float((hit[:, distance:] * hit[:, :-distance]).mean())
        assert both == pytest.approx(0.25, abs=5 * math.sqrt(0.1875 / hit.numel()) + 1e-3)


@pytest.mark.parametrize("level", [0.1, 0.25, 0.5, 0.9, 1.0])
def test_a_block_is_one_black_square_inside_the_picture(level: float) -> None:
    side = round(level * IMAGE_SIDE)
    black = (corrupt(grey(), "block", level, generator()) == 0).view(-1, IMAGE_SIDE, IMAGE_SIDE)
    corners = set()
    for picture in black:
        rows, columns = picture.any(1).nonzero().flatten(), picture.any(0).nonzero().flatten()
        assert len(rows) == len(columns) == side
        assert int(rows[-1] - rows[0]) == int(columns[-1] - columns[0]) == side - 1
        assert int(picture.sum()) == side**2
        corners.add((int(rows[0]), int(columns[0])))
    room = IMAGE_SIDE - side
    assert {0, room} <= {row for row, _ in corners} and {0, room} <= {column for _, column in corners}
    assert len(corners) > min(room, 10)
