"""The live view: one canvas component that is updated in place while a run trains."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aelib.runs import Runs
from aelib.ui.component import component
from aelib.ui.live.channel import Channel, Scene
from aelib.ui.serving import session_is_open

KEY = "live"
_COMPONENT = component(Path(__file__).parent)


def live_view(runs: Runs, scene: Scene) -> None:
    """Draws the scene and keeps it drawn, by a line of its own. The page is drawn anew when the status of the run is
    not that of the scene any more."""
    if "channel" not in st.session_state:
        context = get_script_run_ctx()
        assert context is not None, "a page is drawn by a session"
        session_id = context.session_id
        st.session_state.channel = Channel(runs, lambda: session_is_open(session_id))
    channel: Channel = st.session_state.channel
    channel.show(scene)
    _COMPONENT(key=KEY, data={"token": channel.token}, on_outdated_change=lambda: None)
