"""What the app adds to Streamlit's web server."""

from __future__ import annotations

import asyncio

import pytest
import streamlit as st
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from aelib.ui.server.routes import ClosedTabs, one_for_all


async def streamlits_end_of_a_connection(scope: Scope, receive: Receive, send: Send) -> None:
    """As Streamlit 1.67 does it."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    with pytest.raises(WebSocketDisconnect):
        await websocket.send_bytes(b"picture")
    try:
        await websocket.receive_bytes()
    except RuntimeError:
        await websocket.close()


def test_a_tab_that_closes_while_it_is_sent_something_is_no_fault() -> None:
    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        if message != {"type": "websocket.accept", "subprotocol": None, "headers": []}:
            raise OSError("the client is gone")

    async def serve(app: object) -> None:
        await app({"type": "websocket", "headers": []}, receive, send)  # type: ignore[operator]

    with pytest.raises(WebSocketDisconnected):
        asyncio.run(serve(streamlits_end_of_a_connection))
    asyncio.run(serve(ClosedTabs(streamlits_end_of_a_connection)))


def test_what_all_share_is_there_however_often_a_visitor_has_caches_cleared() -> None:
    @one_for_all
    def made() -> object:
        return object()

    first = made()
    st.cache_resource.clear()
    assert made() is first


@pytest.mark.parametrize("kind", ["websocket", "http"])
def test_faults_stay_faults(kind: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("a fault")

    async def nothing(*_: object) -> None:
        pass

    with pytest.raises(ValueError, match="a fault"):
        asyncio.run(ClosedTabs(app)({"type": kind}, nothing, nothing))  # type: ignore[arg-type]
