"""Images that follow a hand: while a slider is dragged or a stroke is drawn, a grid asks for its rows by a WebSocket
of its tab. A page of Streamlit's is drawn again only when the hand rests: that takes ten times as long.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from aelib.cluster.engine import Engine, EngineLost
from aelib.runs import Runs
from aelib.ui.components.image_grid.payload import Follows
from aelib.ui.server.channel import CHANNEL, TOO_LONG, UNKNOWN, Channel, admitted, tab_channel
from aelib.ui.server.routes import below

T = TypeVar("T")

# A drawing is the longest message: 112 × 112 bytes as base64.
MAX_MESSAGE_CHARACTERS = 20_000
# So long an answer is waited for; the page is drawn again anyway.
TIMEOUT = 5.0


@dataclass(frozen=True)
class Preview(Generic[T]):
    """How a grid's rows are found for what the hand says.

    `question`: the function to be called on the engine and its arguments, for a message; None for a message that makes
    no sense. `block`: what the grid is sent (see `aelib.ui.components.image_grid.payload`), for the message and the
    answer. Both are called outside of any page, and must not touch the session.
    """

    engine: Engine
    question: Callable[[str], tuple[Callable[..., T], *tuple[Any, ...]] | None]
    block: Callable[[str, T], bytes]

    async def answer(self, message: str) -> bytes:
        """The block, or nothing where there is none."""
        # In threads: nothing else is to wait for it.
        question = await asyncio.to_thread(self.question, message)
        if question is None:
            return b""
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[T | None] = loop.create_future()

        def settle(value: T | None) -> None:
            if not answered.done():
                answered.set_result(value)

        with contextlib.suppress(EngineLost, TimeoutError):
            sent = self.engine.tell(lambda value: loop.call_soon_threadsafe(settle, value), *question)
            try:
                async with asyncio.timeout(TIMEOUT):
                    value = await answered
            finally:
                # Dask gives up what nobody holds, and what nobody waits for is given up.
                sent.release()
            if value is not None:
                return await asyncio.to_thread(self.block, message, value)
        return b""


def offer(preview: Preview[Any], runs: Runs, name: str, at: str) -> Follows:
    """Has the page's grids follow the hand `name`; `at`: what it had done when the page was drawn."""
    channel = tab_channel(runs)
    channel.previews[name] = preview
    return Follows(channel.token, name, at)


def withdraw() -> None:
    """Another page is drawn: what the one before offered is forgotten, with the states that it would ask about, and
    its board."""
    if CHANNEL in st.session_state:
        channel: Channel = st.session_state[CHANNEL]
        channel.previews.clear()
        channel.board = None


async def serve(websocket: WebSocket) -> None:
    """Answers one message after the other, as long as the tab is open."""
    async with admitted(websocket) as channel:
        if channel is None:
            return
        with contextlib.suppress(WebSocketDisconnect, WebSocketDisconnected):
            while True:
                request = await websocket.receive()
                if request["type"] == "websocket.disconnect":
                    return
                message: str = request.get("text") or ""
                if len(message) > MAX_MESSAGE_CHARACTERS or request.get("bytes"):
                    await websocket.close(TOO_LONG)
                    return
                if not channel.is_open():
                    await websocket.close(UNKNOWN)
                    return
                preview = channel.previews.get(websocket.path_params["name"])
                channel.hand.moves()
                await websocket.send_bytes(b"" if preview is None else await preview.answer(message))


def route(base_path: str) -> WebSocketRoute:
    """Where grids connect, on a server whose pages are below `base_path`."""
    return WebSocketRoute(below(base_path, "preview/{token}/{name}"), serve)
