"""The live view: one canvas component that is updated in place while a run trains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from aelib.runs import Runs
from aelib.ui.components.component import component
from aelib.ui.server.channel import Scene, tab_channel

KEY = "live"
_COMPONENT = component(Path(__file__).parent)


def live_view(
    runs: Runs, scene: Scene, network: dict[str, Any] | None, edits: list[dict[str, bool]], edit: Callable[[], None]
) -> None:
    """Draws the scene and keeps it drawn, by a line of its own. The page is drawn again when the status of the run is
    not that of the scene any more.

    `network`: that of the settings (see `drawn_network`), which is drawn where the scene has another one or none; None:
    that of the scene. `edits`: what can be done to it (see `network_edits.offered`); where the visitor does something,
    `edit` is called, and finds it as the component's state.
    """
    channel = tab_channel(runs)
    channel.show(scene)
    _COMPONENT(
        key=KEY,
        data={"token": channel.token, "network": network, "edits": edits},
        on_outdated_change=lambda: None,
        on_edit_change=edit,
    )


def told_edit() -> object:
    """What the visitor did to the network."""
    return getattr(st.session_state.get(KEY), "edit", None)
