from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from skimage.transform import downscale_local_mean
from torch import Generator, Tensor

from aelib.spec.corruptions import CORRUPTIONS, coarse_side, corrupt, mask
from aelib.spec.images import IMAGE_SIDE, PIXELS
from aelib.spec.recipes import TEN_PIXELS

COUNT = 400
NAMES = list(CORRUPTIONS)
# Nothing is random in a lower resolution, and a image has four halves.
RANDOM = [name for name in NAMES if name != "low-resolution"]
VARIANTS = {"half": 4}
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
    images = random_pictures()
    assert torch.equal(corrupt(images, name, 0.0, generator()), images)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_no_corruption_changes_nothing(level: float) -> None:
    images = random_pictures()
    assert torch.equal(corrupt(images, "none", level, generator()), images)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0.001, 0.3, 0.999, 1.0])
def test_results_are_pictures_again_and_the_input_stays(name: str, level: float) -> None:
    images = random_pictures()
    before = images.clone()
    seen = corrupt(images, name, level, generator())
    assert seen.shape == images.shape and seen.dtype == images.dtype
    assert float(seen.min()) >= 0 and float(seen.max()) <= 1
    assert torch.equal(images, before)


@pytest.mark.parametrize("name", RANDOM)
def test_the_generator_alone_decides_the_noise(name: str) -> None:
    images = random_pictures()
    one, same, other = (corrupt(images, name, 0.3, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert not torch.equal(one, images)


@pytest.mark.parametrize("name", RANDOM)
def test_every_picture_of_a_batch_gets_noise_of_its_own(name: str) -> None:
    seen = corrupt(grey(0.6, 40), name, 0.4, generator())
    assert len(torch.unique(seen, dim=0)) >= VARIANTS.get(name, 20)


@pytest.mark.parametrize("count", [1, 3, 50])
def test_batches_of_any_size_are_corrupted(count: int) -> None:
    for name in NAMES:
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


@pytest.mark.parametrize("draws", [1, 10, 784, 2_000])
def test_pixels_are_drawn_with_replacement_and_set_to_black_or_white(draws: int) -> None:
    level = min(draws, PIXELS) / PIXELS
    seen = corrupt(grey(), "pixel-draws", level, generator())
    # Of n draws with replacement, a pixel is among them with probability 1 - (1 - 1/784)^n.
    hit = 1 - (1 - 1 / PIXELS) ** min(draws, PIXELS)
    assert_share(seen == 0.5, 1 - hit)
    assert_share(seen == 0, hit / 2)
    assert_share(seen == 1, hit / 2)
    assert int((seen != 0.5).sum(1).max()) <= draws


def test_ten_draws_on_black_leave_about_five_wrong_pixels() -> None:
    seen = corrupt(grey(0.0, 4_000), "pixel-draws", TEN_PIXELS, generator())
    visible = (seen != 0).sum(1).float()
    assert int(visible.max()) <= 10
    assert float(visible.mean()) == pytest.approx(PIXELS * (1 - (1 - 1 / PIXELS) ** 10) / 2, abs=0.13)


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
    for image in black:
        rows, columns = image.any(1).nonzero().flatten(), image.any(0).nonzero().flatten()
        assert len(rows) == len(columns) == side
        assert int(rows[-1] - rows[0]) == int(columns[-1] - columns[0]) == side - 1
        assert int(image.sum()) == side**2
        corners.add((int(rows[0]), int(columns[0])))
    room = IMAGE_SIDE - side
    assert {0, room} <= {row for row, _ in corners} and {0, room} <= {column for _, column in corners}
    assert len(corners) > min(room, 10)


def black_stripes(name: str, level: float) -> tuple[Tensor, Tensor]:
    """For each image the share of black pixels in every row and in every column, [B, 28]."""
    black = (corrupt(grey(), name, level, generator()) == 0).view(-1, IMAGE_SIDE, IMAGE_SIDE).float()
    return black.mean(2), black.mean(1)


def stripe(rows: Tensor, columns: Tensor) -> tuple[bool, int, int]:
    """(upright, first, breadth) of the one stripe across a image."""
    upright = bool((columns == 1).any() and not (rows == 1).all())
    across, along = (columns, rows) if upright else (rows, columns)
    assert set(across.tolist()) <= {0.0, 1.0} and len(set(along.tolist())) == 1
    hit = across.nonzero().flatten()
    assert int(hit[-1] - hit[0]) == len(hit) - 1
    return upright, int(hit[0]), len(hit)


@pytest.mark.parametrize(("level", "thickness"), [(0.001, 1), (0.1, 3), (0.15, 4), (0.5, 14)])
def test_a_line_goes_straight_across_the_picture(level: float, thickness: int) -> None:
    found = [stripe(rows, columns) for rows, columns in zip(*black_stripes("line", level), strict=True)]
    assert {breadth for _, _, breadth in found} == {thickness}
    last = IMAGE_SIDE - thickness
    for orientation in (False, True):
        firsts = {first for upright, first, _ in found if upright == orientation}
        assert {0, last} <= firsts or len(firsts) > 20
        assert firsts <= set(range(last + 1))


@pytest.mark.parametrize(("level", "depth"), [(0.25, 7), (0.5, 14), (0.75, 21)])
def test_each_half_is_blackened_as_deep_as_the_level_says(level: float, depth: int) -> None:
    found = {stripe(rows, columns) for rows, columns in zip(*black_stripes("half", level), strict=True)}
    assert found == {(upright, first, depth) for upright in (False, True) for first in (0, IMAGE_SIDE - depth)}


@pytest.mark.parametrize("name", ["line", "half", "block"])
def test_a_gap_of_the_whole_side_is_black(name: str) -> None:
    assert not corrupt(grey(), name, 1.0, generator()).any()


@pytest.mark.parametrize(("level", "side"), [(0.1, 28), (0.5, 14), (0.75, 7), (0.8, 7), (0.86, 4), (1.0, 4)])
def test_a_lower_resolution_is_that_of_scikit_image(level: float, side: int) -> None:
    assert coarse_side(level) == side
    images = random_pictures()
    seen = corrupt(images, "low-resolution", level, generator()).view(-1, IMAGE_SIDE, IMAGE_SIDE)
    block = IMAGE_SIDE // side
    for ours, image in zip(seen, images.view(seen.shape).numpy(), strict=True):
        coarse = downscale_local_mean(image, (block, block))
        assert coarse.shape == (side, side)
        np.testing.assert_allclose(ours.numpy(), coarse.repeat(block, 0).repeat(block, 1), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_every_corruption_has_a_task_and_a_usual_level_that_does_something(name: str) -> None:
    corruption = CORRUPTIONS[name]
    assert corruption.task in ("noise", "gap", "resolution")
    assert not torch.equal(corrupt(random_pictures(), name, corruption.usual, generator()), random_pictures())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0.05, 0.4, 1.0])
def test_a_mask_names_the_pixels_that_were_removed_and_no_others(name: str, level: float) -> None:
    images = random_pictures().clamp(0.01, 1)
    removed = mask(images, name, level, generator(3))
    if name not in ("masking", "block", "line", "half"):
        assert removed is None
        return
    assert removed is not None and removed.dtype == torch.bool and removed.shape == images.shape
    assert torch.equal(removed, corrupt(images, name, level, generator(3)) == 0)


@pytest.mark.parametrize("name", ["none", "block"])
def test_where_nothing_is_removed_there_is_no_mask(name: str) -> None:
    assert mask(random_pictures(), name, 0.0, generator()) is None
