"""The board: what a tile says of a run, and what is sent of it."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aelib.runs import Run, Runs
from aelib.spec.config import RunConfig
from aelib.ui.components.board.payload import Sent
from aelib.workshop import Room, Rooms
from aelib.workshop import board as boards
from aelib.workshop.board import Board
from aelib.workshop.codes import PSEUDONYMS
from aelib.workshop.export import exported
from tests.runs.waiting import wait_for, wait_for_rest, wait_until
from tests.ui.components.test_live_payload import unpack

NAMES = sorted(PSEUDONYMS)


@pytest.fixture
def rooms(runs: Runs, home: Path) -> Rooms:
    return Rooms(home, runs)


@pytest.fixture
def run(runs: Runs) -> Run:
    run = runs.create(RunConfig(dataset="digits", widths=(), code_size=4, epochs=1), "one", train=True)
    wait_for(run, lambda view: bool(view.pca))
    wait_for_rest(run)
    return run


@pytest.fixture
def room(rooms: Rooms, run: Run) -> Room:
    room = rooms.open("Saturday", "leader")
    person, _ = rooms.join(room.id, ("one",), NAMES[0])
    rooms.note(room.id, person.id, run.id)
    rooms.join(room.id, ("two",), NAMES[1])
    return rooms.get(room.id) or room


def test_a_tile_says_what_the_run_says(rooms: Rooms, room: Room, run: Run) -> None:
    view, (tile, idle) = run.view(), Board(rooms).tiles(room)
    assert tile.run is not None and view.newest is not None
    assert tile.run.error == view.newest.metrics.test_mse
    assert tile.run.pca == view.pca[-1].mse
    assert (tile.run.code_units, tile.run.step) == (4, view.step)
    np.testing.assert_array_equal(tile.run.outputs, view.newest.images.output[: boards.IMAGES])
    assert tile.run.curve[-1].tolist() == [view.step, np.float32(tile.run.error)]
    assert len(tile.run.curve) <= boards.CURVE_POINTS
    assert not tile.away
    assert (idle.name, idle.run, idle.away) == (NAMES[1], None, True)


def test_a_run_that_left_memory_stays_on_the_board(rooms: Rooms, room: Room, run: Run, runs: Runs) -> None:
    board = Board(rooms)
    first = board.tiles(room)[0].run
    run._lease.end()

    def released() -> bool:
        runs.sweep()
        return runs.find(run.id) is None

    wait_until(released)
    assert board.tiles(room)[0].run is first
    again = Board(rooms).tiles(room)[0].run
    assert again is not None and again.error == first.error  # type: ignore[union-attr]
    # Looking at the board does not keep a run awake.
    assert not runs.get(run.id).watched


def test_only_news_is_sent(rooms: Rooms, room: Room, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "FRESH_SECONDS", 0.0)
    board, sent = Board(rooms), Sent()
    block = sent.payload(board.tiles(room))
    assert block is not None
    header, _ = unpack(block)
    assert [tile["name"] for tile in header["tiles"]] == NAMES[:2]
    assert sorted(header["runs"]) == sorted(person.id for person in room.participants)
    assert sent.payload(board.tiles(room)) is None
    rooms.raise_hand(room.id, room.participants[1].id, True)
    block = sent.payload(board.tiles(rooms.get(room.id) or room))
    assert block is not None
    header, _ = unpack(block)
    assert [tile["hand"] for tile in header["tiles"]] == [0, 1] and header["runs"] == {}
    run.step()
    wait_for_rest(run)
    block = sent.payload(board.tiles(rooms.get(room.id) or room))
    assert block is not None
    assert list(unpack(block)[0]["runs"]) == [room.participants[0].id]
    # An id with which a run could be opened is not told.
    assert run.id.encode() not in block


def test_a_room_is_exported_as_a_table_and_images(rooms: Rooms, room: Room, run: Run) -> None:
    rooms.ask(room.id, "=2+3?", ["5", "-6"])
    poll = (rooms.get(room.id) or room).poll
    assert poll is not None
    rooms.answer(room.id, room.participants[0].id, poll.id, 1)
    room = rooms.get(room.id) or room
    with zipfile.ZipFile(io.BytesIO(exported(rooms, room))) as files:
        rows = list(csv.DictReader(io.StringIO(files.read("participants.csv").decode())))
        assert [row["pseudonym"] for row in rows] == NAMES[:2]
        newest = run.view().newest
        assert newest is not None
        assert float(rows[0]["test_mse"]) == newest.metrics.test_mse
        assert rows[1]["status"] == "no run"
        # No spreadsheet takes it for a formula.
        assert [row["'=2+3?"] for row in rows] == ["'-6", ""]
        image = np.asarray(Image.open(io.BytesIO(files.read(f"images/{NAMES[0]}.png"))))
        outputs = newest.images.output
        np.testing.assert_array_equal(image[::4, ::4], np.hstack(list(outputs.reshape(-1, 28, 28))))
