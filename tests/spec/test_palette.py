"""Colours that carry a meaning stay apart, for everybody and on both grounds."""

from __future__ import annotations

import re
import tomllib
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from aelib.spec.palette import CLASSES, GROUPS, MASK, SERIES, SIGNED

# G. Machado, M. Oliveira and L. Fernandes 2009, "A physiologically-based model for simulation of color vision
# deficiency", severity 1.0; for linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
THEME = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def seen(colour: str, vision: str) -> np.ndarray:
    """The colour in CIELAB as somebody with this vision sees it."""
    value = rgb(colour)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    mixed = np.clip(VISIONS[vision] @ linear, 0, 1)
    return np.asarray(rgb2lab(np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055)))


def luminance(colour: str) -> float:
    value = rgb(colour)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(a: str, b: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it."""
    bright, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_series_stay_apart(ground: str, vision: str) -> None:
    for colours in (SERIES[ground], GROUPS[ground]):
        for a, b in combinations(colours.values(), 2):
            assert deltaE_ciede2000(seen(a, vision), seen(b, vision)) > 10


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_class_colours_stay_apart(ground: str, vision: str) -> None:
    for a, b in combinations(CLASSES[ground], 2):
        assert deltaE_ciede2000(seen(a, vision), seen(b, vision)) > 10


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_lines_and_dots_can_be_told_from_the_ground(ground: str) -> None:
    background = THEME[ground]["backgroundColor"]
    assert all(contrast(colour, background) > 2.4 for colour in (*SERIES[ground].values(), *GROUPS[ground].values()))
    assert all(contrast(colour, background) > 1.5 for colour in CLASSES[ground])


@pytest.mark.parametrize("ground", ["light", "dark"])
def test_text_and_buttons_can_be_read(ground: str) -> None:
    theme = THEME[ground]
    assert contrast(theme["textColor"], theme["backgroundColor"]) > 7
    # On the dark ground, buttons have a colour of their own.
    dark = (Path(__file__).parents[2] / "app.py").read_text("utf-8").partition("DARK_STYLE")[2]
    button = theme["primaryColor"] if ground == "light" else re.findall(r"background-color: (#\w+)", dark)[0]
    assert contrast("#ffffff", button) > 4.5


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_a_mask_is_taken_for_no_grey_of_an_image_and_its_stripes_are_seen(ground: str, vision: str) -> None:
    paper, ink = (rgb(THEME[ground][name]) for name in ("backgroundColor", "textColor"))
    tint, stripe = (seen(colour, vision) for colour in MASK[ground])
    assert deltaE_ciede2000(tint, stripe) > 15
    # As images.js mixes them: five hundredths of ink in the paper of an image.
    for share in np.linspace(0.05, 1, 96):
        grey = np.rint(255 * (paper + (ink - paper) * share)).astype(int)
        drawn = seen("#" + "".join(f"{value:02x}" for value in grey), vision)
        assert deltaE_ciede2000(tint, drawn) > 6


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("ground", ["light", "dark"])
def test_too_much_and_too_little_stay_apart(ground: str, vision: str) -> None:
    little, none, much = (seen(colour, vision) for colour in SIGNED[ground])
    for a, b in combinations((little, none, much), 2):
        assert deltaE_ciede2000(a, b) > 20
