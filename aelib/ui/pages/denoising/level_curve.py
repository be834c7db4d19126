"""PSNR over the level of a corruption, for the run and the baselines, asked step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import plotly.graph_objects as go
import streamlit as st

from aelib.analysis.denoising import baselines
from aelib.analysis.denoising.quality import Mean, mean
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.palette import SERIES
from aelib.ui.components.curves import QUIET, Style, add_curve
from aelib.ui.pages.denoising.measuring import baseline_psnrs, network_psnrs
from aelib.ui.pages.denoising.ranking import NETWORK
from aelib.ui.panels.tasks import COARSE_LEVELS
from aelib.ui.session.query_batch import Inquiry, show_progress
from aelib.ui.session.run_page import Viewed

LEVELS = tuple(round(0.1 * tenth, 1) for tenth in range(1, 10))


# Green and purple: M. Okabe and K. Ito's, which colour-blind people tell apart.
STYLES = {
    NETWORK: Style(None, "solid", "circle"),
    "pca": Style(None, "dash", "diamond"),
    "nothing": Style(QUIET, "dot", "x"),
    "median": Style("#009e73", "dashdot", "square"),
    "nlm": Style("#cc79a7", "longdash", "triangle-up"),
    "tv": Style("#b08a00", "longdashdot", "triangle-down"),
    "biharmonic": Style("#009e73", "dashdot", "square"),
    "bicubic": Style("#cc79a7", "longdash", "triangle-up"),
}


@dataclass
class Curve:
    """`series`: for each method that is measured at all levels its means. `asked` questions of `total` are answered."""

    levels: tuple[float, ...]
    series: dict[str, list[Mean]] = field(default_factory=dict)
    asked: int = 0
    total: int = 0
    problem: str = ""


def level_curve(viewed: Viewed, corruption: str, code_size: int) -> None:
    """The figure, as far as it is measured, with its caption."""
    if viewed.training:
        st.caption("The curve is computed when training is paused or finished.")
        return
    curve = _measure(viewed, corruption, code_size)
    show_progress(curve.asked, curve.total, curve.problem)
    if curve.series:
        trained_at = viewed.config.corruption_level if viewed.config.corruption == corruption else None
        st.plotly_chart(
            _figure(curve, corruption, trained_at),
            key="denoising.curve",
            theme="streamlit",
            config={"displayModeBar": False},
        )
        st.caption(
            f"Mean PSNR over {_counted(curve)}, the same for every method; the bands are 95 % confidence intervals of "
            "the mean (Student's t). PSNR is in dB: higher is closer to the clean image."
        )


def _counted(curve: Curve) -> str:
    """On how many images the curve is measured: those that the corruption changes, maybe more at higher levels."""
    counts = [one.count for means in curve.series.values() for one in means]
    fewest, most = min(counts), max(counts)
    if fewest == most:
        return f"{most:,} test images"
    return f"{fewest:,} to {most:,} test images, those that the corruption changes at a level"


def _measure(viewed: Viewed, corruption: str, code_size: int) -> Curve:
    """Asks what is not known yet, a few questions at a time."""
    curve = Curve(levels_of(corruption, viewed.config.corruption, viewed.config.corruption_level))
    inquiry = Inquiry(viewed.engine, "denoising.curve")

    def measured(method: str, index: int, level: float) -> Mean | None:
        found = baseline_psnrs(inquiry, str(index), viewed, method, corruption, level, code_size)
        return None if found is None else mean(found)

    def network(index: int, level: float) -> Mean | None:
        found = network_psnrs(inquiry, str(index), viewed, corruption, level)
        return None if found is None else mean(found)

    fitting = baselines.fitting(CORRUPTIONS[corruption].task)
    counts = [1, *(one.parts + bool(one.grid) for one in fitting)]
    curve.total = sum(counts) * len(curve.levels)
    methods: list[tuple[str, Callable[[int, float], Mean | None]]] = [(NETWORK, network)]
    # The quick ones first.
    for one in sorted(fitting, key=lambda one: (bool(one.grid), one.parts)):
        methods.append((one.name, lambda index, level, method=one.name: measured(method, index, level)))  # type: ignore[misc]
    for method, ask in methods:
        means = [found for i, level in enumerate(curve.levels) if (found := ask(i, level)) is not None]
        if len(means) == len(curve.levels):
            curve.series[method] = means
    curve.asked, curve.problem = inquiry.answered, inquiry.problem
    return curve


def levels_of(corruption: str, trained_with: str, trained_at: float) -> tuple[float, ...]:
    """The levels measured: evenly spread, the one that the run was trained at among them."""
    if CORRUPTIONS[corruption].task == "resolution":
        return COARSE_LEVELS
    if corruption != trained_with or not trained_at:
        return LEVELS
    nearest = min(LEVELS, key=lambda level: abs(level - trained_at))
    return tuple(sorted(trained_at if level == nearest else level for level in LEVELS))


def _figure(curve: Curve, corruption: str, trained_at: float | None) -> go.Figure:
    theme = st.context.theme.type or "light"
    titles = {NETWORK: NETWORK, **{name: one.title for name, one in baselines.BASELINES.items()}}
    figure = go.Figure()
    # The network's curve lies over the others, and stands first in the legend.
    for rank, (method, means) in reversed(list(enumerate(curve.series.items()))):
        style, colour = STYLES[method], _colour(method, theme)
        add_curve(
            figure,
            curve.levels,
            means,
            name=titles[method],
            rank=rank,
            style=style,
            colour=colour,
            width=3 if method == NETWORK else 1.8,
            hover="%{y:.2f} ± %{customdata:.2f} dB",
        )
    if trained_at is not None:
        figure.add_vline(
            x=trained_at, line_dash="dot", line_width=1, line_color=QUIET, annotation_text="training level"
        )
    figure.update_layout(
        height=380,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
        hovermode="x unified",
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0},
        xaxis_title=CORRUPTIONS[corruption].level_label,
        yaxis_title="PSNR in dB",
    )
    return figure


def _colour(method: str, theme: str) -> str:
    return STYLES[method].colour or SERIES[theme]["pca" if method == "pca" else "test"]
