"""The live view's own line to the server: a WebSocket beside Streamlit's.

Every run of a page, or of a fragment of it, costs Streamlit some 7 ms of a core before anything is drawn; thirty
people whose live views were drawn by timers took a fifth of two cores from those who train. Here a frame costs what
packing it costs. The page says what its tab is to show (`Channel.show`); the view in the browser asks for one message
after the other, and each comes when there is news and the pace allows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from dataclasses import replace

import numpy as np
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from aelib import example
from aelib.cluster.engine import Engine, EngineLost
from aelib.datasets import Dataset
from aelib.runs import Run, Unreadable
from aelib.spec.fields import InvalidInput
from aelib.train import slices
from aelib.ui.components.live.payload import Viewer
from aelib.ui.server.channel import RENEWAL_SECONDS, Channel, Scene, admitted, answer_requests, masked
from aelib.ui.server.drawings import Drawing, all_drawings
from aelib.ui.server.routes import below
from aelib.ui.session.datasets import loaded_dataset

# All views together are sent about this many frames a second, each at most one in `FASTEST` seconds.
FRAMES_A_SECOND = 30
FASTEST = 0.25
# News is looked for so many times as often as it may be sent.
LOOKS = 5


# Corrupted images uint8 [12, 784], and which of their pixels were removed, bool [12, 784], if any.
Preview = tuple[np.ndarray, np.ndarray | None] | None


class Connection:
    """One live view that is connected: what it was sent already, and what would be news to it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._viewer = Viewer()
        self._scene: Scene | None = None
        self._run: Run | None = None
        self._beside: Run | None = None
        self._dataset: Dataset | None = None
        self._seen: object = None
        # Which corrupted images were asked for, and those that have come.
        self._asked: object = None
        self._preview: Preview = None
        self._previews = 0
        # For what the page was called last.
        self._called: object = None
        self._sent_at = self._looked_at = self._called_at = -RENEWAL_SECONDS

    @property
    def is_open(self) -> bool:
        """Is the tab there?"""
        return self._channel.is_open()

    async def next(self) -> bytes | None:
        """The next message (see `payload`), when there is news and it is time for it; None once the tab is closed."""
        while self.is_open:
            pace = max(FASTEST, self._channel.runs.watched() / FRAMES_A_SECOND)
            now = time.monotonic()
            asked_anew = self._channel.scene != self._scene
            if asked_anew or now >= self._looked_at + RENEWAL_SECONDS or (now >= self._sent_at + pace and self._moved):
                self._looked_at = now
                # In a thread: a run's lock may be held for some milliseconds, and a sleeping run is read from disk.
                block = await asyncio.to_thread(self.look)
                if block is not None:
                    self._sent_at = now
                    return block
            await asyncio.sleep(pace / LOOKS)
        return None

    @property
    def _moved(self) -> bool:
        return self._seen != self._state()

    def _state(self) -> object:
        """Whatever is news when it has become another."""
        run, beside = self._run, self._beside
        runs = run and (run.version, run.status), beside and beside.version
        return self._scene, runs, self._dataset is None, self._drawings(), self._previews

    def _drawings(self) -> tuple[Drawing, ...]:
        """Those on the pages of the run."""
        return () if self._run is None else all_drawings().of(self._run.id)

    def look(self) -> bytes | None:
        """The news since the last look, or None. Tells the runs that somebody looks."""
        scene = self._channel.scene
        if scene is None:
            return None
        if self._dataset is None or self._scene is None or scene != self._scene:
            self._dataset = example.dataset() if scene.example else loaded_dataset(scene.dataset)
        self._scene = scene
        self._run, self._beside = self._find(scene.run_id), self._find(scene.beside_id)
        self._ask_preview(scene)
        # Read before the views are taken: what comes in between is news the next time.
        state = self._state()
        outdated = self._call_for_page(scene)
        if state == self._seen and not outdated:
            return None
        self._seen = state
        view, beside = (None if run is None else run.view() for run in (self._run, self._beside))
        if scene.example:
            view = example.view()
        if scene.read_only and view is not None:
            findings = tuple(replace(finding, remedy="") for finding in view.findings)
            view = replace(view, id=masked(view.id), findings=findings)
        drawings, mine = self._drawings(), all_drawings().name(scene.run_id or "", self._channel)
        return self._viewer.payload(view, self._dataset, beside, drawings, self._preview, mine=mine, outdated=outdated)

    def _ask_preview(self, scene: Scene) -> None:
        """Asks for images with the corruption of the settings, once engine and images are there."""
        engine = self._channel.runs.engine
        wanted = scene.corruption and (scene.dataset, *scene.corruption)
        if wanted == self._asked or self._dataset is None or (wanted and engine is None):
            return
        self._asked = wanted
        if scene.corruption is None or engine is None:
            self._preview = None
            self._previews += 1
            return

        def arrived(preview: Preview) -> None:
            if self._asked == wanted:
                self._preview = preview
                self._previews += 1

        def ask(engine: Engine, dataset: str, corruption: tuple[str, float, int]) -> None:
            # What cannot be asked now is asked with the next change.
            with contextlib.suppress(EngineLost, InvalidInput):
                engine.tell(arrived, slices.corrupted_images, engine.data(dataset).data, *corruption)

        # The data may have to be sent to the engine first.
        threading.Thread(target=ask, args=(engine, scene.dataset, scene.corruption), daemon=True).start()

    def _call_for_page(self, scene: Scene) -> bool:
        """Is it to be drawn again, and has not just been told so?"""
        status, now = None if self._run is None else self._run.status, time.monotonic()
        told = self._called == (scene, status) and now < self._called_at + RENEWAL_SECONDS
        if status == scene.status or told:
            return False
        self._called, self._called_at = (scene, status), now
        return True

    def _find(self, run_id: str | None) -> Run | None:
        """The run, told that somebody looks; it may have left memory meanwhile. None where it was deleted."""
        if run_id is None:
            return None
        try:
            run = self._channel.runs.get(run_id)
        except Unreadable:
            return None
        run.touch()
        return run


async def serve(websocket: WebSocket) -> None:
    """Sends a live view one message for each request, as long as its tab is open."""
    async with admitted(websocket) as channel:
        if channel is not None:
            await answer_requests(websocket, Connection(channel))


def route(base_path: str) -> WebSocketRoute:
    """Where live views connect, on a server whose pages are below `base_path`."""
    return WebSocketRoute(below(base_path, "live/{token}"), serve)
