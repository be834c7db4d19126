"""Taking a run home: its files as a download, and the settings of the moment as code."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

import streamlit as st
from distributed import Future

from aelib import datasets
from aelib.cluster.engine import Engine, EngineLost
from aelib.export import FORMATS, CannotExport, refusal
from aelib.export.formats import Files
from aelib.export.on_engine import About, exported_on_worker, story
from aelib.export.origin import origin
from aelib.export.pytorch import script
from aelib.export.script import SCRIPT
from aelib.host.faults import describe
from aelib.runs import Run
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.queries import asker
from aelib.ui.session.session import Session, plain, server_runs

_JOB = "export.job"
_MIME = {".html": "text/html", ".zip": "application/zip", ".ipynb": "application/x-ipynb+json"}
# An export is evaluated on the whole test split and compared with what it is an export of.
EXPECTED_SECONDS = 2.0
FETCH_SECONDS = 20.0
# In pixels, and the same before there is anything in it: it is placed where it has room as it is when it opens.
HEIGHT = 270
NOT_READY = "The run is not ready yet: try again in a moment."


@dataclass(eq=False)
class _Job:
    """An export on its way; `name` is what the download will be called."""

    run_id: str
    to: str
    step: int
    name: str
    engine: Engine
    future: Future
    began: float = field(default_factory=time.monotonic)
    ready: tuple[str, bytes] | None = None
    problem: str = ""

    @property
    def done(self) -> bool:
        return bool(self.ready or self.problem or self.future.done())

    def settle(self) -> None:
        """Takes the files, or says why there are none."""
        if self.ready or self.problem:
            return
        try:
            self.ready = _download(self.name, self.engine.fetch(self.future, FETCH_SECONDS))
        except CannotExport as reason:
            self.problem = str(reason)
        except Exception as error:  # noqa: BLE001 - whatever a worker raises, the page goes on
            self.problem = f"The run could not be exported ({describe(error)})."
        self.future.release()


def export_menu(session: Session, width: Literal["content", "stretch"] = "content") -> None:
    """A button that offers the run shown as files; none where there is no run."""
    run = session.run
    if run is None:
        return
    with (
        st.popover("Export", icon=":material/download:", key="export", on_change="rerun", width=width) as popover,
        st.container(height=HEIGHT, border=False),
    ):
        if not popover.open:
            return
        to = st.selectbox("Format", list(FORMATS), key="export.to", format_func=lambda name: FORMATS[name].title)
        st.caption(FORMATS[to].help)
        reason = refusal(to, run.settings)
        if reason:
            st.info(plain(reason), icon=":material/info:")
            return
        label, job = "Prepare the files", _job()
        if job is not None and (job.run_id, job.to) == (run.id, to):
            if not job.done:
                _show_progress(job)
                return
            job.settle()
            _offer(job)
            if job.step == run.view().step and job.ready:
                return
            label = "Prepare again"
        if st.button(label, key="export.start", type="primary", width="stretch"):
            _start(session, run, to)
            st.rerun()


def _job() -> _Job | None:
    found: _Job | None = st.session_state.get(_JOB)
    return found


def _start(session: Session, run: Run, to: str) -> None:
    reached, dataset, engine = run.reached(), loaded_dataset(run.config.dataset), server_runs().engine
    if reached is None or dataset is None or engine is None:
        session.notice(NOT_READY)
        return
    try:
        future = engine.submit(
            exported_on_worker,
            reached.link,
            reached.ready.data,
            story(run),
            About.of(dataset),
            to,
            visitor=asker(),
            seconds=EXPECTED_SECONDS,
        )
    except EngineLost as problem:
        session.notice(str(problem))
        return
    name = run.config.recipe.replace("custom", "autoencoder")
    st.session_state[_JOB] = _Job(run.id, to, reached.step, f"{name}-{to}", engine, future)


@st.fragment(run_every=0.5)
def _show_progress(job: _Job) -> None:
    if job.done:
        st.rerun()
    st.progress(min(0.95, (time.monotonic() - job.began) / 10), text="Evaluating and writing …")


def _offer(job: _Job) -> None:
    if job.ready is None:
        st.warning(plain(job.problem), icon=":material/info:")
        return
    name, contents = job.ready
    st.download_button(
        f"Download {name}",
        contents,
        name,
        _MIME.get(PurePath(name).suffix, "application/octet-stream"),
        icon=":material/download:",
        key="export.download",
        on_click="ignore",
        width="stretch",
    )
    st.caption(f"The network after {job.step:,} steps, {len(contents) / 1e6:.1f} MB.")


def _download(name: str, files: Files) -> tuple[str, bytes]:
    """One file as it is, several as a zip file."""
    if len(files) == 1:
        ((only, contents),) = files.items()
        return name + PurePath(only).suffix, contents
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, contents in files.items():
            archive.writestr(f"{name}/{one}", contents)
    return f"{name}.zip", stream.getvalue()


def show_code(session: Session) -> None:
    """A button that shows the present settings as a PyTorch script."""
    if st.button("Show as code", icon=":material/code:", key="code", width="stretch"):
        _code(session)


@st.dialog("These settings in PyTorch", width="large")
def _code(session: Session) -> None:
    config = session.config
    try:
        where = origin(config.dataset, datasets.title(config.dataset), loaded_dataset(config.dataset))
        text = script(config, where)
    except CannotExport as reason:
        st.info(plain(str(reason)), icon=":material/info:")
        return
    st.caption("One file of plain PyTorch that trains and evaluates this network.")
    st.download_button("Download", text, SCRIPT, "text/x-python", icon=":material/download:", on_click="ignore")
    st.code(text, language="python", height=480)
