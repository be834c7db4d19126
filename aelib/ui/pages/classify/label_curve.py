"""Accuracy over the number of labels, for all contestants."""

from __future__ import annotations

from math import ceil, floor, log10

import plotly.graph_objects as go
import streamlit as st

from aelib.spec.palette import SERIES
from aelib.ui.components.curves import QUIET, Style, add_curve
from aelib.ui.pages.classify.contest import CODE, CONTESTANTS, PCA, PIXEL, PRETRAINED, SCRATCH, Contest

# Green and purple: M. Okabe and K. Ito's, which colour-blind people tell apart.
STYLES = {
    PRETRAINED: (Style(None, "solid", "circle"), "test"),
    SCRATCH: (Style(None, "dash", "square"), "train"),
    CODE: (Style("#009e73", "dashdot", "diamond"), ""),
    PCA: (Style(None, "longdash", "triangle-up"), "pca"),
    PIXEL: (Style("#cc79a7", "dot", "x"), ""),
}


def label_curve(contest: Contest, count: int) -> None:
    """The figure as far as it is measured; nothing while no contestant has been."""
    figure = go.Figure()
    theme = st.context.theme.type or "light"
    low, high = 1.0, 0.0
    # What lies above the others stands first in the legend.
    for rank, (contestant, (style, series)) in reversed(list(enumerate(STYLES.items()))):
        means = {one: mean for one in contest.counts if (mean := contest.mean(contestant, one)) is not None}
        if means:
            low = min(low, *(one.low for one in means.values()))
            high = max(high, *(one.high for one in means.values()))
            add_curve(
                figure,
                [*means],
                [*means.values()],
                name=CONTESTANTS[contestant][0],
                rank=rank,
                style=style,
                colour=style.colour or SERIES[theme][series],
                width=3 if contestant == PRETRAINED else 1.8,
                hover="%{y:.1%} ± %{customdata:.1%}",
                # Five bands lie nearly on one another.
                opacity=0.09,
            )
    if not figure.data:
        return
    # From ten per cent to ten per cent, so that the axis rarely moves while the figure fills in.
    bottom, top = max(0.0, floor(10 * low) / 10), min(1.0, ceil(10 * high) / 10)
    first, last = log10(contest.counts[0]), log10(contest.counts[-1])
    aside = 0.04 * max(last - first, 1)
    figure.add_vline(x=count, line_dash="dot", line_width=1, line_color=QUIET)
    figure.update_layout(
        height=400,
        margin={"l": 10, "r": 10, "t": 20, "b": 10},
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0},
        xaxis={
            "title": "labelled images per class",
            "type": "log",
            "tickvals": contest.counts,
            "range": [first - aside, last + aside],
        },
        yaxis={"title": "accuracy", "tickformat": ".0%", "dtick": 0.1, "range": [bottom, top + 0.01]},
    )
    st.plotly_chart(figure, key="classify.curve", theme="streamlit", config={"displayModeBar": False})
