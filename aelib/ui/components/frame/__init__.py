"""What frames every page: its heading, the drawer of settings on a phone, and the presenter view."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aelib.ui.components.component import component

_COMPONENT = component(Path(__file__).parent)

PRESENTING, SHORTCUTS = "frame.presenting", "frame.shortcuts"
PRESENTER_KEY = "v"


def shortcut(key: str) -> str | None:
    """The `key` as a button's shortcut, unless the visitor has switched single-key shortcuts off."""
    return key if st.session_state.get(SHORTCUTS, True) else None


def heading(title: str) -> None:
    """The page's only first-level heading, for whoever hears the page, and what keeps the frame as it should be."""
    _COMPONENT(
        key="frame",
        data={"title": title, "presenting": bool(st.session_state.get(PRESENTING))},
    )


def footer() -> None:
    """Below every page: the presenter view, and whether single keys act."""
    state = st.session_state
    presenting = bool(state.get(PRESENTING))

    def toggle() -> None:
        state[PRESENTING] = not presenting

    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="footer"):
        st.toggle(
            "Single-key shortcuts",
            value=True,
            key=SHORTCUTS,
            persist_state="session",
            help="T trains, P pauses, S trains one batch, 0 resets, V opens the presenter view. Switch them off where "
            "they get in the way of a screen reader or of speech input.",
        )
        st.button(
            "Leave presenter view" if presenting else "Presenter view",
            icon=":material/close_fullscreen:" if presenting else ":material/co_present:",
            type="tertiary",
            key="frame.present",
            on_click=toggle,
            shortcut=shortcut(PRESENTER_KEY),
            help="Hides the settings and enlarges the type, for a projector (V)",
        )
