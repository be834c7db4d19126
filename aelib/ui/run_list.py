"""The runs of this visitor: look at one again, draw its curve beside another's, or delete it."""

from __future__ import annotations

import streamlit as st

from aelib.runs import Summary, Unreadable
from aelib.runs.run import TRAINING
from aelib.ui.run_titles import began, details, network
from aelib.ui.session import Session, plain, server_runs

# So many are listed at first, and so many more each time that somebody asks.
SHOWN = 20
_OPEN, _MOST = "runs.open", "runs.most"


def run_list(session: Session) -> None:
    """A button that opens the list, newest first."""
    state = st.session_state
    if st.button("Runs", icon=":material/history:", width="stretch", key="runs", help="All that you have trained here"):
        state[_OPEN], state[_MOST] = True, SHOWN
    # Pages are drawn anew for many reasons, and the list stays open until somebody closes it.
    if state.get(_OPEN):
        _list(session)


def _close() -> None:
    st.session_state[_OPEN] = False


@st.dialog("Your runs", width="medium", icon=":material/history:", on_dismiss=_close)
def _list(session: Session) -> None:
    summaries = server_runs().list(st.session_state.owner)
    if not summaries:
        st.caption("Every run that you train is kept here.")
    most = st.session_state[_MOST]
    for summary in summaries[:most]:
        _row(session, summary)
    if len(summaries) > most and st.button(
        f"Show more: {len(summaries) - most:,} older ones", icon=":material/expand_more:", type="tertiary"
    ):
        st.session_state[_MOST] = most + SHOWN
        st.rerun(scope="fragment")


def _row(session: Session, summary: Summary) -> None:
    shown = summary.id == st.session_state.run_id
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = plain(network(summary))
        state = [] if summary.status == TRAINING else [summary.status]
        more = " · ".join((*details(summary), *state, began(summary.created)))
        st.markdown(f"{f'**{name}**' if shown else name}  \n:small[{plain(more)}]", width="stretch")
        if st.button("Show", key=f"show.{summary.id}", disabled=shown):
            try:
                session.open(summary.id)
            except Unreadable as problem:
                session.notice(str(problem))
            _close()
            st.rerun()
        if st.button(
            "",
            icon=":material/compare_arrows:",
            key=f"beside.{summary.id}",
            help="Draws the test error of this run beside that of the run shown",
            disabled=shown or summary.id == st.session_state.get("beside"),
        ):
            session.draw_beside(summary.id)
            _close()
            st.rerun()
        with st.popover("", icon=":material/delete:", help="Delete this run", key=f"bin.{summary.id}"):
            st.write("Delete this run for good?")
            if st.button("Delete", key=f"delete.{summary.id}", type="primary"):
                if shown:
                    session.show(None)
                server_runs().delete(summary.id)
                # The page behind may have shown it.
                st.rerun()
