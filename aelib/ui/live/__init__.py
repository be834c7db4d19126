"""The live view: one canvas component that is updated in place while a run trains."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aelib.runs import Runs
from aelib.ui.component import component
from aelib.ui.live.channel import Channel, Scene

KEY = "live"
_COMPONENT = component(Path(__file__).parent)


def live_view(runs: Runs, scene: Scene) -> None:
    """Draws the scene and keeps it drawn, by a line of its own. The page is drawn anew when the status of the run is
    not that of the scene any more."""
    if "channel" not in st.session_state:
        st.session_state.channel = Channel(runs)
    channel: Channel = st.session_state.channel
    channel.show(scene)
    _COMPONENT(key=KEY, data={"token": channel.token}, on_outdated_change=lambda: None)
