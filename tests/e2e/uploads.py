"""Files sent to the server past its pages, by somebody who has a session there."""

from __future__ import annotations

from playwright.sync_api import APIResponse, FilePayload, Page
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


def sessions_of(page: Page) -> list[str]:
    """The ids of the sessions that the page gets from now on, the newest last."""
    sessions: list[str] = []

    def note(frame: str | bytes) -> None:
        message = ForwardMsg()
        if isinstance(frame, bytes):
            message.ParseFromString(frame)
            if message.WhichOneof("type") == "new_session":
                sessions.append(message.new_session.initialize.session_id)

    def listen(url: str) -> bool:
        return url.endswith("/_stcore/stream")

    page.on("websocket", lambda line: line.on("framereceived", note) if listen(line.url) else None)
    return sessions


def send_file(page: Page, session_id: str, headers: dict[str, str]) -> APIResponse:
    """What the server answers to a file of a megabyte, with the cookies of the page."""
    file = FilePayload(name="large.zip", mimeType="application/zip", buffer=b"0" * 1_000_000)
    place = f"{page.url.split('?')[0].rstrip('/')}/_stcore/upload_file/{session_id}/file"
    return page.context.request.put(place, headers=headers, multipart={"file": file})
