"""Choosing the data: what is here, what can be downloaded, and pictures of one's own."""

from __future__ import annotations

import streamlit as st

from aelib import datasets
from aelib.config import InvalidInput
from aelib.ui.serving import one_for_all
from aelib.ui.session import Session, bind, plain
from aelib.ui.uploading import file_uploader
from aelib.ui.words import HELP, LABELS

UPLOAD_MEGABYTES = 100


@one_for_all
def _downloads() -> dict[str, datasets.Download]:
    """Downloads under way or ended, one a data set, shared by all who use this server."""
    return {}


def data_panel(session: Session) -> None:
    name = session.config.dataset
    known = [entry.name for entry in datasets.entries()]
    own = st.session_state.get("own_data", [])
    options = list(dict.fromkeys([*known, *own, name]))
    bind("setting.dataset", name)

    def title(option: str) -> str:
        to_fetch = option in known and not datasets.is_available(option)
        return f"{datasets.title(option)} (download)" if to_fetch else datasets.title(option)

    st.selectbox(
        LABELS["dataset"],
        options,
        options.index(name),
        key="setting.dataset",
        format_func=title,
        help=HELP["dataset"],
        on_change=lambda: session.change(dataset=st.session_state["setting.dataset"]),
    )
    if not datasets.is_available(name):
        if name in known:
            _offer_download(name, datasets.title(name))
        else:
            st.warning("These pictures are not on this computer any more. Choose other data, or upload them again.")
    with st.popover("Your own pictures", icon=":material/add_photo_alternate:", width="stretch"):
        _upload(session)


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
            st.caption(f"{title} is not on this computer yet.")
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
        "At least 100 pictures, grey or colour, of any size: a folder, or one .zip of images, or one .npz of arrays. "
        "Sub-folder names become classes. They are brought to 28×28 pixels and stay on the server that runs this app."
    )
    folder = st.toggle("A whole folder", key="upload.whole_folder")
    files = file_uploader(
        "Pictures",
        type=["png", "jpg", "jpeg", "bmp", "gif", "webp", "tif", "tiff"] if folder else ["npz", "zip"],
        accept_multiple_files="directory" if folder else False,
        max_upload_size=UPLOAD_MEGABYTES,
        key=f"upload.{'images' if folder else 'archive'}",
        label_visibility="collapsed",
    )
    chosen = files if isinstance(files, list) else [files] if files is not None else []
    if not chosen:
        return
    if st.button("Use these pictures", type="primary", width="stretch"):
        with st.spinner("Reading the pictures …"):
            try:
                dataset = datasets.import_upload([(file.name, file.getvalue()) for file in chosen])
            except InvalidInput as problem:
                st.error(plain(str(problem)))
                return
            except OSError as error:
                st.error(f"The pictures could not be stored ({error.strerror}); there may be no room on the disk.")
                return
        st.session_state.setdefault("own_data", []).append(dataset.name)
        st.session_state["own_notes"] = dataset.notes
        session.change(dataset=dataset.name)
        st.rerun()
    for note in st.session_state.get("own_notes", ()):
        st.caption(plain(note))
