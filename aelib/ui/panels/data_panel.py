"""Choosing the data: what is here, what can be downloaded, and images of one's own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import streamlit as st

from aelib import datasets
from aelib.datasets.bounds import counted
from aelib.spec.fields import InvalidInput
from aelib.ui.panels.labels import LABELS, help_text
from aelib.ui.server.reading import Reading, dataset_reading
from aelib.ui.server.routes import one_for_all
from aelib.ui.server.uploads import file_uploader
from aelib.ui.session.datasets import forget
from aelib.ui.session.session import Session, bind, data_in_use, plain

UPLOAD_MEGABYTES = 100
# The names of the data sets that this session read.
_READ = "upload.read"
# The upload that is being read.
_READING = "upload.reading"
# A page waits so many seconds for what may be read at once before it says that it goes on.
TIMEOUT = 0.5


@one_for_all
def _downloads() -> dict[str, datasets.Download]:
    """Downloads under way or ended, one a data set, shared by all who use this server."""
    return {}


GONE = "These images are no longer on the server. Choose another dataset, or upload them again."


def data_panel(session: Session) -> None:
    name = session.config.dataset
    known = [entry.name for entry in datasets.entries()]
    own = {found: owner for owner in session.visitor.owners for found in datasets.own_names(owner)}
    options = list(dict.fromkeys([*known, *own, name]))
    bind("setting.dataset", name)

    titles = [datasets.title(option) for option in options]

    def title(option: str) -> str:
        found = datasets.title(option)
        if option in known:
            return found if datasets.is_available(option) else f"{found} (not downloaded)"
        # A browser sends titles back: each must be another one.
        return f"{found} ({option[-4:]})" if titles.count(found) > 1 else found

    def choose() -> None:
        chosen = st.session_state["setting.dataset"]
        # The title that a data set had before it was renamed is none of the options.
        if chosen in options:
            session.change(dataset=chosen)

    st.selectbox(
        LABELS["dataset"],
        options,
        options.index(name),
        key="setting.dataset",
        format_func=title,
        help=help_text("dataset"),
        on_change=choose,
    )
    if datasets.is_available(name):
        key = st.popover(
            "About these images", icon=":material/info:", width="stretch", key="data.about", on_change="rerun"
        )
        with key:
            if key.open:
                _about(name)
                if name in own:
                    _manage(session, name, own[name])
    elif name in known:
        _offer_download(name, datasets.title(name))
    else:
        st.warning(GONE)
    with st.popover("Use your own images", icon=":material/add_photo_alternate:", width="stretch"):
        _upload(session)


def _about(name: str) -> None:
    """What the images are, and what was done to them."""
    st.markdown(f"**{plain(datasets.title(name))}**")
    try:
        dataset = datasets.load(name)
    except InvalidInput as problem:
        st.warning(plain(str(problem)))
        return
    st.caption(
        f"{plain(dataset.source)}. {len(dataset.train_images):,} training and {len(dataset.test_images):,} test images."
    )
    for note in dataset.notes:
        st.caption(plain(note))


def _manage(session: Session, name: str, owner: str) -> None:
    """What the owner of a data set can do with it: rename it, correct what was guessed of its images, delete it."""
    title = datasets.title(name)

    def rename() -> None:
        try:
            datasets.rename(name, st.session_state[f"data.title.{name}"], owner)
            # Else the list would go on showing the old one.
            st.session_state.pop("setting.dataset", None)
        except InvalidInput as problem:
            session.notice(str(problem))

    def delete() -> None:
        try:
            datasets.delete(name, owner)
        except InvalidInput as problem:
            session.notice(str(problem))
            return
        forget(name)
        if datasets.whole(session.config.dataset) == name:
            session.change(dataset=datasets.default_name())

    def correct(change: Callable[[datasets.Dataset], datasets.Dataset]) -> None:
        try:
            corrected = datasets.correct(name, change, owner, session.visitor.address, data_in_use)
        except (InvalidInput, datasets.NoRoom) as problem:
            session.notice(str(problem))
            return
        session.change(dataset=corrected)

    st.text_input("Name", key=bind(f"data.title.{name}", title), max_chars=60, on_change=rename)
    turn, invert = st.columns(2)
    turn.button(
        "Transpose",
        key="data.transpose",
        help="Swaps rows and columns of all images: for digits or letters that lie on their side.",
        on_click=correct,
        args=(datasets.transposed,),
        width="stretch",
    )
    invert.button(
        "Invert",
        key="data.invert",
        help="Swaps light and dark in all images: strokes should be bright on a black background.",
        on_click=correct,
        args=(datasets.inverted,),
        width="stretch",
    )
    with st.popover("Delete", icon=":material/delete:", key="data.bin"):
        st.write(f"Delete “{plain(title)}” permanently?")
        runs = sum(datasets.whole(summary.config.dataset) == name for summary in session.own_runs())
        if runs:
            st.write(
                f"{counted(runs, 'run')} trained on these images: curves and figures are kept, but such a run can no "
                "longer be continued or looked into."
            )
        st.button("Delete permanently", key="data.delete", on_click=delete, type="primary")


def _offer_download(name: str, title: str) -> None:
    job = _downloads().get(name)

    def start() -> None:
        # Another tab may have pressed first.
        running = _downloads().get(name)
        if running is None or running.done:
            _downloads()[name] = datasets.Download(name).start()

    if job is None or job.done:
        if job is not None and job.error:
            st.warning(plain(job.error))
        else:
            st.caption(f"{title} is not downloaded yet.")
        try:
            datasets.data_dir()
        except InvalidInput as problem:
            st.warning(plain(str(problem)))
            return
        st.button(f"Download {title}", icon=":material/download:", on_click=start, width="stretch")
    else:
        _show_download(job)


@st.fragment(run_every=0.5)
def _show_download(job: datasets.Download) -> None:
    if job.done:
        st.rerun()
    done, total = job.progress
    megabytes = f"{done / 1e6:.1f} of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
    st.progress(min(1.0, done / total) if total else 0.0, text=f"{plain(job.current_file)} {megabytes}")
    st.button("Cancel", icon=":material/close:", on_click=job.cancel, width="stretch")


def _upload(session: Session) -> None:
    st.caption(
        "At least 100 images of any size: image files, a .zip or .tar of them, tables (.csv, .parquet) or arrays "
        "(.npz, .npy, .mat, idx). Labels are taken from subfolders, columns or arrays where there are any. Images are "
        "resized to 28×28 greyscale and stored on this server."
    )
    folder = st.toggle("Upload a folder", key="upload.whole_folder")
    # What a file is shows in its contents, so that no name is turned away.
    files = file_uploader(
        "Images",
        accept_multiple_files="directory" if folder else True,
        max_upload_size=UPLOAD_MEGABYTES,
        # Files that were read make room for others: else those would be added to them.
        key=f"upload.{'folder' if folder else 'files'}.{len(st.session_state.get(_READ, ()))}",
        label_visibility="collapsed",
    )
    reading: Reading | None = st.session_state.get(_READING)
    if files and (reading is None or reading.done) and st.button("Use these images", type="primary", width="stretch"):
        contents = [(file.name, file.getvalue()) for file in files]
        reading = st.session_state[_READING] = dataset_reading(contents, session.visitor)
        with st.spinner("Reading images …"), contextlib.suppress(Exception):
            reading.result(TIMEOUT)
        if not reading.done:
            # The button goes.
            st.rerun()
    if reading is not None:
        if reading.done:
            _take(session, reading)
        else:
            _show_reading(reading)
    if not files and (read := st.session_state.get(_READ)):
        for note in datasets.notes(read[-1]):
            st.caption(plain(note))


def _take(session: Session, reading: Reading) -> None:
    """Shows the data set that was read, or says why there is none."""
    # It is said once: the next files may be others.
    del st.session_state[_READING]
    try:
        dataset = reading.result()
    except datasets.Cancelled:
        return
    except (InvalidInput, datasets.NoRoom) as problem:
        st.error(plain(str(problem)))
        return
    st.session_state[_READ] = [*st.session_state.get(_READ, ()), dataset.name]
    session.change(dataset=dataset.name)
    st.rerun()


@st.fragment(run_every=0.5)
def _show_reading(reading: Reading) -> None:
    if reading.done:
        st.rerun()
    what = "Waiting until other files have been read" if reading.waits else "Reading images"
    st.caption(f"{what} … {reading.seconds:.0f} s")
    st.button("Cancel", icon=":material/close:", on_click=reading.cancel, key="upload.cancel", width="stretch")
