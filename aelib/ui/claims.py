"""Claims of the literature, with what was measured about them."""

from __future__ import annotations

import streamlit as st

from aelib.insight.claims import Verdict

_ICONS = {True: ":material/check_circle:", False: ":material/cancel:", None: ":material/help:"}
_FOUND = {True: "borne out here", False: "not borne out here", None: "not decided here"}


def say(verdict: Verdict, help: str) -> None:
    """One sentence; `help` says where the claim comes from and how it is judged."""
    st.markdown(
        f"{_ICONS[verdict.holds]} “{verdict.statement}” ({verdict.claim}) is **{_FOUND[verdict.holds]}**: "
        f"{verdict.reason}.",
        help=help,
    )
