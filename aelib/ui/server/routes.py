"""What the app adds to Streamlit's web server, beside the live view's line."""

from __future__ import annotations

import functools
import signal
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect, WebSocketDisconnected
from streamlit.file_util import get_static_dir

T = TypeVar("T")

# Tells Streamlit's client where its server is: where the pages lie.
AT_HOME = '<script>window.__streamlit = { BACKEND_BASE_URL: new URL(".", location.href).href }</script>'


def one_for_all(make: Callable[[], T]) -> Callable[[], T]:
    """Of what `make` makes, all visitors of a server share one, for as long as it lives.

    It is kept twice. Streamlit's cache outlives a module that is loaded again, as while developing; but every visitor
    can send the message that clears it, and would have the server start a second engine.
    """
    return functools.cache(st.cache_resource(show_spinner=False)(make))


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


def page_html() -> str:
    """Streamlit's page, told where its server is."""
    html = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    return html.replace("<head>", f"<head>{AT_HOME}", 1)


def page_routes(base_path: str, names: Iterable[str]) -> list[Route]:
    """Where the pages `names` are served, on a server whose pages are below `base_path`.

    Streamlit serves them itself; but a browser that comes by the address of a page looks for the server below that page
    first, and its console tells of two faults.
    """
    html = page_html()

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(html, headers={"Cache-Control": "no-cache"})

    return [Route(below(base_path, name), page) for name in names]


def below(base_path: str, path: str) -> str:
    """The address of `path` on a server whose pages are below `base_path`."""
    prefix = base_path.strip("/")
    return f"/{prefix}/{path}" if prefix else f"/{path}"
