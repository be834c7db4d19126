"""Menus of the leader's that close once what is in them has been done."""

from __future__ import annotations

from typing import Any

import streamlit as st


def menu(label: str, icon: str) -> Any:
    """A button that opens what is drawn in it."""
    key = _key(label)
    if st.session_state.pop(f"{key}.done", False):
        st.session_state[key] = False
    return st.popover(label, icon=f":material/{icon}:", width="content", key=key, on_change="rerun")


def close_menu(label: str) -> None:
    """Has the menu closed when the page is drawn next."""
    st.session_state[f"{_key(label)}.done"] = True


def _key(label: str) -> str:
    return f"workshop.menu.{label}"
