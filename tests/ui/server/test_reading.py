"""Whose files are read, and for how long."""

from __future__ import annotations

import contextlib
import io
import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from PIL import Image

from aelib import datasets
from aelib.datasets import Cancelled, NoRoom
from aelib.datasets.confined.allowance import MEGABYTES
from aelib.spec.fields import InvalidInput
from aelib.ui.server import reading
from aelib.ui.server.reading import (
    ADDRESS_AT_ONCE,
    AT_ONCE,
    NotYet,
    ReadingQueue,
    dataset_reading,
    read_picture,
    tab_closed,
)
from aelib.ui.server.visitors import Visitor
from tests.datasets.samples import blank_pages, pngs
from tests.processes import readers
from tests.runs.waiting import wait_until


def visitor(name: str, address: str) -> Visitor:
    return Visitor((name,), lasting=True, address=address)


def never() -> bool:
    return False


class Crowd:
    """Visitors whose files are being read until they are let go."""

    def __init__(self, megabytes: float = math.inf) -> None:
        self._queue = ReadingQueue(lambda: megabytes)
        self._threads = ThreadPoolExecutor(20)
        self._ends: dict[str, threading.Event] = {}
        self.reading: list[str] = []

    def come(self, name: str, address: str, who: str = "") -> None:
        end = self._ends[name] = threading.Event()

        def read() -> None:
            with self._queue.turn(visitor(who or name, address), end.is_set):
                self.reading.append(name)
                end.wait()
                self.reading.remove(name)

        self._threads.submit(read)
        wait_until(lambda: name in self.reading or len(self._queue._waiting) > 0)

    def go(self, name: str) -> None:
        self._ends[name].set()
        wait_until(lambda: name not in self.reading)

    def close(self) -> None:
        for end in self._ends.values():
            end.set()
        self._threads.shutdown()


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.close()


def test_a_visitor_has_one_reading_at_a_time(crowd: Crowd) -> None:
    crowd.come("a", "1")
    crowd.come("a's second", "2", who="a")
    crowd.come("b", "3")
    wait_until(lambda: crowd.reading == ["a", "b"])
    crowd.go("a")
    wait_until(lambda: crowd.reading == ["b", "a's second"])


@pytest.mark.parametrize("megabytes, at_once", [(500, 1), (2 * MEGABYTES, 2), (100 * MEGABYTES, AT_ONCE)])
def test_as_many_are_read_at_once_as_memory_has_room_for(megabytes: float, at_once: int) -> None:
    with contextlib.closing(Crowd(megabytes)) as crowd:
        for index in range(AT_ONCE + 1):
            crowd.come(f"{index}", f"{index}")
        wait_until(lambda: len(crowd.reading) == at_once)
        crowd.go("0")
        wait_until(lambda: crowd.reading[-1] == f"{at_once}")


def test_one_network_address_leaves_room_for_others(crowd: Crowd) -> None:
    assert ADDRESS_AT_ONCE < AT_ONCE
    for index in range(5):
        crowd.come(f"of the room {index}", "1")
    crowd.come("elsewhere", "2")
    wait_until(lambda: "elsewhere" in crowd.reading)
    assert crowd.reading == ["of the room 0", "of the room 1", "elsewhere"]


def test_readings_begin_in_the_order_in_which_they_came(crowd: Crowd) -> None:
    for index in range(AT_ONCE + 2):
        crowd.come(f"{index}", f"{index}")
    wait_until(lambda: len(crowd.reading) == AT_ONCE)
    crowd.go("1")
    wait_until(lambda: crowd.reading == ["0", "2", f"{AT_ONCE}"])


def test_who_does_not_wait_any_more_keeps_nobody_waiting() -> None:
    queue = ReadingQueue()
    with ExitStack() as held:
        held.enter_context(queue.turn(visitor("a", "1"), never))
        with pytest.raises(Cancelled), queue.turn(visitor("a", "1"), lambda: True):
            pass
    with queue.turn(visitor("a", "1"), never):
        pass


