"""Files that come from browsers: only from those who were shown where to put them, and only while there is room.

Streamlit keeps in memory whatever a browser with a session sends it: also of somebody who has not logged in yet, and
as much as they like.
"""

from __future__ import annotations

import threading
from typing import Any

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from aelib.settings import MAX_UPLOAD_MEMORY
from aelib.ui.serving import below, one_for_all, session_is_open

_MEGABYTE = 2**20


class Uploads:
    """What is on its way into memory, and who may send."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, MemoryUploadedFileManager] = {}
        self._arriving = 0

    def expect(self, session_id: str, files: MemoryUploadedFileManager) -> None:
        """This session is shown where to put files."""
        with self._lock:
            if session_id not in self._sessions:
                self._sessions = {known: kept for known, kept in self._sessions.items() if session_is_open(known)}
                self._sessions[session_id] = files

    def begin(self, session_id: str, size: int) -> str:
        """A file of `size` bytes begins to arrive, which ends with `end`; or why it may not, in a sentence."""
        with self._lock:
            files = self._sessions.get(session_id)
            if files is None:
                return "Nobody was asked for files here."
            kept = sum(stat.byte_length for stats in files.get_stats().values() for stat in stats)
            if kept + self._arriving + size > MAX_UPLOAD_MEMORY.value * _MEGABYTE:
                return "This server has no room for more uploads now: try again in some minutes."
            self._arriving += size
            return ""

    def end(self, size: int) -> None:
        with self._lock:
            self._arriving -= size


@one_for_all
def uploads() -> Uploads:
    return Uploads()


def file_uploader(label: str, **options: Any) -> Any:
    """As Streamlit's own. Nobody else may send files."""
    context = get_script_run_ctx()
    if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        uploads().expect(context.session_id, context.uploaded_file_mgr)
    return st.file_uploader(label, **options)


class UploadGate:
    """Middleware: turns files away that nobody asked for, or for which there is no room, before they are read."""

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._place = below(base_path, "_stcore/upload_file/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(self._place):
            await self._app(scope, receive, send)
            return
        session_id = scope["path"].removeprefix(self._place).partition("/")[0]
        length = Headers(scope=scope).get("content-length", "")
        if not length.isdecimal():
            # Browsers always say it.
            await PlainTextResponse("The size of the file has to be said first.", 411)(scope, receive, send)
            return
        size = int(length)
        refusal = uploads().begin(session_id, size)
        if refusal:
            await PlainTextResponse(refusal, 403)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            uploads().end(size)
