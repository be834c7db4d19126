"""A browser tab without a browser: it speaks the app's own protocol over its WebSocket, and keeps its timers.

Thirty real browsers would need a room of computers; what they ask of the server can be asked by one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from aelib.ui.server.visitors import COOKIE

PATIENCE = 120.0
LIVE_VIEW = "-live"


@dataclass(frozen=True)
class Sight:
    """What the live view showed at a moment (`time.monotonic`)."""

    moment: float
    step: int
    status: str
    place: int


class Visitor:
    """One tab at the app at `url`. Use it as a context; `sights` are all that its live view showed. `browser`: the tabs
    of the same browser (32 hexadecimal digits) are one visitor; without it, each is a visitor of its own. `address`: of
    this machine's, the one that it comes from; `headers`: of all its requests."""

    def __init__(
        self,
        url: str,
        browser: str | None = None,
        *,
        address: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._url = url.replace("http", "ws", 1)
        cookies = {} if browser is None else {"Cookie": f"{COOKIE}soak={browser}"}
        self._connect = partial(
            connect,
            max_size=None,
            compression=None,
            additional_headers={**cookies, **(headers or {})},
            local_addr=None if address is None else (address, 0),
        )
        self.sights: list[Sight] = []
        # Sentences and faults that the page showed since it was opened.
        self.said: list[str] = []
        self.faults: list[str] = []
        self.run_id: str | None = None
        self._query = self._page = ""
        # The widgets that can be pressed, by their key: (id, the fragment that they are in).
        self._buttons: dict[str, tuple[str, str]] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        # The live view's component, the token of its line, and who listens there.
        self._live = self._token = ""
        self._watching: asyncio.Task[None] | None = None
        self._drawn = asyncio.Event()

    async def __aenter__(self) -> Visitor:
        self._socket: ClientConnection = await self._connect(
            f"{self._url}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], open_timeout=PATIENCE
        )
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_timers()
        if self._watching is not None:
            self._watching.cancel()
        self._listening.cancel()
        await self._socket.close()

    async def open(self, **query: str) -> Visitor:
        """Asks for the Train page with these settings, and waits until it is drawn."""
        self._query = "&".join(f"{name}={value}" for name, value in query.items())
        self.said, self.faults = [], []
        await self._ask()
        return self

    async def press(self, key: str) -> None:
        """Presses the button of this key, once the page has it, and waits until the page has reacted."""
        widget, fragment = await self._until(lambda: self._buttons.get(key), f"a button “{key}”")
        await self._ask(fragment, pressed=widget)

    async def wait_for_step(self, least: int) -> int:
        """Waits until the live view shows this step or a later one."""
        await self._until(lambda: self.sights and self.sights[-1].step >= least, f"step {least}")
        return self.sights[-1].step

    async def wait_for_status(self, status: str) -> None:
        await self._until(lambda: self.sights and self.sights[-1].status == status, status)

    async def _until(self, there: Any, what: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (found := there()):
            if time.monotonic() > deadline or self._listening.done():
                raise AssertionError(f"waited in vain for {what}: {self.sights[-1:]} {self.said} {self.faults}")
            await asyncio.sleep(0.02)
        return found

    async def _ask(self, fragment: str = "", pressed: str = "", timer: bool = False, called: bool = False) -> None:
        """Has the page, or a fragment of it, drawn, because a button was `pressed`, a timer rang, or the live view
        `called` for it; waits for it only in the first case, or where it is none of them."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash = self._query, self._page
        state.fragment_id, state.is_auto_rerun = fragment, timer
        if pressed:
            state.widget_states.widgets.add(id=pressed, trigger_value=True)
        if called:
            events = f"$$STREAMLIT_INTERNAL_KEY_{self._live}__events"
            value = json.dumps([{"event": "outdated", "value": True}])
            state.widget_states.widgets.add(id=events, json_trigger_value=value)
        self._drawn.clear()
        await self._socket.send(message.SerializeToString())
        if not timer and not called:
            await asyncio.wait_for(self._drawn.wait(), PATIENCE)

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for data in self._socket:
                message = ForwardMsg.FromString(data)  # type: ignore[arg-type]
                match message.WhichOneof("type"):
                    case "new_session":
                        self._begin(message)
                    case "delta":
                        self._show(message)
                    case "auto_rerun":
                        self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
                    case "stop_auto_rerun":
                        for fragment in message.stop_auto_rerun.fragment_ids:
                            self._stop_timer(fragment)
                    case "page_info_changed":
                        self._query = message.page_info_changed.query_string
                        self.run_id = parse_qs(self._query).get("run", [None])[0]
                    case "script_finished":
                        self._drawn.set()

    def _begin(self, message: ForwardMsg) -> None:
        if message.metadata.run.fragment_ids:
            return
        # As a browser does: a run of the whole page ends all timers, and draws everything again.
        self._page = message.new_session.page_script_hash
        self._stop_timers()
        self._buttons = {}

    def _show(self, message: ForwardMsg) -> None:
        delta = message.delta
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        match element.WhichOneof("type"):
            case "button":
                key = element.button.id.rsplit("-", 1)[-1]
                self._buttons[key] = element.button.id, delta.fragment_id
            case "alert":
                self.said.append(element.alert.body)
            case "exception":
                self.faults.append(f"{element.exception.type}: {element.exception.message}")
            case "bidi_component" if element.bidi_component.id.endswith(LIVE_VIEW):
                self._live = element.bidi_component.id
                self._watch(json.loads(element.bidi_component.json)["token"])

    def _watch(self, token: str) -> None:
        """As the live view does: asks for one message after the other."""
        if token == self._token:
            return
        self._token = token
        if self._watching is not None:
            self._watching.cancel()

        async def watch() -> None:
            with contextlib.suppress(ConnectionClosed):
                async with self._connect(f"{self._url}/live/{token}") as line:
                    while True:
                        await line.send("next")
                        if self._see(await line.recv(decode=False)):
                            await self._ask(called=True)

        self._watching = asyncio.create_task(watch())

    def _see(self, block: bytes) -> bool:
        """Notes what the live view shows; is the page around it outdated?"""
        length = int.from_bytes(block[:4], "little")
        header = json.loads(block[4 : 4 + length])
        run = header.get("run")
        if run:
            self.sights.append(Sight(time.monotonic(), run["step"], run["status"], run["place"]))
        return bool(header["outdated"])

    def _start_timer(self, fragment: str, interval: float) -> None:
        self._stop_timer(fragment)

        async def tick() -> None:
            with contextlib.suppress(ConnectionClosed):
                while True:
                    await asyncio.sleep(interval)
                    await self._ask(fragment, timer=True)

        self._timers[fragment] = asyncio.create_task(tick())

    def _stop_timer(self, fragment: str) -> None:
        timer = self._timers.pop(fragment, None)
        if timer is not None:
            timer.cancel()

    def _stop_timers(self) -> None:
        for fragment in list(self._timers):
            self._stop_timer(fragment)
