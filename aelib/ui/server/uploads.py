"""Files that come from browsers: only from those who were shown where to put them, and only while there is room.

Streamlit keeps in memory whatever a browser with a session sends it: also of somebody who has not logged in yet, as
much as they like, and as slowly as they like.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aelib.host.settings import MAX_UPLOAD_MEMORY
from aelib.ui.server.internals import MemoryUploadedFileManager, session_id, session_is_open, uploaded_files
from aelib.ui.server.routes import below, one_for_all
from aelib.ui.server.visitors import network

_MEGABYTE = 2**20
# Of the memory for uploads, how much one visitor and one network address may have: a room of thirty behind one address
# has nearly all of it, and nobody has all.
VISITOR_SHARE, ADDRESS_SHARE = 0.5, 0.9
# How many files may be on their way at once. A browser sends the files of a folder by six.
VISITOR_FILES, ADDRESS_FILES = 8, 240
# A sender who says nothing for so long is gone, and one who is slower than this has no network to speak of.
IDLE_SECONDS = 15.0
# For how long the rest of a file that is refused is read.
READ_OUT_SECONDS = 2.0
SLOWEST_BYTES_A_SECOND = 20_000

NOT_ASKED = "Uploads are not expected here."
NO_ROOM = "The server cannot take more uploads right now. Try again in a few minutes."
TOO_MUCH = "You have reached the limit for files in the server's memory. Use or remove them first."
TOO_MANY = "Too many of your uploads are in progress. Wait until some have finished."
TOO_SLOW = "The upload was too slow or stalled. Send the file again."


@dataclass(frozen=True)
class _Sender:
    """A session that was shown where to put files."""

    visitor: str
    files: MemoryUploadedFileManager


@dataclass(eq=False)
class Arrival:
    """A file on its way: how many bytes of it have come, from which session and network address."""

    session_id: str
    visitor: str
    address: str
    received: int = 0


class Refused(Exception):
    """A file that is not taken; the message is one sentence for the user."""

    def __init__(self, sentence: str, status: int = 403) -> None:
        super().__init__(sentence)
        self.status = status


class Uploads:
    """Who may send, and what is on its way into memory. Only bytes that have come count: who announces much and sends
    nothing takes no room."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._senders: dict[str, _Sender] = {}
        self._arrivals: set[Arrival] = set()
        # From which address the sessions sent what is kept.
        self._addresses: dict[str, str] = {}

    def expect(self, session_id: str, visitor: str, files: MemoryUploadedFileManager) -> None:
        """This session is shown where to put files."""
        with self._lock:
            if session_id not in self._senders:
                gone = [known for known in self._senders if not session_is_open(known)]
                for known in gone:
                    del self._senders[known]
                    self._addresses.pop(known, None)
                self._senders[session_id] = _Sender(visitor, files)

    def begin(self, session_id: str, address: str) -> Arrival:
        """A file begins to arrive, which ends with `end`. Raises `Refused`."""
        with self._lock:
            sender = self._senders.get(session_id)
            if sender is None:
                raise Refused(NOT_ASKED)
            arrival = Arrival(session_id, sender.visitor, address)
            if self._arriving(lambda other: other.visitor == arrival.visitor) >= VISITOR_FILES:
                raise Refused(TOO_MANY, 429)
            if self._arriving(lambda other: other.address == address) >= ADDRESS_FILES:
                raise Refused(NO_ROOM, 429)
            self._check_room(arrival)
            self._addresses[session_id] = address
            self._arrivals.add(arrival)
            return arrival

    def receive(self, arrival: Arrival, size: int) -> None:
        """`size` more bytes have come. Raises `Refused`."""
        with self._lock:
            arrival.received += size
            self._check_room(arrival)

    def end(self, arrival: Arrival) -> None:
        with self._lock:
            self._arrivals.discard(arrival)

    def _arriving(self, counts: Callable[[Arrival], bool]) -> int:
        return sum(map(counts, self._arrivals))

    def _check_room(self, arrival: Arrival) -> None:
        most = MAX_UPLOAD_MEMORY.value * _MEGABYTE
        visitors = [known for known, sender in self._senders.items() if sender.visitor == arrival.visitor]
        neighbours = [known for known, address in self._addresses.items() if address == arrival.address]
        if self._bytes(visitors, lambda other: other.visitor == arrival.visitor) > VISITOR_SHARE * most:
            raise Refused(TOO_MUCH)
        if self._bytes(neighbours, lambda other: other.address == arrival.address) > ADDRESS_SHARE * most:
            raise Refused(NO_ROOM)
        if self._bytes(self._senders, lambda _: True) > most:
            raise Refused(NO_ROOM)

    def _bytes(self, sessions: Iterable[str], counts: Callable[[Arrival], bool]) -> int:
        """What these sessions have in memory, and what is on its way."""
        kept = (self._senders[session_id].files.file_storage.get(session_id, {}) for session_id in sessions)
        arriving = sum(arrival.received for arrival in self._arrivals if counts(arrival))
        return arriving + sum(len(file.data) for files in kept for file in list(files.values()))


@one_for_all
def uploads() -> Uploads:
    return Uploads()


def file_uploader(label: str, **options: Any) -> Any:
    """As Streamlit's own. Nobody else may send files."""
    session, files = session_id(), uploaded_files()
    if session is not None and files is not None:
        uploads().expect(session, st.session_state.visitor.owner, files)
    return st.file_uploader(label, **options)


class UploadGate:
    """Middleware: turns files away that nobody asked for, for which there is no room, or that do not come."""

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._place = below(base_path, "_stcore/upload_file/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(self._place):
            await self._app(scope, receive, send)
            return
        session_id = scope["path"].removeprefix(self._place).partition("/")[0]
        length = Headers(scope=scope).get("content-length", "")
        try:
            if not length.isdecimal():
                # Browsers always say it.
                raise Refused("The Content-Length of the file is missing.", 411)
            # Behind a proxy that FORWARDED_ALLOW_IPS names, this is the address that the proxy says.
            address = network((scope.get("client") or ("",))[0])
            arrival = uploads().begin(session_id, address)
        except Refused as refusal:
            await _say(refusal, scope, receive, send)
            return
        try:
            await self._admit(arrival, int(length), scope, receive, send)
        finally:
            uploads().end(arrival)

    async def _admit(self, arrival: Arrival, size: int, scope: Scope, receive: Receive, send: Send) -> None:
        deadline = time.monotonic() + IDLE_SECONDS + size / SLOWEST_BYTES_A_SECOND
        refused: list[Refused] = []

        async def receive_in_time() -> Message:
            timeout = min(IDLE_SECONDS, deadline - time.monotonic())
            try:
                message = await asyncio.wait_for(receive(), max(0, timeout))
                uploads().receive(arrival, len(message.get("body", b"")))
            except TimeoutError:
                refused.append(Refused(TOO_SLOW, 408))
            except Refused as refusal:
                refused.append(refusal)
            # To Streamlit it is as if the browser had gone.
            return {"type": "http.disconnect"} if refused else message

        async def send_unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        # A browser that left is nothing to log.
        with contextlib.suppress(ClientDisconnect):
            await self._app(scope, receive_in_time, send_unless_refused)
        if refused:
            await _say(refused[0], scope, receive, send)


async def _say(refusal: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the refusal. A browser that is still sending when the connection is closed would often not read it,
    so the rest of the file is thrown away first, for a short time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READ_OUT_SECONDS):
            while (await receive()).get("more_body"):
                pass
    # There may be more to come, so the connection cannot be used for another request.
    await PlainTextResponse(str(refusal), refusal.status, headers={"Connection": "close"})(scope, receive, send)
