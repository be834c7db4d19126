"""How a measure is distributed within every class: a settled figure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Literal

from aelib.analysis.reconstructions.selection import Spread
from aelib.spec import palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Tone = Literal["light", "dark"]


def class_boxes(spreads: Sequence[Spread], title: str, tone: Tone, decimals: int) -> Figure:
    """A box for every class in its colour: quartiles and median; whiskers from the 5th to the 95th percentile."""
    from plotly import graph_objects

    colours = palette.CLASSES[tone]
    figure = graph_objects.Figure()
    for spread in spreads:
        # Plotly takes a text for HTML, links included, and a class may be called anything.
        name = escape(spread.name)
        colour = colours[spread.label % len(colours)]
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        figure.add_box(
            name=name,
            x=[name],
            lowerfence=[spread.low],
            q1=[spread.quarter],
            median=[spread.median],
            q3=[spread.three_quarters],
            upperfence=[spread.high],
            line={"color": colour, "width": 2},
            fillcolor=f"rgba({red}, {green}, {blue}, 0.27)",
            whiskerwidth=0.6,
            hoverinfo="y",
        )
    figure.update_layout(
        height=320,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        yaxis={"title": title, "hoverformat": f".{decimals}f", "zeroline": False},
        xaxis={"type": "category", "fixedrange": True},
    )
    figure.update_yaxes(fixedrange=True)
    return figure
