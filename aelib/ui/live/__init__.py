"""The live view: one canvas component that is updated in place while a run trains."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aelib.datasets import Dataset
from aelib.runs import RunView
from aelib.ui.component import component
from aelib.ui.live.payload import Viewer

KEY = "live"
_COMPONENT = component(Path(__file__).parent)


def live_view(view: RunView | None, dataset: Dataset | None, beside: RunView | None = None) -> None:
    """Draws the run (or, before there is one, the data), with the curve of the run `beside`, and keeps it drawn; call
    it again with newer views."""
    viewer: Viewer = st.session_state.setdefault("viewer", Viewer())
    # Unchanged bytes cost neither the server nor the browser anything.
    drawn = (
        view and (view.id, view.version, view.asleep),
        dataset and dataset.name,
        beside and (beside.id, beside.version),
    )
    if st.session_state.get("drawn") != drawn or "live_bytes" not in st.session_state:
        st.session_state.live_bytes = viewer.payload(view, dataset, beside)
        st.session_state.drawn = drawn

    def resend() -> None:
        viewer.forget()
        st.session_state.drawn = None

    _COMPONENT(key=KEY, data=st.session_state.live_bytes, on_incomplete_change=resend)
