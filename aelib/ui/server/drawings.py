"""What visitors have drawn on the pages of a run: all who look at the run see it on their maps."""

from __future__ import annotations

import itertools
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from aelib.ui.server.channel import Channel
from aelib.ui.server.routes import one_for_all

# So many drawings are kept of a run, the newest, and of so many runs.
MOST_DRAWINGS = 40
MOST_RUNS = 100


@dataclass(frozen=True, eq=False)
class Drawing:
    """`image`: uint8 [28, 28]. `name`: of the tab that drew it, as others may know it; `number`: its own."""

    name: str
    number: int
    image: np.ndarray


@dataclass
class Drawings:
    """The newest drawing of each tab on each run. Thread-safe."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _of: dict[str, dict[str, tuple[Channel, Drawing]]] = field(default_factory=dict)

    def put(self, run_id: str, channel: Channel, image: np.ndarray | None) -> None:
        """The tab of this channel has drawn `image`, uint8 [28, 28], or (None) wiped it off."""
        with self._lock:
            drawn = self._of.pop(run_id, {})
            before = drawn.pop(channel.token, None)
            if image is not None:
                drawn[channel.token] = (channel, self._newest(before and before[1], image))
            while len(drawn) > MOST_DRAWINGS:
                del drawn[next(iter(drawn))]
            if drawn:
                self._of[run_id] = drawn
            while len(self._of) > MOST_RUNS:
                del self._of[next(iter(self._of))]

    def _newest(self, before: Drawing | None, image: np.ndarray) -> Drawing:
        """The drawing before, where it is the same."""
        if before is not None and np.array_equal(before.image, image):
            return before
        return Drawing(before.name if before else secrets.token_urlsafe(6), next(self._numbers), image)

    def of(self, run_id: str) -> tuple[Drawing, ...]:
        """Those of all tabs that are open."""
        with self._lock:
            return tuple(drawing for channel, drawing in self._of.get(run_id, {}).values() if channel.is_open())

    def name(self, run_id: str, channel: Channel) -> str:
        """That of the tab's own drawing, or ""."""
        with self._lock:
            _, drawing = self._of.get(run_id, {}).get(channel.token, (None, None))
            return "" if drawing is None else drawing.name


@one_for_all
def all_drawings() -> Drawings:
    """Those of this server."""
    return Drawings()
