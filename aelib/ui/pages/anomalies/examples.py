"""The most suspicious images and the missed ones, and where they lie in the code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from aelib.analysis.anomalies.ranking import Ranking
from aelib.analysis.anomalies.scores import Map
from aelib.analysis.anomalies.thresholds import Rule, threshold
from aelib.spec.images import PIXELS
from aelib.spec.palette import GROUPS
from aelib.ui.components.curves import QUIET
from aelib.ui.components.image_grid import Kind, Row, image_grid
from aelib.ui.pages.anomalies.choosing import Choice
from aelib.ui.pages.anomalies.measuring import Measured

SHOWN = 12
# Of training images so many points are drawn, as a background.
BACKGROUND = 600


@dataclass(frozen=True, eq=False)
class Examples:
    """Indices into all images, the normal ones first: the twelve most suspicious, the most suspicious first, and up to
    twelve anomalies that are not flagged, the least suspicious first. `all_missed`: how many these are in all."""

    suspicious: np.ndarray
    missed: np.ndarray
    all_missed: int


def examples(ranking: Ranking, rule: Rule) -> Examples:
    every = np.concatenate([ranking.normal, ranking.anomalous]).astype(np.float64)
    limit = threshold(rule, ranking.normal, ranking.anomalous)
    order = np.argsort(every, kind="stable")
    missed = order[(order >= len(ranking.normal)) & (every[order] <= limit)]
    return Examples(order[::-1][:SHOWN], missed[:SHOWN], len(missed))


def show_examples(choice: Choice, measured: Measured, name: str, found: Examples) -> None:
    """Both rows of images with what the network makes of them, and their score."""
    ranking, normal = measured.rankings[name], len(choice.normal.images)
    images = np.concatenate([choice.normal.images, choice.anomalous.images])
    values = np.concatenate([ranking.normal, ranking.anomalous])
    names = [*choice.normal.names, *choice.anomalous.names]
    for title, which, key in (
        (f"Most suspicious by {name}", found.suspicious, "suspicious"),
        _single(choice, found) if choice.single else (_missed_title(found), found.missed, "missed"),
    ):
        st.markdown(f"**{title}**")
        if not len(which):
            continue
        rows = [Row("image", images[which], [_caption(choice, names[index], index < normal) for index in which])]
        if measured.output is not None:
            shown = measured.output[which]
            kind: Kind = "colour" if shown.shape[1] > PIXELS else "grey"
            rows.append(
                Row(
                    "reconstruction",
                    shown,
                    [f"{values[index]:.3g}" for index in which],
                    kind=kind,
                    note=f"below: {name}",
                )
            )
            if kind == "grey":
                difference = (shown.astype(np.float32) - images[which]) / 255
                rows.append(Row("difference", difference, kind="signed", note="reconstruction − image"))
        image_grid(rows, key=f"anomalies.{key}")


def _missed_title(found: Examples) -> str:
    if not found.all_missed:
        return "Missed anomalies: none at this threshold"
    more = f" (the least suspicious {len(found.missed)} of {found.all_missed:,})"
    return f"Missed anomalies at this threshold{more if found.all_missed > len(found.missed) else ''}"


def _single(choice: Choice, found: Examples) -> tuple[str, np.ndarray, str]:
    """The heading, the index and the key of the only image that is not one of the normal ones."""
    said = "not flagged" if found.all_missed else "flagged"
    return f"{_called(choice).capitalize()}: {said} at this threshold", np.array([len(choice.normal.images)]), "single"


def _called(choice: Choice) -> str:
    """What the images beside the normal ones are called: one of the visitor's own may be anything."""
    return "your image" if choice.own else "anomalous image" if choice.single else "anomalous"


def _caption(choice: Choice, name: str, normal: bool) -> str:
    if choice.own and not normal:
        return name
    said = "normal" if normal else "anomalous"
    return f"{name} · {said}" if name else said


def show_map(choice: Choice, lie: Map, found: Examples) -> None:
    """Where the codes of both groups lie among those of training images."""
    theme = st.context.theme.type or "light"
    figure = go.Figure()
    normal, anomalous = GROUPS[theme]["normal"], GROUPS[theme]["anomalous"]
    every = np.concatenate([lie.normal, lie.anomalous])
    groups = (
        (
            "training images",
            lie.training[:: max(1, len(lie.training) // BACKGROUND)],
            QUIET,
            {"size": 4, "opacity": 0.25},
        ),
        ("normal", lie.normal, normal, {"size": 5, "opacity": 0.55}),
        (_called(choice), lie.anomalous, anomalous, {"size": 13 if choice.single else 5, "opacity": 0.55}),
        (
            "most suspicious",
            every[found.suspicious],
            "rgba(0,0,0,0)",
            {"size": 12, "symbol": "diamond", "line": {"width": 2, "color": QUIET}},
        ),
        ("missed", every[[] if choice.single else found.missed], anomalous, {"size": 9, "symbol": "x"}),
    )
    for title, points, colour, marker in groups:
        if len(points):
            figure.add_scatter(
                x=points[:, 0],
                y=points[:, 1],
                name=title,
                mode="markers",
                marker={"color": colour, **marker},
                hoverinfo="name",
            )
    axes = ("code unit 1", "code unit 2") if lie.flat else ("1st principal component", "2nd principal component")
    figure.update_layout(
        height=430,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
        xaxis={"title": axes[0], "zeroline": False},
        yaxis={"title": axes[1], "zeroline": False, "scaleanchor": "x", "scaleratio": 1},
    )
    st.plotly_chart(figure, key="anomalies.map", theme="streamlit", config={"displayModeBar": False})
    st.caption(
        "The code has two dimensions: this is all of it."
        if lie.flat
        else "Only two directions of the code, those in which codes of training images vary most: what lies among the "
        "others here may still be far away in the remaining dimensions."
    )