def test_what_comes_after_files_of_ones_own_is_turned_away_when_these_take_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is kept in memory while it waits; what waits for others does so in its place."""
    monkeypatch.setattr(reading, "OWN_PATIENCE", 0.2)
    queue, others = ReadingQueue(), threading.Event()
    with ExitStack() as held:
        for name in ("a", "b", "c")[:AT_ONCE]:
            held.enter_context(queue.turn(visitor(name, name), never))
        with pytest.raises(NoRoom, match="Other files of yours"), queue.turn(visitor("a", "a"), never):
            pass

        def wait() -> None:
            with queue.turn(visitor("d", "d"), never):
                others.set()

        threading.Thread(target=wait).start()
        assert not others.wait(0.5)
    assert others.wait(10)


def test_files_become_a_data_set_beside_the_page_or_a_sentence(home: Path) -> None:
    made = dataset_reading(pngs(), visitor("a", "1")).result(30)
    assert datasets.own_names("a") == [made.name]
    with pytest.raises(InvalidInput, match="at least 100 images"):
        dataset_reading(pngs(3), visitor("a", "1")).result(30)


def test_a_reading_that_is_cancelled_ends_with_its_process_and_leaves_nothing(home: Path) -> None:
    under_way = dataset_reading(blank_pages(100), visitor("a", "1"))
    wait_until(lambda: len(readers()) == 1)
    assert not under_way.waits
    under_way.cancel()
    with pytest.raises(Cancelled):
        under_way.result(10)
    assert readers() == [] and datasets.own_names("a") == []


def test_a_reading_ends_with_its_tab(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = threading.Event()
    here.set()
    monkeypatch.setattr(reading, "GONE_SECONDS", 0.3)
    monkeypatch.setattr("aelib.ui.server.reading.runtime.exists", lambda: True)
    monkeypatch.setattr(reading, "session_is_open", lambda session_id: here.is_set())
    under_way = dataset_reading(blank_pages(100), visitor("a", "1"))
    wait_until(lambda: len(readers()) == 1)
    assert not under_way.done
    here.clear()
    with pytest.raises(Cancelled):
        under_way.result(10)
    assert readers() == []


def test_a_connection_that_breaks_off_for_a_moment_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    there = iter([True, False, False, True, False])
    monkeypatch.setattr("aelib.ui.server.reading.runtime.exists", lambda: True)
    monkeypatch.setattr(reading, "session_is_open", lambda session_id: next(there))
    closed = tab_closed()
    assert [closed() for _ in range(5)] == [False] * 5


class Uploaded:
    """What Streamlit has of an uploaded file."""

    file_id = "one"

    def getvalue(self) -> bytes:
        return encoded(Image.new("L", (40, 40), 255))


def encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> ReadingQueue:
    """Of a visitor, with the queue of its server."""
    queue = ReadingQueue()
    state = SessionState(visitor=visitor("a", "1"))
    monkeypatch.setattr("aelib.ui.server.reading.st.session_state", state)
    monkeypatch.setattr(reading, "reading_queue", lambda: queue)
    return queue


class SessionState(dict[str, object]):
    __getattr__ = dict.__getitem__


def test_a_page_does_not_wait_for_a_picture_that_takes_long_and_has_it_later(
    session: ReadingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_PATIENCE", 0.01)
    with session.turn(visitor("a", "1"), never), pytest.raises(NotYet):
        read_picture(Uploaded(), 28)  # type: ignore[arg-type]
    monkeypatch.setattr(reading, "PAGE_PATIENCE", 30)
    assert read_picture(Uploaded(), 28).shape == (28, 28)  # type: ignore[arg-type]


def test_a_picture_that_waits_too_long_for_others_is_told_of_and_may_be_tried_again(
    session: ReadingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_PATIENCE", 30)
    monkeypatch.setattr(reading, "PICTURE_PATIENCE", 0.2)
    with ExitStack() as held:
        for name in ("b", "c", "d")[:AT_ONCE]:
            held.enter_context(session.turn(visitor(name, name), never))
        with pytest.raises(NoRoom, match="try again in a moment"):
            read_picture(Uploaded(), 28)  # type: ignore[arg-type]
    monkeypatch.setattr(reading, "PICTURE_PATIENCE", 10)
    assert read_picture(Uploaded(), 28).shape == (28, 28)  # type: ignore[arg-type]
