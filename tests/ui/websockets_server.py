"""A route of WebSockets, served alone by the server that Streamlit uses."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from tests.runs.waiting import wait_until


@contextmanager
def served(route: WebSocketRoute) -> Iterator[str]:
    """Yields the address of the server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[route]), port=port, log_level="warning"))
    serving = threading.Thread(target=lambda: asyncio.run(server.serve()))
    serving.start()
    wait_until(lambda: server.started)
    yield f"ws://127.0.0.1:{port}"
    server.should_exit = True
    serving.join()
