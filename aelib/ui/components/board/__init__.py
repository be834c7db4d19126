"""A room's board: one tile for each participant, updated in place while everybody trains."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from aelib.runs import Runs
from aelib.ui.components.component import component
from aelib.ui.server.channel import tab_channel
from aelib.workshop.board import Tile

_COMPONENT = component(Path(__file__).parent)


def board(
    runs: Runs,
    tiles: Callable[[], list[Tile] | None],
    *,
    key: str,
    on_open: Callable[[str], None] | None = None,
) -> None:
    """Draws the tiles and keeps them drawn, by a line of its own. `tiles` is called outside of any page; None: this tab
    may not see the board any more. `on_open` is told the id of a participant whose tile was pressed; without it, tiles
    cannot be pressed."""
    channel = tab_channel(runs)
    channel.board = tiles

    def opened() -> None:
        pressed = getattr(st.session_state.get(key), "opened", None)
        # What a browser says is not to be trusted.
        if on_open is not None and isinstance(pressed, str):
            on_open(pressed)

    _COMPONENT(key=key, data={"token": channel.token, "opens": on_open is not None}, on_opened_change=opened)
