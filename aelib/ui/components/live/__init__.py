"""The live view: one canvas component that is updated in place while a run trains."""

from __future__ import annotations

from pathlib import Path

from aelib.runs import Runs
from aelib.ui.components.component import component
from aelib.ui.server.channel import Scene, tab_channel

KEY = "live"
_COMPONENT = component(Path(__file__).parent)


def live_view(runs: Runs, scene: Scene) -> None:
    """Draws the scene and keeps it drawn, by a line of its own. The page is drawn again when the status of the run is
    not that of the scene any more."""
    channel = tab_channel(runs)
    channel.show(scene)
    _COMPONENT(key=KEY, data={"token": channel.token}, on_outdated_change=lambda: None)
