"""Drawings and photographs as MNIST's images."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import center_of_mass

from aelib.datasets import rawfiles
from aelib.datasets.decoding import decode
from aelib.datasets.handwriting import as_mnist, from_drawing, from_file, strokes
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import encoded


def drawn(*points: tuple[int, int], size: tuple[int, int] = (112, 112), width: int = 9) -> np.ndarray:
    image = Image.new("L", size)
    ImageDraw.Draw(image).line(points, fill=255, width=width)
    return np.asarray(image)


SEVEN = drawn((60, 70), (95, 70), (75, 108))


def frame(picture: np.ndarray) -> tuple[int, int]:
    return tuple(int(np.ptp(axis)) + 1 for axis in np.nonzero(picture))  # type: ignore[return-value]


@pytest.mark.parametrize(
    "drawing",
    [SEVEN, drawn((5, 5), (9, 30)), drawn((2, 50), (110, 54)), drawn((200, 10), (40, 280), size=(300, 300), width=25)],
)
def test_a_drawing_fills_a_box_of_20_pixels_around_its_centre_of_mass(drawing: np.ndarray) -> None:
    picture = as_mnist(drawing)
    assert picture.shape == (28, 28) and picture.dtype == np.uint8
    assert max(frame(picture)) == 20
    assert np.abs(np.array(center_of_mass(picture)) - 14).max() <= 0.5


def test_the_aspect_ratio_is_kept() -> None:
    height, width = frame(as_mnist(drawn((10, 20), (110, 20), width=25)))
    assert (height, width) == (5, 20)


def test_nothing_is_cut_off_where_all_mass_is_at_one_end() -> None:
    image = np.zeros((100, 100), np.uint8)
    image[80:100, :20] = 255
    image[:80, 0] = 60
    picture = as_mnist(image)
    assert max(frame(picture)) == 20
    assert np.flatnonzero(picture.any(axis=1))[-1] == 27 - 0 or picture.any(axis=1).sum() == 20


def test_a_digit_of_mnist_passes_unchanged(real_data: Path) -> None:
    digits = rawfiles.load(rawfiles.COLLECTIONS["mnist"], real_data).test_images[:300]
    same = [np.array_equal(as_mnist(digit), digit) for digit in digits]
    near = [np.abs(np.subtract(center_of_mass(as_mnist(digit)), center_of_mass(digit))).max() for digit in digits]
    assert np.mean(same) > 0.95
    assert max(near) <= 1


def test_a_dot_and_a_single_pixel_are_pictures_too() -> None:
    assert max(frame(as_mnist(drawn((50, 50), (51, 51))))) == 20
    image = np.zeros((112, 112), np.uint8)
    image[3, 4] = 255
    assert as_mnist(image).max() == 255


@pytest.mark.parametrize("side", [1, 28, 112])
def test_an_empty_drawing_is_told_in_a_sentence(side: int) -> None:
    with pytest.raises(InvalidInput, match="at least one stroke"):
        as_mnist(np.zeros((side, side), np.uint8))


def test_dark_strokes_on_paper_become_bright_on_black() -> None:
    random = np.random.default_rng(0)
    paper = (225 - 0.6 * SEVEN + random.normal(0, 4, SEVEN.shape)).clip(0, 255).astype(np.uint8)
    clean = strokes(paper)
    assert (clean[SEVEN == 0] == 0).mean() > 0.99
    assert clean[SEVEN == 255].min() > 200
    photograph = as_mnist(clean).astype(float)
    assert np.corrcoef(photograph.ravel(), as_mnist(SEVEN).ravel())[0, 1] > 0.97


def test_bright_strokes_stay_and_may_be_exchanged() -> None:
    assert np.array_equal(strokes(SEVEN), SEVEN)
    dim = np.where(SEVEN > 0, 20, 120).astype(np.uint8)
    assert as_mnist(strokes(dim, exchanged=True)).any()
    assert np.corrcoef(strokes(dim, exchanged=True).ravel(), SEVEN.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
@pytest.mark.parametrize("centred", [True, False])
def test_files_of_any_mode_and_size_are_read(mode: str, centred: bool) -> None:
    paper = Image.fromarray(255 - SEVEN).resize((301, 173))
    image = Image.fromarray(np.asarray(paper).astype(np.uint16) * 257) if mode == "I;16" else paper.convert(mode)
    kind = "TIFF" if mode == "CMYK" else "PNG"
    picture = from_file("seven", partial(decode, encoded(image, kind)), centred=centred)
    assert picture.shape == (28, 28) and picture.dtype == np.uint8
    assert picture.max() > 150 and np.median(picture) == 0


@pytest.mark.parametrize("data", [b"", b"no picture", b"PK\x03\x04", encoded(SEVEN)[:200], encoded(SEVEN[:2])])
def test_files_that_are_no_picture_are_named(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"(?s)mine\.png.*PNG or JPEG"):
        from_file("mine.png", partial(decode, data), centred=True)


def test_an_empty_sheet_of_paper_is_told_in_a_sentence() -> None:
    with pytest.raises(InvalidInput, match="stroke"):
        from_file("paper.png", partial(decode, encoded(np.full((90, 90), 240, np.uint8))), centred=True)


def test_a_drawing_may_stay_where_it_was_drawn() -> None:
    picture = from_drawing(SEVEN, centred=False)
    assert picture.shape == (28, 28)
    assert np.argwhere(picture).min(axis=0) == pytest.approx(np.argwhere(SEVEN).min(axis=0) / 4, abs=1)
    assert max(frame(from_drawing(SEVEN, centred=True))) == 20
