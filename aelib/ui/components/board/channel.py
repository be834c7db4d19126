"""A board's own line to the server: a message for each request, when there is news (see the live view's)."""

from __future__ import annotations

import asyncio
import time

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from aelib.ui.components.board.payload import Sent
from aelib.ui.server.channel import Channel, admitted, answer_requests
from aelib.ui.server.routes import below

# A board is sent so often at most, and news is looked for as often.
PACE_SECONDS = 1.0


class Connection:
    """One board that is connected."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._sent = Sent()
        self._looked_at = -PACE_SECONDS

    @property
    def is_open(self) -> bool:
        """Is the tab there?"""
        return self._channel.is_open()

    async def next(self) -> bytes | None:
        """The next message, when there is news and it is time for it; None once the tab is closed."""
        while self.is_open:
            await asyncio.sleep(max(0.0, self._looked_at + PACE_SECONDS - time.monotonic()))
            self._looked_at = time.monotonic()
            # In a thread: thirty runs are looked at, and some may be read from disk.
            block = await asyncio.to_thread(self.look)
            if block is not None:
                return block
        return None

    def look(self) -> bytes | None:
        """The news since the last look, or None."""
        tiles = None if self._channel.board is None else self._channel.board()
        return None if tiles is None else self._sent.payload(tiles)


async def serve(websocket: WebSocket) -> None:
    """Sends a board one message for each request, as long as its tab is open."""
    async with admitted(websocket) as channel:
        if channel is not None:
            await answer_requests(websocket, Connection(channel))


def route(base_path: str) -> WebSocketRoute:
    """Where boards connect, on a server whose pages are below `base_path`."""
    return WebSocketRoute(below(base_path, "board/{token}"), serve)
