"""Three maps of the same images side by side, with one selection: a component that is updated in place."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aelib.ui.components.component import component
from aelib.ui.components.maps.payload import Panel, Part, Shown, Value, Viewer

__all__ = ["Panel", "Part", "Shown", "Value", "maps"]

_COMPONENT = component(Path(__file__).parent)


def maps(shown: Shown, *, key: str) -> None:
    """Draws what is shown, and keeps it drawn; call it again with what is newer. The panels are "code", "pca" and
    "tsne"."""
    viewer: Viewer = st.session_state.setdefault(f"{key}.viewer", Viewer())
    _COMPONENT(key=key, data=viewer.payload(shown), on_incomplete_change=viewer.forget)
