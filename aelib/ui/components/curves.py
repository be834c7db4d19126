"""Curves of measured means with their confidence bands, told apart without their colours, too (Plotly)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from aelib.analysis.denoising.quality import Mean

# Of what is there to compare with only, and of lines that explain.
QUIET = "#8b93a3"


@dataclass(frozen=True)
class Style:
    """How a curve is told from others. `colour` None: one of the theme's, which the figure chooses."""

    colour: str | None
    dash: str
    marker: str


def add_curve(
    figure: go.Figure,
    x: Sequence[float],
    means: Sequence[Mean],
    *,
    name: str,
    rank: int,
    style: Style,
    colour: str,
    width: float,
    hover: str,
    opacity: float = 0.2,
) -> None:
    """Adds the means [N] over `x` [N] with the band of their confidence intervals. `rank`: place in the legend;
    `colour`: "#rrggbb"; `width` in pixels; `hover`: Plotly's template, with the margin as `customdata`; `opacity`:
    of the band."""
    low, high = [one.low for one in means], [one.high for one in means]
    figure.add_scatter(
        x=[*x, *reversed(x)],
        y=[*high, *reversed(low)],
        fill="toself",
        fillcolor=_faint(colour, opacity),
        # Of so few points Plotly would draw each.
        mode="lines",
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_scatter(
        x=x,
        y=[one.value for one in means],
        customdata=[one.margin for one in means],
        name=name,
        legendrank=rank,
        mode="lines+markers",
        line={"color": colour, "dash": style.dash, "width": width},
        marker={"symbol": style.marker, "size": 8, "color": colour, "line": {"color": colour, "width": 1.5}},
        hovertemplate=hover,
    )


def _faint(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"
