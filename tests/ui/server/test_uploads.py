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

from aelib.ui.server import uploads
from aelib.ui.server.uploads import NO_ROOM, NOT_ASKED, TOO_MANY, TOO_MUCH, TOO_SLOW, UploadGate, Uploads

MEGABYTE = 2**20
ADDRESS = "192.0.2.1"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryUploadedFileManager]:
    """Streamlit's memory for files; the server has room for 100 MB. Sessions "asked" and "asked too" of one visitor,
    and sessions "b" to "g" of one each, were shown where to put files."""
    monkeypatch.setenv("AELIB_MAX_UPLOAD_MEMORY", "100")
    monkeypatch.setattr(uploads, "READ_OUT_SECONDS", 0.05)
    monkeypatch.setattr(uploads, "session_is_open", lambda session_id: True)
    expected = Uploads()
    monkeypatch.setattr(uploads, "uploads", lambda: expected)
    kept = MemoryUploadedFileManager("/_stcore/upload_file")
    for session_id, visitor in (("asked", "a"), ("asked too", "a"), *((letter, letter) for letter in "bcdefg")):
        expected.expect(session_id, visitor, kept)
    yield kept


def sent(
    session_id: str, size: str | None = "10", body: bytes = b"0123456789", address: str = ADDRESS, method: str = "PUT"
) -> tuple[int, str]:
    """What is answered to a file: 204 where it gets through. `body`: what comes of it; after that, silence."""

    async def taken(request: Request) -> Response:
        return Response(status_code=204 if await request.body() == body else 500)

    app = UploadGate(Starlette(routes=[Route("/{path:path}", taken, methods=["PUT", "DELETE"])]), base_path="lab")
    headers = [] if size is None else [(b"content-length", size.encode())]
    place = f"/lab/_stcore/upload_file/{session_id}/file"
    scope = {"type": "http", "method": method, "path": place, "headers": headers, "query_string": b""}
    scope["client"] = (address, 1234)
    answers: list[Message] = []
    coming = [body[:5], body[5:]]

    async def receive() -> Message:
        if coming:
            chunk = coming.pop(0)
            missing = size is not None and size.isdecimal() and int(size) > len(body)
            return {"type": "http.request", "body": chunk, "more_body": bool(coming) or missing}
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        answers.append(message)

    asyncio.run(app(scope, receive, send))
    return answers[0]["status"], answers[1]["body"].decode()


def keep(files: MemoryUploadedFileManager, session_id: str, megabytes: int) -> None:
    files.add_file(session_id, UploadedFileRec(f"{megabytes} MB", "a.zip", "", b"0" * megabytes * MEGABYTE))


def test_a_file_comes_in_from_who_was_asked_for_it_and_from_nobody_else(files: MemoryUploadedFileManager) -> None:
    assert sent("asked")[0] == 204
    assert sent("another") == (403, NOT_ASKED)
    assert sent("") == (403, NOT_ASKED)


def test_a_refusal_is_said_after_the_file_was_sent_as_long_as_it_comes(files: MemoryUploadedFileManager) -> None:
    """Else the browser, still sending, would find its connection closed."""
    coming = [{"type": "http.request", "body": b"0" * MEGABYTE, "more_body": more} for more in (True, True, False)]
    left: list[int] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(_: Message) -> None:
        left.append(len(coming))

    headers = [(b"content-length", b"3000000")]
    scope = {"type": "http", "method": "PUT", "path": "/_stcore/upload_file/x/y", "headers": headers, "client": None}
    asyncio.run(UploadGate(Starlette(), base_path="")(scope, receive, send))
    assert left == [0, 0]


def test_there_is_room_for_so_many_megabytes(files: MemoryUploadedFileManager) -> None:
    for session_id, address in (("b", "1"), ("c", "2"), ("d", "3")):
        assert sent(session_id, address=address)[0] == 204
        keep(files, session_id, 33)
    assert sent("e", address="4")[0] == 204
    assert sent("e", str(2 * MEGABYTE), b"0" * 2 * MEGABYTE, address="4") == (403, NO_ROOM)
    files.remove_session_files("b")
    assert sent("e", str(2 * MEGABYTE), b"0" * 2 * MEGABYTE, address="4")[0] == 204


def test_one_visitor_and_one_address_cannot_have_all_of_it(files: MemoryUploadedFileManager) -> None:
    assert sent("asked")[0] == 204
    keep(files, "asked", 30)
    keep(files, "asked too", 30)
    assert sent("asked") == (403, TOO_MUCH)
    assert sent("asked too") == (403, TOO_MUCH)
    files.remove_session_files("asked too")
    assert sent("asked too")[0] == 204
    for neighbour in "bc":
        assert sent(neighbour)[0] == 204
        keep(files, neighbour, 31)
    assert sent("d") == (403, NO_ROOM)
    assert sent("d", address="198.51.100.7")[0] == 204


def test_what_is_announced_takes_no_room_and_what_has_come_does(files: MemoryUploadedFileManager) -> None:
    expected = uploads.uploads()
    silent = expected.begin("b", ADDRESS)
    assert sent("c", str(40 * MEGABYTE), b"0" * 40 * MEGABYTE)[0] == 204
    expected.receive(silent, 49 * MEGABYTE)
    with pytest.raises(uploads.Refused, match="reached the limit for files"):
        expected.receive(silent, 2 * MEGABYTE)
    expected.end(silent)
    assert sent("b")[0] == 204


def test_a_visitor_sends_few_files_at_once_and_that_stops_nobody_else(files: MemoryUploadedFileManager) -> None:
    expected = uploads.uploads()
    on_their_way = [expected.begin("asked", ADDRESS) for _ in range(uploads.VISITOR_FILES)]
    assert sent("asked") == sent("asked too") == (429, TOO_MANY)
    assert sent("b")[0] == 204
    expected.end(on_their_way[0])
    assert sent("asked")[0] == 204


@pytest.mark.parametrize("came", [b"", b"01234"])
def test_a_file_that_does_not_come_is_waited_for_a_short_time(
    files: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch, came: bytes
) -> None:
    monkeypatch.setattr(uploads, "IDLE_SECONDS", 0.01)
    assert sent("asked", "1000", came) == (408, TOO_SLOW)
    assert not uploads.uploads()._arrivals


def test_a_file_that_comes_too_slowly_is_not_waited_for(
    files: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SLOWEST_BYTES_A_SECOND", 1e12)
    monkeypatch.setattr(uploads, "IDLE_SECONDS", 0.0)
    assert sent("asked") == (408, TOO_SLOW)


@pytest.mark.parametrize("size", [None, "", "-1", "much", "1e3"])
def test_a_file_of_unknown_size_is_turned_away(files: MemoryUploadedFileManager, size: str | None) -> None:
    assert sent("asked", size)[0] == 411


def test_all_else_passes(files: MemoryUploadedFileManager) -> None:
    assert sent("another", None, method="DELETE")[0] == 204


def test_sessions_that_have_ended_are_forgotten(
    files: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert not runtime.exists()
    expected = Uploads()
    expected.expect("asked", "a", files)
    expected.expect("the next", "b", files)
    with pytest.raises(uploads.Refused, match=NOT_ASKED):
        expected.begin("asked", ADDRESS)
    expected.end(expected.begin("the next", ADDRESS))
