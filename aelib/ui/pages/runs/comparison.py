"""Two to six runs in one chart, and their reconstructions of the same images below one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from aelib import datasets
from aelib.runs import RunView, Summary
from aelib.spec.config import RunConfig
from aelib.spec.images import PIXELS, SHOWN
from aelib.spec.palette import RUNS
from aelib.ui.components.image_grid import Row, image_grid
from aelib.ui.components.png import grid_png
from aelib.ui.panels.labels import LABELS, chosen, differing, distinctions
from aelib.ui.panels.run_titles import began
from aelib.ui.session.datasets import awaited_dataset
from aelib.ui.session.session import plain

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MOST = len(DASHES)
CHART = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d"],
    "toImageButtonOptions": {"format": "svg", "filename": "autoencoder-lab-runs"},
}


def names(summaries: Sequence[Summary]) -> list[str]:
    """What tells the runs apart: the name that their owner gave, or all settings that differ, or when they began."""
    differences = distinctions([one.config for one in summaries])
    told = [one.label.name or said for one, said in zip(summaries, differences, strict=True)]
    return [
        name if name and told.count(name) == 1 else f"{name}, {began(one.created, seconds=True)}".lstrip(", ")
        for name, one in zip(told, summaries, strict=True)
    ]


def curves(titles: Sequence[str], views: Sequence[RunView]) -> pd.DataFrame:
    """Every point of the runs' curves: run, step, epoch and the errors there (empty where it was not measured)."""
    rows = [
        (title, point.step, point.step / view.steps_per_epoch, point.train_mse, point.test_mse)
        for title, view in zip(titles, views, strict=True)
        for point in view.curve
    ]
    return pd.DataFrame(rows, columns=["run", "step", "epoch", "train_mse", "test_mse"])


def figure(titles: Sequence[str], views: Sequence[RunView], by: str, *, log_x: bool, log_y: bool) -> go.Figure:
    """Test errors over "step" or "epoch", a thin line for each run's PCA."""
    theme = st.context.theme.type or "light"
    drawn = go.Figure()
    points = curves(titles, views).dropna(subset=["test_mse"])
    for title, view, dash, colour in zip(titles, views, DASHES, RUNS[theme], strict=False):
        mine = points[points["run"] == title]
        # A logarithmic axis has no place for step 0.
        mine = mine[mine[by] > 0] if log_x else mine
        drawn.add_scatter(
            x=mine[by],
            y=mine["test_mse"],
            name=title,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2},
            hovertemplate="%{y:.4f}",
        )
        if view.pca:
            drawn.add_hline(y=view.pca[-1].mse, line={"color": colour, "dash": "dot", "width": 1}, opacity=0.7)
    drawn.update_layout(
        height=400,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0},
        xaxis={"title": by, "type": "log" if log_x else "linear"},
        yaxis={"title": "test MSE", "type": "log" if log_y else "linear"},
    )
    return drawn


def compare(summaries: Sequence[Summary], views: Sequence[RunView]) -> None:
    """The chart, the images, and both as files."""
    titles = names(summaries)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by: str = st.segmented_control(
            "Horizontal axis",
            ["step", "epoch"],
            default="step",
            key="runs.axis",
            persist_state="session",
            required=True,
        )
        log_x = st.toggle("Logarithmic steps" if by == "step" else "Logarithmic epochs", key="runs.log_x")
        log_y = st.toggle("Logarithmic error", value=True, key="runs.log_y")
        st.download_button(
            "Curves (CSV)",
            curves(titles, views).to_csv(index=False),
            "autoencoder-lab-curves.csv",
            "text/csv",
            icon=":material/download:",
            key="runs.curves",
        )
    st.plotly_chart(
        figure(titles, views, by, log_x=log_x, log_y=log_y), key="runs.chart", theme="streamlit", config=CHART
    )
    st.caption(
        "Mean squared error on at most 1,000 test images, corrupted as in training. Thin dotted lines: PCA with as "
        "many components as the code has dimensions, on the same images. The camera above the chart saves it as SVG."
    )
    _settings(titles, summaries)
    for name in dict.fromkeys(one.config.dataset for one in summaries):
        _images(name, [pair for pair in zip(titles, views, strict=True) if pair[1].config.dataset == name])


def _settings(titles: Sequence[str], summaries: Sequence[Summary]) -> None:
    """A table of all settings that are not the same in all runs."""
    names = differing([one.config for one in summaries])
    if names:
        columns = {
            title: [_value(one.config, name) for name in names] for title, one in zip(titles, summaries, strict=True)
        }
        st.table(pd.DataFrame(columns, index=[LABELS[name] for name in names]))


def _value(config: RunConfig, name: str) -> str:
    if not config.applies(name):
        return "–"
    value = getattr(config, name)
    return plain(datasets.title(value) if name == "dataset" else chosen(value))


def _images(name: str, compared: Sequence[tuple[str, RunView]]) -> None:
    """The same test images of one data set as each network reconstructs them."""
    st.subheader(plain(datasets.title(name)), anchor=False)
    with st.spinner("Loading the images …"):
        dataset = awaited_dataset(name)
    rows = [] if dataset is None else [Row("original", dataset.test_images[:SHOWN].reshape(-1, PIXELS))]
    for title, view in compared:
        if view.newest is None:
            continue
        images = view.newest.images
        kind: Literal["grey", "colour"] = "colour" if view.config.colour else "grey"
        if view.config.corruption != "none":
            rows.append(Row("input", images.corrupted, kind=kind, mask=images.mask))
        rows.append(Row(title, images.output, kind=kind, note=f"test MSE {view.newest.metrics.test_mse:.4f}"))
    if not rows:
        st.caption("Nothing is recorded of these runs yet.")
        return
    image_grid(rows, key=f"runs.images.{name}")
    st.download_button(
        "Images (PNG)",
        grid_png([row.images for row in rows]),
        "autoencoder-lab-images.png",
        "image/png",
        icon=":material/download:",
        key=f"runs.png.{name}",
    )
