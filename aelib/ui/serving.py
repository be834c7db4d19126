"""What the app adds to Streamlit's web server, beside the live view's line."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Lets the process come to its end in order.

    When all is done, uvicorn raises the signal that stopped it once more. That would end Python at once, before runs
    are in the store and the engine's processes have been told; while it is blocked, it does not arrive.
    """
    yield
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})


class ClosedTabs:
    """Middleware: takes the end of a tab as what it is.

    That a tab was closed just while it was sent something, Streamlit 1.67 takes for a wrong message, which it answers
    by closing the connection once more. The server would log that as a fault, with a traceback, though nothing is
    wrong and nobody is left to be told.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except (WebSocketDisconnect, WebSocketDisconnected):
            if scope["type"] != "websocket":
                raise
