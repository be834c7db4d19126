"""A variational run on the Decode page: how sure its encoder is, and which units of its code are in use."""

from __future__ import annotations

from typing import Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from aelib.insight import variational
from aelib.insight.variational import IN_USE, Usage
from aelib.ui.looking import Viewed
from aelib.ui.palette import SERIES
from aelib.ui.sheet import Row, sheet

DRAWS = 4


def uncertainty(viewed: Viewed) -> None:
    """Draws both."""
    st.subheader("How sure is the encoder?", anchor=False)
    answer = viewed.ask("decode.uncertainty", variational.uncertainty, DRAWS, about=DRAWS)
    if answer.problem:
        st.warning(answer.problem, icon=":material/info:")
    elif answer.value is None:
        st.caption("Drawing codes …")
    else:
        found = answer.value
        kind: Literal["colour", "grey"] = "colour" if viewed.config.colour else "grey"
        spreads = [f"σ {spread:.2f}" for spread in found.spread]
        rows = [Row("picture", found.pictures), Row("middle", found.expected, spreads, kind=kind)]
        rows += [Row(f"draw {number + 1}", drawn, kind=kind) for number, drawn in enumerate(found.drawn)]
        sheet(rows, key="decode.uncertainty.sheet")
        st.caption(
            "The encoder answers with a cloud, not a point. From its middle, and from four codes drawn out of it, the "
            "decoder makes these pictures: where they differ, the encoder was not sure. σ: the cloud's size, averaged "
            "over the units in use; at 1 it says nothing about the picture."
        )
    st.subheader("Which numbers are in use?", anchor=False)
    usage = viewed.ask("decode.usage", variational.usage, dear=True)
    if usage.problem:
        st.warning(usage.problem, icon=":material/info:")
    elif usage.value is None:
        st.caption("Measuring on all test pictures …")
    else:
        _usage(usage.value)


def _usage(usage: Usage) -> None:
    order = np.argsort(-usage.nats, kind="stable")
    theme = st.context.theme.type or "light"
    figure = go.Figure(
        go.Bar(
            x=[f"unit {unit + 1}" for unit in order],
            y=usage.nats[order],
            marker_color=SERIES[theme]["test"],
            hovertemplate="%{x}: %{y:.3f} nats<extra></extra>",
        )
    )
    figure.update_layout(
        height=240,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        yaxis_title="nats a picture",
        xaxis={"showticklabels": len(order) <= 32},
    )
    st.plotly_chart(figure, key="decode.usage.chart", theme="streamlit", config={"displayModeBar": False})
    said = (
        f"**{usage.in_use} of {len(usage.nats)}** numbers are in use (more than {IN_USE:g} nats a picture), and "
        f"together tell {usage.nats.sum():.1f} nats of it. "
    )
    if usage.elbo is not None:
        said += (
            f"The evidence lower bound on all test pictures is **{usage.elbo.bound:.1f} nats** a picture: "
            f"{usage.elbo.likelihood:.1f} for the pixels, given the code, less {usage.elbo.divergence:.1f} for the "
            "code."
        )
    else:
        said += "There is no evidence lower bound: it takes cross-entropy as the loss."
    st.markdown(
        said,
        help="What a unit tells: the Kullback-Leibler divergence of its distribution, given a picture, from the "
        "standard Gaussian. The bound lies below the log probability that the model gives to a picture, its pixels "
        "taken for probabilities, and is estimated with one code drawn for each.",
    )
