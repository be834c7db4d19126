"""A link to these settings, for somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from aelib.spec.serialization import to_query
from aelib.ui.session.session import Session


def share(session: Session) -> None:
    with st.popover("Share", icon=":material/link:", width="stretch"):
        page = st.context.url or ""
        st.markdown("**These settings**")
        st.caption("Anyone with this link gets the same settings and can train their own run.")
        st.code(settings_link(page, session), language=None, wrap_lines=True)
        if session.run is not None:
            st.markdown("**This result**")
            st.caption("Anyone with this link can open this run, and train it further, as long as the server keeps it.")
            st.code(result_link(page, session.run.id, session), language=None, wrap_lines=True)


def settings_link(page_url: str, session: Session) -> str:
    """The page's address with the settings, and without the run, which belongs to this tab."""
    return _link(page_url, to_query(session.config))


def result_link(page_url: str, run_id: str, session: Session) -> str:
    """The page's address with the settings and the run."""
    return _link(page_url, {**to_query(session.config), "run": run_id})


def _link(page_url: str, query: Mapping[str, str]) -> str:
    parts = urlsplit(page_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), ""))
