"""A visitor's runs as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import streamlit as st

from aelib import datasets
from aelib.runs import Summary
from aelib.runs.status import Status
from aelib.spec.architecture import plan
from aelib.ui.components.png import ink_url
from aelib.ui.panels.run_titles import model
from aelib.ui.session.session import server_runs

# So many reconstructions of a run are shown in its row.
THUMBNAILS = 5
ROW_HEIGHT, IMAGE_HEIGHT = 44, 40


def table(summaries: Sequence[Summary], *, images: bool = True) -> pd.DataFrame:
    """One row a run. "Against PCA": how far the test error lies above PCA's, in percent; "Started" in UTC. `images`:
    with the reconstructions of the first test images as PNG in a data URL, in the ink of the visitor's theme."""
    theme = st.context.theme.type or "light"
    columns = {
        "Name": [one.label.name for one in summaries],
        "Model": [model(one) for one in summaries],
        "Test MSE": [one.test_mse for one in summaries],
        "Against PCA": [_against_pca(one) for one in summaries],
        "Code": [plan(one.config).code_units for one in summaries],
        "Dataset": [datasets.title(one.config.dataset) for one in summaries],
        "Note": [one.label.note for one in summaries],
        "Parameters": [plan(one.config).weights for one in summaries],
        "Status": [one.status for one in summaries],
        "Step": [one.step for one in summaries],
        "Seconds": [one.train_seconds for one in summaries],
        "Started": [datetime.fromtimestamp(one.created, UTC) for one in summaries],
    }
    if images:
        columns = {"Reconstructions": [_thumbnail(one, theme) for one in summaries]} | columns
    return pd.DataFrame(columns, index=[one.id for one in summaries])


def column_config() -> dict[str, Any]:
    """How Streamlit shows the columns of `table`."""
    column = st.column_config
    return {
        "Reconstructions": column.ImageColumn(
            width=THUMBNAILS * IMAGE_HEIGHT + 16, help="Of the first test images, at the newest recorded step"
        ),
        "Name": column.TextColumn(width=130, help="Select a run to give it a name"),
        "Note": column.TextColumn(width="small"),
        "Model": column.TextColumn(width=330, help="The recipe, with every setting that differs from it"),
        "Code": column.NumberColumn(format="localized", help="Numbers in the code"),
        "Parameters": column.NumberColumn(format="localized"),
        "Step": column.NumberColumn(format="localized"),
        "Test MSE": column.NumberColumn(
            format="%.4f", help="Mean squared error on at most 1,000 test images, corrupted as in training"
        ),
        "Against PCA": column.NumberColumn(
            format="%+.0f %%",
            help="How far the test MSE lies above (+) or below (−) that of PCA with as many components, on the same "
            "images",
        ),
        "Seconds": column.NumberColumn(format="%.1f", help="Time that its batches took"),
        "Started": column.DatetimeColumn(format="D MMM, HH:mm"),
    }


def _against_pca(summary: Summary) -> float | None:
    if summary.test_mse is None or not summary.pca_mse:
        return None
    return 100 * (summary.test_mse / summary.pca_mse - 1)


def _thumbnail(summary: Summary, theme: str) -> str | None:
    # A run that trains is always at another step.
    drawn = _drawn if summary.status == Status.TRAINING else _kept
    return drawn(summary.id, summary.step, theme)


def _drawn(run_id: str, step: int, theme: str) -> str | None:
    """A PNG of the run at `step` as a data URL; None where nothing is recorded."""
    frame = server_runs().newest_frame(run_id)
    return None if frame is None else ink_url([frame.images.output[:THUMBNAILS]], theme)


_kept = st.cache_data(show_spinner=False, max_entries=2_000)(_drawn)
