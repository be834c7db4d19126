"""Opening a run that was exported elsewhere."""

from __future__ import annotations

import contextlib

import streamlit as st

from aelib import datasets
from aelib.export.importing import MOST_BYTES
from aelib.runs import Full
from aelib.runs.record import Record
from aelib.spec.fields import InvalidInput
from aelib.ui.server.reading import Reading, run_reading
from aelib.ui.server.uploads import file_uploader
from aelib.ui.session.session import Session, plain, server_runs

_READING = "import.reading"
# Files that were read make room for others: else those would be added to them.
_COUNT = "import.count"
TIMEOUT = 0.5


def import_panel(session: Session) -> None:
    """Takes a bundle, or the files of a model card, and opens the run in it."""
    st.caption("A bundle.zip, or weights.safetensors with its config.json, from “Export” of this or another server.")
    files = file_uploader(
        "Exported run",
        accept_multiple_files=True,
        max_upload_size=MOST_BYTES // 10**6,
        key=f"import.files.{st.session_state.setdefault(_COUNT, 0)}",
        label_visibility="collapsed",
    )
    reading: Reading[Record] | None = st.session_state.get(_READING)
    if files and reading is None and st.button("Open this run", type="primary", key="import.start", width="stretch"):
        contents = [(file.name, file.getvalue()) for file in files]
        reading = st.session_state[_READING] = run_reading(contents, session.visitor)
        with st.spinner("Reading the run …"), contextlib.suppress(Exception):
            reading.result(TIMEOUT)
        if not reading.done:
            st.rerun()
    if reading is not None:
        if reading.done:
            _take(session, reading)
        else:
            _show(reading)


def _take(session: Session, reading: Reading[Record]) -> None:
    """Shows the run that was read, or says why there is none."""
    del st.session_state[_READING]
    try:
        run = server_runs().take_in(reading.result(), session.visitor.address)
    except datasets.Cancelled:
        return
    except (InvalidInput, datasets.NoRoom, Full) as problem:
        st.error(plain(str(problem)))
        return
    except OSError:
        st.error("The run could not be stored: the server cannot write its folder.")
        return
    st.session_state[_COUNT] += 1
    session.open(run.id)
    st.rerun()


@st.fragment(run_every=0.5)
def _show(reading: Reading[Record]) -> None:
    if reading.done:
        st.rerun()
    what = "Waiting until other files have been read" if reading.waits else "Reading the run"
    st.caption(f"{what} … {reading.seconds:.0f} s")
    st.button("Cancel", icon=":material/close:", on_click=reading.cancel, key="import.cancel", width="stretch")
