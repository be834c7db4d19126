"""A link to these settings, for somebody else."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from aelib.spec.serialization import to_query
from aelib.ui.session.session import Session


def share(session: Session) -> None:
    with st.popover("Share", icon=":material/link:", width="stretch"):
        st.caption("Anyone with this link gets the same settings and can train their own run.")
        st.code(settings_link(st.context.url or "", session), language=None, wrap_lines=True)


def settings_link(page_url: str, session: Session) -> str:
    """The page's address with the settings, and without the run, which belongs to this tab."""
    parts = urlsplit(page_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(to_query(session.config)), ""))
