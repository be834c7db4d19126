"""A digit drawn by the visitor, on the map of the code."""

from __future__ import annotations

import streamlit as st

from aelib.datasets.handwriting import from_drawing
from aelib.runs import Run
from aelib.ui.components.drawing_pad import drawing_pad
from aelib.ui.server.channel import tab_channel
from aelib.ui.server.drawings import all_drawings
from aelib.ui.session.session import server_runs

PAD_WIDTH = 290


def draw_a_digit(run: Run) -> None:
    """A pad: what is drawn lands on the map of the code, for all who look at this run."""
    # As wide as the pad: it is not to lie over the map.
    with st.popover("Draw a digit", icon=":material/draw:"), st.container(width=PAD_WIDTH):
        st.caption(
            "It lands in the latent space as a glowing point, on every screen that shows this run. Drag the point, and "
            "its decoded image follows; Esc puts it back."
        )
        drawing = drawing_pad("train.pad")
    image = None if drawing is None else from_drawing(drawing, centred=True)
    all_drawings().put(run.id, tab_channel(server_runs()), image)
