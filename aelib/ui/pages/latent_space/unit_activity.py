"""How much every unit of a layer says: a figure, a table, and the dead ones by name."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from aelib.analysis.latent_space import embeddings
from aelib.analysis.latent_space.embeddings import Activity
from aelib.spec.palette import SERIES
from aelib.ui.components.curves import QUIET
from aelib.ui.pages.latent_space.encoder_layers import EncoderLayer
from aelib.ui.session.queries import BRIEFLY
from aelib.ui.session.run_page import Viewed

# More bars than this cannot be told apart; the table has them all.
BARS = 128
NAMED = 30


def unit_activity(viewed: Viewed, layer: EncoderLayer, count: int) -> None:
    """Draws the activity of a layer's units over `count` test images."""
    key = (layer, count)
    answer = viewed.ask(
        "latent.activity",
        embeddings.activity,
        count,
        layer.layers,
        key=key,
        expensive=True,
        timeout=BRIEFLY,
    )
    if answer.value is None or answer.key != key:
        st.caption(answer.problem or "Computing …")
        return
    found = answer.value
    st.markdown(in_words(found, layer, count))
    figure, listing = st.columns([3, 2])
    with figure:
        st.plotly_chart(_figure(found, layer), key="latent.activity.figure", config={"displayModeBar": False})
    with listing:
        st.dataframe(
            {
                "unit": list(range(1, len(found.mean) + 1)),
                "mean": found.mean,
                "deviation": found.deviation,
                "5 %": found.low,
                "95 %": found.high,
                "inactive": found.silent * 100,
                "dead": found.dead,
            },
            key="latent.activity.table",
            hide_index=True,
            height=300,
            column_config={
                "mean": st.column_config.NumberColumn(format="%.3g"),
                **{name: st.column_config.NumberColumn(format="%.3g") for name in ("deviation", "5 %", "95 %")},
                "inactive": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100),
            },
        )


def in_words(found: Activity, layer: EncoderLayer, count: int) -> str:
    """How sparse the layer is over `count` test images, and which of its units are dead."""
    units = len(found.mean)
    dead = [str(unit + 1) for unit in found.dead.nonzero()[0]]
    said = (
        f"On average, a unit of {layer.called} is inactive on **{found.silent.mean():.0%}** of {count:,} test images. "
        f"Inactive means an absolute activation of at most {found.threshold:.2g}, {embeddings.SILENT:.0%} of the "
        "largest one."
    )
    if not dead:
        return f"{said} No unit is dead: each one's activation changes with the image."
    names = ", ".join(dead[:NAMED]) + (f" and {len(dead) - NAMED:,} more" if len(dead) > NAMED else "")
    verb, whose = ("is", "its") if len(dead) == 1 else ("are", "their")
    return (
        f"{said} **{len(dead):,} of {units:,}** {verb} dead ({whose} standard deviation over the images is at most "
        f"that): unit {names}."
    )


def _figure(found: Activity, layer: EncoderLayer) -> go.Figure:
    shown = slice(0, BARS)
    units = list(range(1, len(found.mean) + 1))[shown]
    colour = SERIES["light"]["train"]
    figure = go.Figure(
        go.Bar(
            x=units,
            y=found.mean[shown],
            # Pale, so that the ranges show on them as well.
            marker={"color": colour, "opacity": 0.6},
            customdata=np.stack([found.low, found.high, found.silent * 100], 1)[shown],
            hovertemplate="unit %{x}<br>mean %{y:.3g}, 90 % from %{customdata[0]:.3g} to %{customdata[1]:.3g}<br>"
            "inactive on %{customdata[2]:.0f} %<extra></extra>",
        )
    )
    # Percentiles stay within what the unit gives: mean ± deviation would go below 0 for units that never do.
    figure.add_scatter(
        x=units,
        y=found.low[shown],
        error_y={
            "type": "data",
            "symmetric": False,
            "array": (found.high - found.low)[shown],
            "arrayminus": np.zeros(len(units)),
            "thickness": 1,
            "width": 0,
            "color": QUIET,
        },
        mode="markers",
        marker={"opacity": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    more = "" if len(found.mean) <= BARS else f" (the first {BARS})"
    figure.update_layout(
        height=300,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        xaxis_title=f"unit of {layer.called}{more}",
        yaxis_title="activation: mean, 5th to 95th percentile",
        showlegend=False,
    )
    figure.update_xaxes(tickformat="d", dtick=1 if len(units) <= 16 else None)
    return figure
