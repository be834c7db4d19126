"""Whether who is there may come in.

A server asks for a login where its secrets have a section [auth], see README.md; Streamlit itself speaks with the
provider (OpenID Connect) and signs the cookie that says who has come back from it.
"""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAuthError

log = logging.getLogger(__name__)
_NOT_SET_UP = "login.not_set_up"


def admitted() -> bool:
    """May this visitor see the app? Anybody may, unless the server asks for a login."""
    return not _login_wanted() or logged_in()


def _login_wanted() -> bool:
    if st.secrets.load_if_toml_exists():
        return "auth" in st.secrets
    # A file of secrets that cannot be read may have asked for a login: better closed than open by a slip.
    return any(Path(file).exists() for file in st.get_option("secrets.files"))


def login_page() -> None:
    """All that a visitor sees who has to log in first."""
    st.space("large")
    with st.container(horizontal_alignment="center"):
        st.subheader("Autoencoder Lab", anchor=False, width="content")
        st.markdown("Please log in.", width="content")
        st.button("Log in", type="primary", icon=":material/login:", key="login", on_click=_log_in)
        if st.session_state.get(_NOT_SET_UP):
            st.error("Login is misconfigured on this server (see its log and README.md).")
        if st.query_params:
            st.caption("After logging in, open your link again.", width="content")


def _log_in() -> None:
    try:
        st.login()
    except StreamlitAuthError as error:
        log.error("The login is not set up: %s", error)
        st.session_state[_NOT_SET_UP] = True


def log_out() -> None:
    """A page that ends the visit of whoever opens it."""
    st.logout()


def logged_in() -> bool:
    """Has this visitor come back from the provider?"""
    return st.user.get("is_logged_in") is True
