"""All runs of a visitor: find one, name it, compare some."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from aelib.runs import Label, Summary, Unreadable
from aelib.ui.pages.runs.comparison import MOST, compare
from aelib.ui.pages.runs.table import ROW_HEIGHT, column_config, table
from aelib.ui.panels.importing import import_panel
from aelib.ui.panels.run_list import THIS_VISIT, tell_of_damage
from aelib.ui.panels.run_titles import model
from aelib.ui.session.session import Session, plain, server_runs

SEE = "Every run that you have trained. Select one to open or name it, or two to six to compare them."
NAME_CHARACTERS, NOTE_CHARACTERS = 60, 500
TABLE_ROWS = 9

session = Session()


def matching(summaries: Sequence[Summary], told: pd.DataFrame, wanted: str) -> list[Summary]:
    """The runs that have every word of `wanted` in what their rows of the table, `told`, say of them."""
    said = told.astype(str).agg(" ".join, axis=1).str.casefold()
    words = wanted.casefold().split()
    return [one for one, text in zip(summaries, said, strict=True) if all(word in text for word in words)]


def choose(summaries: Sequence[Summary]) -> list[Summary]:
    """The table; returns the runs selected in it."""
    found = table(summaries)
    # The browser counts rows: where runs have come or gone, it begins anew, with the same runs selected.
    key = f"runs.table.{hash(tuple(found.index))}"
    before = [place for place, one in enumerate(found.index) if one in st.session_state.get("runs.selected", ())]
    event = st.dataframe(
        found,
        hide_index=True,
        column_config=column_config(),
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * min(TABLE_ROWS, len(found)) + 40,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": before}},
        key=key,
        alt="Your runs with their settings and errors",
    )
    selected = [summaries[place] for place in event.selection.rows if place < len(summaries)]
    st.session_state["runs.selected"] = tuple(one.id for one in selected)
    return selected


def name(run: Summary) -> None:
    """A run's name and the note on it."""

    def keep() -> None:
        label = Label(st.session_state[f"runs.name.{run.id}"].strip(), st.session_state[f"runs.note.{run.id}"].strip())
        try:
            server_runs().set_label(run.id, label, *session.visitor.owners)
        except Unreadable as problem:
            session.notice(str(problem))
        except OSError as problem:
            session.notice(f"The name could not be saved: {problem.strerror}.")

    left, right = st.columns([1, 2])
    left.text_input(
        "Name",
        run.label.name,
        max_chars=NAME_CHARACTERS,
        placeholder=model(run),
        key=f"runs.name.{run.id}",
        on_change=keep,
    )
    right.text_input("Note", run.label.note, max_chars=NOTE_CHARACTERS, key=f"runs.note.{run.id}", on_change=keep)


def actions(selected: Sequence[Summary], shown: pd.DataFrame) -> None:
    """What can be done with the runs that are selected, and the table as a file."""

    def delete() -> None:
        for one in selected:
            if one.id == st.session_state.run_id:
                session.show(None)
            server_runs().delete(one.id)

    with st.container(horizontal=True, vertical_alignment="center", key="runs.actions"):
        one = selected[0] if len(selected) == 1 else None
        opens = st.button("Open", icon=":material/open_in_new:", type="primary", disabled=one is None, key="runs.open")
        if opens and one is not None:
            try:
                session.open(one.id)
            except Unreadable as problem:
                session.notice(str(problem))
            st.switch_page("pages/train.py")
        with st.popover("Delete", icon=":material/delete:", disabled=not selected, key="runs.bin"):
            count = len(selected)
            st.write("Delete this run permanently?" if count == 1 else f"Delete these {count} runs permanently?")
            st.button("Delete", type="primary", on_click=delete, key="runs.delete")
        st.download_button(
            "Table (CSV)",
            shown.to_csv(index_label="Run"),
            "autoencoder-lab-runs.csv",
            "text/csv",
            icon=":material/download:",
            key="runs.csv",
        )


with st.container():
    session.show_notices()
st.markdown(SEE)
tell_of_damage(session)
if not session.visitor.lasting:
    st.caption(THIS_VISIT)
with st.popover("Import a run", icon=":material/upload_file:", key="runs.import"):
    import_panel(session)
runs = session.own_runs()
if runs:
    wanted = st.text_input(
        "Filter",
        key="runs.filter",
        persist_state="session",
        placeholder="Filter by words, such as a recipe, a setting or a dataset",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    told = table(runs, images=False)
    listed = matching(runs, told, wanted or "")
    if listed:
        chosen = choose(listed)
        actions(chosen, told.loc[[one.id for one in listed]])
        if len(chosen) == 1:
            name(chosen[0])
        elif len(chosen) > MOST:
            st.info(f"{len(chosen)} runs are selected: select at most {MOST} to compare them.", icon=":material/info:")
        elif chosen:
            compare(chosen, [server_runs().get(one.id).view() for one in chosen])
    else:
        st.info(f"No run has “{plain(wanted or '')}” in its name, note or settings.", icon=":material/info:")
else:
    st.info("You have no runs yet. Press “Train” on the Train page; each run is kept here.", icon=":material/info:")
session.write_url()
