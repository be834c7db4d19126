"""A drawing pad for mouse, finger and pen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from aelib.ui.components.component import component
from aelib.ui.components.drawing_pad.drawing import decode

_COMPONENT = component(Path(__file__).parent)


def drawing_pad(key: str) -> np.ndarray | None:
    """Draws the pad; returns what is on it, uint8 [112, 112], strokes bright on black, or None while it is empty.

    The page is drawn again some times a second while a stroke is drawn, and at its end; grids that follow the name
    `key` are told every frame what is on the pad. The drawing is kept while the pad is not on the page.
    """
    kept = f"{key}.kept"
    # A pad that was just put on the page has said nothing yet, and is given what was on it before.
    silent = st.session_state.get(key, {}).get("drawing") is None
    before = st.session_state.get(kept, "") if silent else ""
    sent = _COMPONENT(key=key, data={"kept": before, "name": key}, on_drawing_change=_rerun).drawing
    drawing = decode(before if sent is None else sent)
    st.session_state[kept] = "" if drawing is None else before if sent is None else sent
    return drawing


def _rerun() -> None:
    """That it changed is enough for the page to be drawn again."""
