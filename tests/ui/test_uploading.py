"""Which files are taken into memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from aelib.ui import uploading
from aelib.ui.uploading import UploadGate, Uploads

MEGABYTE = 2**20


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryUploadedFileManager]:
    """Streamlit's memory for files; session "asked" was shown where to put them, and the server has room for 100 MB."""
    monkeypatch.setenv("AELIB_MAX_UPLOAD_MEMORY", "100")
    expected = Uploads()
    monkeypatch.setattr(uploading, "uploads", lambda: expected)
    kept = MemoryUploadedFileManager("/_stcore/upload_file")
    expected.expect("asked", kept)
    yield kept


def sent(path: str, size: str | None, method: str = "PUT") -> tuple[int, str]:
    """What is answered to a file of that size: 204 where it gets through."""

    async def taken(_: Request) -> Response:
        return Response(status_code=204)

    app = UploadGate(Starlette(routes=[Route("/{path:path}", taken, methods=["PUT", "DELETE"])]), base_path="lab")
    headers = [] if size is None else [(b"content-length", size.encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b""}
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answers.append(message)

    asyncio.run(app(scope, receive, send))
    return answers[0]["status"], answers[1]["body"].decode()


def place(session_id: str) -> str:
    return f"/lab/_stcore/upload_file/{session_id}/file"


def test_a_file_comes_in_from_who_was_asked_for_it_and_from_nobody_else(files: MemoryUploadedFileManager) -> None:
    assert sent(place("asked"), "1000")[0] == 204
    assert sent(place("another"), "1000") == (403, "Nobody was asked for files here.")
    assert sent(place(""), "1000")[0] == 403


def test_there_is_room_for_so_many_megabytes(files: MemoryUploadedFileManager) -> None:
    assert sent(place("asked"), str(90 * MEGABYTE))[0] == 204
    files.add_file("asked", UploadedFileRec("first", "a.zip", "", b"0" * 90 * MEGABYTE))
    status, said = sent(place("asked"), str(11 * MEGABYTE))
    assert status == 403
    assert "no room for more uploads" in said
    assert sent(place("asked"), str(9 * MEGABYTE))[0] == 204
    files.remove_session_files("asked")
    assert sent(place("asked"), str(99 * MEGABYTE))[0] == 204


def test_files_on_their_way_take_room_too(files: MemoryUploadedFileManager) -> None:
    expected = uploading.uploads()
    assert expected.begin("asked", 60 * MEGABYTE) == ""
    assert "no room" in expected.begin("asked", 60 * MEGABYTE)
    expected.end(60 * MEGABYTE)
    assert expected.begin("asked", 60 * MEGABYTE) == ""


@pytest.mark.parametrize("size", [None, "", "-1", "much", "1e3"])
def test_a_file_of_unknown_size_is_turned_away(files: MemoryUploadedFileManager, size: str | None) -> None:
    assert sent(place("asked"), size)[0] == 411


def test_all_else_passes(files: MemoryUploadedFileManager) -> None:
    assert sent(place("another"), None, method="DELETE")[0] == 204
    assert sent("/lab/other", None)[0] == 204


def test_sessions_that_have_ended_are_forgotten(
    files: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not runtime.exists()
    uploading.uploads().expect("the next", files)
    assert sent(place("asked"), "1000")[0] == 403
    assert sent(place("the next"), "1000")[0] == 204
