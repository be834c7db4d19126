"""What a leader sees of each participant: the newest reconstructions, the error next to PCA's, and who needs help."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np

from aelib.runs import Run, RunView, Unreadable
from aelib.runs.status import ASLEEP
from aelib.spec.architecture import plan
from aelib.workshop.room import Participant, Room
from aelib.workshop.rooms import Rooms

# Reconstructions on a tile, and points of its curve, at most.
IMAGES, CURVE_POINTS = 6, 60
# A run is looked at again after so long at the earliest.
FRESH_SECONDS = 1.0
# A page tells every 1.5 seconds that it is open: a participant who was not heard of for so long is away.
AWAY_SECONDS = 10.0


@dataclass(frozen=True, eq=False)
class RunTile:
    """A run as its tile shows it. `curve`: test errors, float32 [points, 2] as (step, MSE). `outputs`: reconstructions
    of the first test images, uint8 [images, planes × 784]; None before there are any."""

    status: str
    step: int
    budget: int
    code_units: int
    error: float | None
    pca: float | None
    curve: np.ndarray
    outputs: np.ndarray | None


@dataclass(frozen=True)
class Tile:
    """A participant on the board. `idle_seconds`: how long there was no progress (see `Presence.progress_at`). `hand`:
    when it was raised. `run` is the same object as long as the run shows the same."""

    participant: str
    name: str
    hand: float | None
    away: bool
    idle_seconds: float
    run: RunTile | None


@dataclass
class _Kept:
    version: int | None
    looked_at: float
    tile: RunTile | None


class Board:
    """The tiles of all rooms of a server: a run is looked at once, however many screens show it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def tiles(self, room: Room) -> list[Tile]:
        """One for each participant who is in the room, in the order in which they joined."""
        now = time.monotonic()
        with self._lock:
            self._forget_unused(now)
            return [self._tile(person, now) for person in room.present]

    def _tile(self, person: Participant, now: float) -> Tile:
        presence = self._rooms.presence(person.id)
        away = presence is None or now - presence.seen_at > AWAY_SECONDS
        idle = 0.0 if presence is None else now - presence.progress_at
        run = None if person.run_id is None else self._run(person.run_id, now)
        return Tile(person.id, person.name, person.hand, away, idle, run)

    def _run(self, run_id: str, now: float) -> RunTile | None:
        kept = self._kept.get(run_id)
        run = self._rooms.runs.find(run_id)
        if kept is None:
            # One that rests in the store is opened once.
            run = run or self._opened(run_id)
            kept = self._kept[run_id] = _Kept(None, -FRESH_SECONDS, None)
        if run is not None and run.version != kept.version and now - kept.looked_at >= FRESH_SECONDS:
            kept.version, kept.tile, kept.looked_at = run.version, _shown(run.view()), now
        return kept.tile

    def _opened(self, run_id: str) -> Run | None:
        try:
            return self._rooms.runs.get(run_id)
        except Unreadable:
            return None

    def _forget_unused(self, now: float) -> None:
        used = {person.run_id for room in self._rooms.all() for person in room.present}
        for run_id in self._kept.keys() - used:
            del self._kept[run_id]


def _shown(view: RunView) -> RunTile:
    tested = [(point.step, point.test_mse) for point in view.curve if point.test_mse is not None]
    if len(tested) > CURVE_POINTS:
        chosen = np.linspace(0, len(tested) - 1, CURVE_POINTS).round().astype(int)
        tested = [tested[index] for index in chosen]
    return RunTile(
        status=ASLEEP if view.asleep else view.status,
        step=view.step,
        budget=view.budget,
        code_units=plan(view.config).code_units,
        error=tested[-1][1] if tested else None,
        pca=view.pca[-1].mse if view.pca else None,
        curve=np.array(tested, np.float32).reshape(-1, 2),
        outputs=None if view.newest is None else view.newest.images.output[:IMAGES],
    )
