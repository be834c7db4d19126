"""A digit drawn by the visitor, on the map of the code."""

from __future__ import annotations

import streamlit as st

from aelib.datasets.handwriting import from_drawing
from aelib.runs import Run
from aelib.spec.architecture import plan
from aelib.ui.components.drawing_pad import drawing_pad
from aelib.ui.panels.own_image import DRAWING_FIRST
from aelib.ui.server.channel import tab_channel
from aelib.ui.server.drawings import all_drawings
from aelib.ui.session.session import server_runs

PAD_WIDTH = 290


def draw_a_digit(run: Run) -> None:
    """A pad: what is drawn lands on the map of the code, for all who look at this run. Where the map is only a
    projection of the code, the way to the page that reconstructs drawings."""
    # As wide as the pad: it is not to lie over the map.
    with st.popover("Draw a digit", icon=":material/draw:"), st.container(width=PAD_WIDTH):
        if plan(run.config).code_units != 2:
            st.caption(
                "A drawing can be placed on the map where the code has 2 dimensions. This run’s network reconstructs "
                "your drawing on another page."
            )
            if st.button("Reconstruct my drawing", icon=":material/image_search:", key="train.reconstruct"):
                st.session_state[DRAWING_FIRST] = True
                st.switch_page("pages/reconstructions.py")
            return
        st.caption(
            "Your digit appears on the map as a glowing point, here and wherever else this run is open. Drag the "
            "point, and its decoded image follows; Esc puts it back. “Clear” removes it."
        )
        drawing = drawing_pad("train.pad")
    image = None if drawing is None else from_drawing(drawing, centred=True)
    all_drawings().put(run.id, tab_channel(server_runs()), image)
