"""Dots: a number for each seed in each row, with the mean and its 95 % interval. It changes in place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aelib.ui.components.component import component
from aelib.ui.components.dot_plot.payload import Group, Panel, Row, payload

__all__ = ["Group", "Panel", "Row", "dot_plot"]

_COMPONENT = component(Path(__file__).parent)


def dot_plot(panels: Sequence[Panel], *, key: str) -> None:
    """Draws the panels one below the other."""
    _COMPONENT(key=key, data=[payload(panel) for panel in panels])
