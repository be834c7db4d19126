"""The level of a corruption: its slider, and the images that follow it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from aelib.analysis.denoising import measurements
from aelib.analysis.denoising.measurements import Shown
from aelib.spec.config import RunConfig
from aelib.spec.corruptions import CORRUPTIONS, coarse_side
from aelib.ui.components.image_grid import Follows, Row
from aelib.ui.components.image_grid.payload import payload
from aelib.ui.components.slider import message, slider
from aelib.ui.panels.labels import LABELS
from aelib.ui.panels.tasks import COARSE_LEVELS
from aelib.ui.server.preview import Preview, offer
from aelib.ui.session.run_page import Viewed
from aelib.ui.session.session import server_runs

LEVELS = tuple(percent / 100 for percent in range(101))
LEVEL, COARSE = "denoising.level", "denoising.coarse"


def choose_level(corruption: str) -> float:
    if _is_coarse(corruption):
        return slider(LABELS["resolution"], COARSE_LEVELS, key=COARSE, named=_side)
    return slider(CORRUPTIONS[corruption].level_label, LEVELS, key=LEVEL, named=lambda level: f"{level:.2f}")


def _side(level: float) -> str:
    return f"{coarse_side(level)}×{coarse_side(level)} pixels"


def set_level(config: RunConfig, corruption: str) -> None:
    """To what the run was trained with, where it was trained with this, else to what is usual."""
    if corruption == "none":
        return
    level = config.corruption_level if corruption == config.corruption else CORRUPTIONS[corruption].usual
    st.session_state[LEVEL] = round(level, 2)
    st.session_state[COARSE] = min(COARSE_LEVELS, key=lambda coarse: abs(coarse - level))


def following(viewed: Viewed, corruption: str, level: float, rows_of: Callable[[Shown], list[Row]]) -> Follows | None:
    """Has a grid of `rows_of` what is shown drawn again while the level is dragged; None where there is no level."""
    if corruption == "none":
        return None
    link, data = viewed.reached.link, viewed.reached.ready.data

    def question(said: str) -> tuple[Callable[..., Shown], *tuple[Any, ...]] | None:
        try:
            asked = float(said)
        except ValueError:
            return None
        return (measurements.shown, link, data, corruption, asked) if 0 <= asked <= 1 else None

    preview = Preview(viewed.engine, question, lambda _, shown: payload(rows_of(shown)))
    return offer(preview, server_runs(), COARSE if _is_coarse(corruption) else LEVEL, message(level))


def _is_coarse(corruption: str) -> bool:
    """Is the level one of a few sizes?"""
    return CORRUPTIONS[corruption].task == "resolution"
