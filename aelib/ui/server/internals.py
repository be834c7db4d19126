"""What this app uses of Streamlit beyond its public interface: all of it is here, since any release may change it."""

from __future__ import annotations

import threading
import time

from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.web.server.server_util import allow_all_cross_origin_requests, is_allowed_origin
from streamlit.web.server.starlette.starlette_app_utils import decode_xsrf_token_string
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

__all__ = ["XSRF_COOKIE_NAME", "MemoryUploadedFileManager", "UploadedFile"]

SENDING_SECONDS = 2.0


def session_id() -> str | None:
    """Of the tab whose page is being drawn; None where none is."""
    context = get_script_run_ctx()
    return None if context is None else context.session_id


def session_is_open(of: str) -> bool:
    """Is the tab of this session connected?"""
    return runtime.exists() and runtime.get_instance().is_active_session(of)


def uploaded_files() -> MemoryUploadedFileManager | None:
    """Where files go that the tab whose page is being drawn uploads; None where there is no browser."""
    context = get_script_run_ctx()
    files = None if context is None else context.uploaded_file_mgr
    return files if isinstance(files, MemoryUploadedFileManager) else None


def origin_is_allowed(origin: str) -> bool:
    """Does `server.corsAllowedOrigins` name this site?"""
    return bool(allow_all_cross_origin_requests() or is_allowed_origin(origin))


def upload_token(cookie: str) -> bytes | None:
    """The random token in the value of Streamlit's cookie that protects uploads; None in one that holds none."""
    token, _ = decode_xsrf_token_string(cookie)
    return token


def forget_pages_directory() -> None:
    """Streamlit does not take the files in pages/ for its older way of many pages any more."""
    PagesManager.uses_pages_directory = False


def wait_until_sent() -> None:
    """Ends a page, or a fragment of one: waits until what it drew is on its way to the browser, `SENDING_SECONDS` at
    most.

    When the next run begins before, Streamlit may drop what was drawn: all of it, or a fragment of a page that it calls
    complete nevertheless, so that the browser takes the fragment's components down and mounts them again. It takes
    milliseconds.
    """
    # Under Streamlit's AppTest there is no browser, and no manager of sessions.
    sessions = getattr(runtime.get_instance(), "_session_mgr", None) if runtime.exists() else None
    found = sessions.get_active_session_info(session_id()) if sessions is not None else None
    if found is None:
        return
    queue, loop = found.session._browser_queue, found.session._event_loop
    # What was drawn reaches the queue by way of the server's event loop: once the loop has come to this, it has all.
    queued = threading.Event()
    loop.call_soon_threadsafe(queued.set)
    end = time.monotonic() + SENDING_SECONDS
    queued.wait(SENDING_SECONDS)
    while not queue.is_empty() and time.monotonic() < end:
        time.sleep(0.01)
