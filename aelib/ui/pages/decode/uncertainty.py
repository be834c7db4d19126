"""A variational run on the Decode page: how sure its encoder is, and which units of its code are in use."""

from __future__ import annotations

from typing import Literal

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from aelib.analysis.decode import variational
from aelib.analysis.decode.variational import IN_USE, Usage
from aelib.spec.palette import SERIES
from aelib.ui.components.image_grid import Row, image_grid
from aelib.ui.session.run_page import Viewed

DRAWS = 4


def uncertainty(viewed: Viewed) -> None:
    """Draws both."""
    st.subheader("Encoder uncertainty", anchor=False)
    answer = viewed.ask("decode.uncertainty", variational.uncertainty, DRAWS, key=DRAWS)
    if answer.problem:
        st.warning(answer.problem, icon=":material/info:")
    elif answer.value is None:
        st.caption("Drawing codes …")
    else:
        found = answer.value
        kind: Literal["colour", "grey"] = "colour" if viewed.config.colour else "grey"
        spreads = [f"σ {spread:.2f}" for spread in found.spread]
        rows = [Row("picture", found.images), Row("middle", found.expected, spreads, kind=kind)]
        rows += [Row(f"draw {number + 1}", drawn, kind=kind) for number, drawn in enumerate(found.drawn)]
        image_grid(rows, key="decode.uncertainty.grid")
        st.caption(
            "The encoder gives a Gaussian distribution, not a point. The decoder makes these images of its mean and of "
            "four codes drawn from it: where they differ, the encoder is not sure. σ: the standard deviation, averaged "
            "over the dimensions in use; that of the prior is 1."
        )
    st.subheader("Active latent dimensions", anchor=False)
    usage = viewed.ask("decode.usage", variational.usage, expensive=True)
    if usage.problem:
        st.warning(usage.problem, icon=":material/info:")
    elif usage.value is None:
        st.caption("Measuring on all test images …")
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
        yaxis_title="KL in nats per image",
        xaxis={"showticklabels": len(order) <= 32},
    )
    st.plotly_chart(figure, key="decode.usage.chart", theme="streamlit", config={"displayModeBar": False})
    said = (
        f"**{usage.in_use} of {len(usage.nats)}** dimensions are in use (more than {IN_USE:g} nats per image); the "
        f"KL divergence of all is {usage.nats.sum():.1f} nats per image. "
    )
    if usage.elbo is not None:
        said += (
            f"The evidence lower bound (ELBO) on all test images is **{_signed(usage.elbo.bound)} nats** per image: "
            f"{_signed(usage.elbo.likelihood)} (reconstruction) − {usage.elbo.divergence:.1f} (KL)."
        )
    else:
        said += "The evidence lower bound (ELBO) needs cross-entropy as the loss and a grey output."
    st.markdown(
        said,
        help="The Kullback-Leibler divergence of a dimension's distribution, given an image, from the standard "
        "Gaussian, averaged over all test images. The ELBO (with β = 1) is a lower bound on the log probability of an "
        "image whose pixels are drawn with the grey values as probabilities, estimated with one code per image.",
    )


def _signed(nats: float) -> str:
    return f"{nats:.1f}".replace("-", "−")
