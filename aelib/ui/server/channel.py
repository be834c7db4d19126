"""What one tab of a browser may ask for by WebSockets of its own, beside Streamlit's, and who may connect."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import streamlit as st
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from aelib.runs import Runs
from aelib.ui.server.hand import Hand
from aelib.ui.server.internals import origin_is_allowed, session_id, session_is_open
from aelib.ui.server.routes import one_for_all

if TYPE_CHECKING:
    from aelib.ui.server.preview import Preview
    from aelib.workshop.board import Tile

# Where a session keeps its channel.
CHANNEL = "channel"
# How many connections one tab may have: a view that is mounted again connects before the one before it is gone.
MAX_CONNECTIONS = 4
# Why a connection is closed: a page of another site opened it; no open tab has this token (it was guessed, the tab was
# closed, or the server was restarted); the tab has too many connections; a request is too long.
FOREIGN, UNKNOWN, TOO_MANY, TOO_LONG = 4403, 4404, 4429, 1009
# However little happens: how often a run is told that somebody looks, images are looked for that were not there, and
# a page is called for that did not come.
RENEWAL_SECONDS = 2.0
# A view asks for the next message with one word.
MAX_REQUEST_CHARACTERS = 16


@dataclass(frozen=True)
class Scene:
    """What a live view is to show: a run, with the curve of another `beside` it, or images of the data set where
    there is no run, or (`example`) the run that was trained beforehand. `status`: the run's, as the page was drawn with
    it. `corruption`: name, level and seed of what is to be shown of settings that no run has yet. `read_only`: whoever
    looks may not steer the run, and is not told its id, with which anybody could."""

    run_id: str | None
    beside_id: str | None
    status: str | None
    dataset: str
    example: bool = False
    corruption: tuple[str, float, int] | None = None
    read_only: bool = False


def masked(run_id: str) -> str:
    """A name by which a browser tells a run from others without being able to open it."""
    return hashlib.sha256(run_id.encode()).hexdigest()[:16]


class Source(Protocol):
    """What a view in the browser asks for one message after the other."""

    @property
    def is_open(self) -> bool:
        """Is the tab there?"""

    async def next(self) -> bytes | None:
        """The next message, when there is news; None once the tab is closed."""


class Channel:
    """What one tab's live view shows, what its grids can preview, and the tiles of the board that it shows (`board`;
    None where the tab may not see one now). Who knows the token may ask, and nobody else."""

    def __init__(self, runs: Runs, is_open: Callable[[], bool] = lambda: True) -> None:
        """`is_open`: is the tab there? A token is of no use without it."""
        self.runs = runs
        self.is_open = is_open
        self.connections = 0
        self.token = secrets.token_urlsafe(16)
        self.scene: Scene | None = None
        self.previews: dict[str, Preview[Any]] = {}
        self.board: Callable[[], list[Tile] | None] | None = None
        self.hand = Hand()
        channels()[self.token] = self

    def show(self, scene: Scene) -> None:
        self.scene = scene


@one_for_all
def channels() -> WeakValueDictionary[str, Channel]:
    """Those of all tabs, by their token; each is kept by its session."""
    return WeakValueDictionary()


def tab_channel(runs: Runs) -> Channel:
    """The channel of the tab whose page is being drawn."""
    if CHANNEL not in st.session_state:
        session = session_id()
        assert session is not None, "a page is drawn by a session"
        st.session_state[CHANNEL] = Channel(runs, lambda: session_is_open(session))
    channel: Channel = st.session_state[CHANNEL]
    return channel


def tab_hand() -> Hand | None:
    """The visitor's hand on the tab whose page is being drawn; None where nothing follows one."""
    channel: Channel | None = st.session_state.get(CHANNEL)
    return None if channel is None else channel.hand


@asynccontextmanager
async def admitted(websocket: WebSocket) -> AsyncIterator[Channel | None]:
    """The channel of the token in the address, with one connection more while in here; None, and the connection is
    closed, where it may not be used."""
    await websocket.accept()
    channel = channels().get(websocket.path_params["token"])
    if not _same_site(websocket):
        await websocket.close(FOREIGN)
    elif channel is None or not channel.is_open():
        await websocket.close(UNKNOWN)
    elif channel.connections >= MAX_CONNECTIONS:
        await websocket.close(TOO_MANY)
    else:
        channel.connections += 1
        try:
            yield channel
        finally:
            channel.connections -= 1
        return
    yield None


def _same_site(websocket: WebSocket) -> bool:
    """Does a page of this server connect, or of one that `server.corsAllowedOrigins` names? Programs send no origin,
    and a browser never leaves it out."""
    origin = websocket.headers.get("origin")
    if origin is None or urlsplit(origin).netloc == websocket.headers.get("host"):
        return True
    return origin_is_allowed(origin)


async def answer_requests(websocket: WebSocket, source: Source) -> None:
    """Sends one message for each request, as long as the tab is open."""
    requested = asyncio.Event()

    async def answer() -> None:
        with contextlib.suppress(WebSocketDisconnect, WebSocketDisconnected):
            while source.is_open:
                with contextlib.suppress(TimeoutError):
                    # Not `wait_for`: before Python 3.12 it is not cancelled where a request came at the same moment.
                    async with asyncio.timeout(RENEWAL_SECONDS):
                        await requested.wait()
                    requested.clear()
                    message = await source.next()
                    if message is not None:
                        await websocket.send_bytes(message)
            await websocket.close(UNKNOWN)

    async with asyncio.TaskGroup() as tasks:
        answering = tasks.create_task(answer())
        while (request := await websocket.receive())["type"] != "websocket.disconnect":
            if len(request.get("text") or request.get("bytes") or "") > MAX_REQUEST_CHARACTERS:
                await websocket.close(TOO_LONG)
                break
            requested.set()
        answering.cancel()
