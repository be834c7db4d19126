"""The runs of this visitor: open one, overlay its curve, or delete it."""

from __future__ import annotations

import streamlit as st

from aelib.runs import Summary, Unreadable
from aelib.runs.status import Status
from aelib.ui.panels.importing import import_panel
from aelib.ui.panels.run_titles import began, details, network
from aelib.ui.session.session import Session, plain, server_runs

# So many are listed at first, and so many more each time that somebody asks.
SHOWN = 20
# In pixels, and the same before there is anything in it: a list is placed where it has room as it is when it opens.
HEIGHT = 360
THIS_VISIT = (
    "Your browser does not accept cookies from this app, so your runs are listed only until this tab is reloaded or "
    "closed. Afterwards, each can still be opened by its address."
)
_MOST = "runs.most"
_DAMAGED = "runs.damaged"


def run_list(session: Session) -> None:
    """A button that opens the list, newest first."""
    with (
        st.popover("My runs", icon=":material/history:", width="stretch", key="runs", on_change="rerun") as popover,
        st.container(height=HEIGHT, border=False),
    ):
        if not popover.open:
            st.session_state[_MOST], st.session_state[_DAMAGED] = SHOWN, 0
            return
        summaries = session.own_runs()
        tell_of_damage(session)
        with st.expander("Import a run", icon=":material/upload_file:"):
            import_panel(session)
        if not session.visitor.lasting:
            st.caption(THIS_VISIT)
        if not summaries:
            st.caption("Your runs will appear here.")
        most = st.session_state.setdefault(_MOST, SHOWN)
        for summary in summaries[:most]:
            _row(session, summary)
        if len(summaries) > most:
            st.button(
                f"Show {min(SHOWN, len(summaries) - most):,} older runs",
                icon=":material/expand_more:",
                type="tertiary",
                on_click=_show_more,
            )


def tell_of_damage(session: Session) -> None:
    """Says once, as long as the list is open, that runs are missing from it."""
    count = st.session_state.get(_DAMAGED, 0) + session.newly_damaged_runs()
    st.session_state[_DAMAGED] = count
    if count == 1:
        st.warning("One of your runs is damaged and cannot be opened. The server has kept its files.")
    elif count:
        st.warning(f"{count} of your runs are damaged and cannot be opened. The server has kept their files.")


def _show_more() -> None:
    st.session_state[_MOST] += SHOWN


def _row(session: Session, summary: Summary) -> None:
    shown = summary.id == st.session_state.run_id

    def open_run() -> None:
        try:
            session.open(summary.id)
        except Unreadable as problem:
            session.notice(str(problem))

    def delete() -> None:
        if shown:
            session.show(None)
        server_runs().delete(summary.id)

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"listed.{summary.id}"):
        name = plain(network(summary))
        state = [] if summary.status == Status.TRAINING else [summary.status]
        more = " · ".join((*details(summary), *state, began(summary.created)))
        st.markdown(f"{f'**{name}**' if shown else name}  \n:small[{plain(more)}]")
        st.button("Open", key=f"show.{summary.id}", on_click=open_run, disabled=shown)
        st.button(
            "",
            icon=":material/compare_arrows:",
            key=f"beside.{summary.id}",
            help="Overlay this run's test error",
            on_click=session.draw_beside,
            args=(summary.id,),
            disabled=shown or summary.id == st.session_state.get("beside"),
        )
        with st.popover("", icon=":material/delete:", help="Delete this run", key=f"bin.{summary.id}"):
            st.write("Delete this run permanently?")
            st.button("Delete", key=f"delete.{summary.id}", on_click=delete, type="primary")
