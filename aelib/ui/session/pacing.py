"""What is not to happen every time that a page is drawn, and what is not to happen too soon."""

from __future__ import annotations

import time

import streamlit as st


def due(name: str, pace: float) -> bool:
    """Has it been `pace` seconds since this was last so, in this session?"""
    now = time.monotonic()
    if now - st.session_state.get(name, -pace) < pace:
        return False
    st.session_state[name] = now
    return True
