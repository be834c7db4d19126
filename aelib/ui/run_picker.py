"""The runs of this session: look at one again, or delete it."""

from __future__ import annotations

import time

import streamlit as st

from aelib.recipes import RECIPES
from aelib.runs import Summary, Unreadable
from aelib.ui.session import Session, plain, server_runs

SHOWN = 20


def run_picker(session: Session) -> None:
    """A button that opens the list, newest first."""
    with st.popover("Runs", icon=":material/history:", width="stretch", key="runs", on_change="rerun") as picker:
        if not picker.open:
            return
        summaries = server_runs().list(st.session_state.owner)
        if not summaries:
            st.caption("Every run that you train is kept here.")
        for summary in summaries[:SHOWN]:
            _row(session, summary)


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

    recipe = RECIPES.get(summary.config.recipe)
    title = recipe.title if recipe is not None else "Custom"
    error = "" if summary.test_mse is None else f" · error {summary.test_mse:.4f}"
    began = time.strftime("%H:%M", time.localtime(summary.created))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"{'**' if shown else ''}{plain(title)}{'**' if shown else ''}  \n"
            f":small[{plain(summary.config.dataset)} · step {summary.step:,}{error} · {began} · {summary.status}]"
        )
        st.button("Show", key=f"show.{summary.id}", on_click=open_run, disabled=shown)
        st.button(
            "",
            icon=":material/compare_arrows:",
            key=f"beside.{summary.id}",
            help="Draws the test error of this run beside that of the run shown",
            on_click=session.draw_beside,
            args=(summary.id,),
            disabled=shown or summary.id == st.session_state.get("beside"),
        )
        with st.popover("", icon=":material/delete:", help="Delete this run", key=f"bin.{summary.id}"):
            st.write("Delete this run for good?")
            st.button("Delete", key=f"delete.{summary.id}", on_click=delete, type="primary")
