"""Reading what visitors send: beside the page, one reading a visitor and few at once, no longer than their tab is open.

The reading itself is in a process of its own: `aelib.datasets.confined`.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future as Promise
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st
from distributed.system import MEMORY_LIMIT
from streamlit import runtime

from aelib import datasets
from aelib.datasets import Cancelled, Dataset, confined
from aelib.datasets.bounds import NoRoom
from aelib.datasets.confined import allowance
from aelib.datasets.dataset import Array
from aelib.export.importing import import_run
from aelib.host.settings import MEMORY
from aelib.runs.record import Record
from aelib.ui.server.internals import UploadedFile, session_id, session_is_open
from aelib.ui.server.routes import one_for_all
from aelib.ui.server.visitors import Visitor
from aelib.ui.session.session import data_in_use

T = TypeVar("T")

# How many visitors' files are read at once, and how many of one network address: the others of that address wait, and
# nobody else has to. Each may need `allowance.MEGABYTES`: where there is less memory, fewer are read at once.
AT_ONCE, ADDRESS_AT_ONCE = 3, 2
# Of the machine's memory, so much is for them where AELIB_MEMORY does not say it.
PART_OF_MEMORY = 0.25
# A connection may break off for a moment; after this long its tab is taken for closed.
GONE_SECONDS = 3.0
_LOOKS_EVERY_SECONDS = 0.1
# So long other files of the same visitor are waited for, and so long a single image waits for any others.
OWN_PATIENCE, PICTURE_PATIENCE = 5.0, 10.0
# A page waits this long for a image, before it is drawn without.
PAGE_PATIENCE = 0.4
# So many of them are kept for each tab.
PICTURES_KEPT = 4
_PICTURES = "reading.pictures"


@dataclass(frozen=True, eq=False)
class _Reader:
    visitor: str
    address: str


class ReadingQueue:
    """Whose files are being read, and who waits for that, in the order in which they came."""

    def __init__(self, megabytes: Callable[[], float] = lambda: math.inf) -> None:
        """`megabytes`: how much memory all that are read at once may need; one is always read."""
        self._megabytes = megabytes
        self._changed = threading.Condition()
        self._reading: list[_Reader] = []
        self._waiting: list[_Reader] = []

    @contextlib.contextmanager
    def turn(self, visitor: Visitor, stopped: Callable[[], bool]) -> Iterator[None]:
        """Waits until it is this visitor's turn, which lasts as long as the block.

        Raises `Cancelled` if `stopped` says that nobody waits any more, and `NoRoom` where it takes long that other
        files of this visitor's come first: what waits is kept in memory.
        """
        mine = _Reader(visitor.owner, visitor.address)
        latest = time.monotonic() + OWN_PATIENCE
        with self._changed:
            self._waiting.append(mine)
            try:
                while next(filter(self._may_begin, self._waiting), None) is not mine:
                    if stopped():
                        raise Cancelled
                    if time.monotonic() > latest and self._comes_after_own(mine):
                        raise NoRoom(
                            "Other files of yours are still being read: wait until that has ended, or cancel it."
                        )
                    self._changed.wait(_LOOKS_EVERY_SECONDS)
                self._reading.append(mine)
            finally:
                self._waiting.remove(mine)
        try:
            yield
        finally:
            with self._changed:
                self._reading.remove(mine)
                self._changed.notify_all()

    def _may_begin(self, reader: _Reader) -> bool:
        return (
            len(self._reading) < self._at_once()
            and sum(other.address == reader.address for other in self._reading) < ADDRESS_AT_ONCE
            and all(other.visitor != reader.visitor for other in self._reading)
        )

    def _at_once(self) -> int:
        return int(max(1, min(AT_ONCE, self._megabytes() // allowance.MEGABYTES)))

    def _comes_after_own(self, reader: _Reader) -> bool:
        earlier = itertools.chain(self._reading, itertools.takewhile(lambda other: other is not reader, self._waiting))
        return any(other.visitor == reader.visitor for other in earlier)


@one_for_all
def reading_queue() -> ReadingQueue:
    return ReadingQueue(_megabytes)


def _megabytes() -> float:
    return MEMORY.given() or PART_OF_MEMORY * MEMORY_LIMIT / 10**6


def tab_closed() -> Callable[[], bool]:
    """A question that can be asked from any thread: is the tab whose page is being drawn closed?"""
    session = session_id() or ""
    seen = time.monotonic()

    def closed() -> bool:
        nonlocal seen
        now = time.monotonic()
        if not runtime.exists() or session_is_open(session):
            seen = now
        return now - seen > GONE_SECONDS

    return closed


class NotYet(Exception):
    """The image is still being read: the page is to be drawn again soon."""


def read_picture(file: UploadedFile, side: int) -> Array:
    """The image in an uploaded file, uint8 [side, side], read beside the page.

    Raises `NotYet`, `Unusable`, and `NoRoom` where other files come first.
    """
    kept: dict[tuple[str, int], Reading[Array]] = st.session_state.setdefault(_PICTURES, {})
    asked = file.file_id, side
    if asked not in kept:
        kept[asked] = _picture_reading(file.getvalue(), side, st.session_state.visitor)
        while len(kept) > PICTURES_KEPT:
            kept.pop(next(iter(kept))).cancel()
    try:
        return kept[asked].result(PAGE_PATIENCE)
    except TimeoutError:
        raise NotYet from None
    except Cancelled:
        # Another try is another reading.
        del kept[asked]
        raise NoRoom("Files of other visitors are being read: try again in a moment.") from None
    except NoRoom:
        del kept[asked]
        raise


def _picture_reading(data: bytes, side: int, visitor: Visitor) -> Reading[Array]:
    latest = time.monotonic() + PICTURE_PATIENCE

    def read(begun: Callable[[], None], stopped: Callable[[], bool]) -> Array:
        with reading_queue().turn(visitor, lambda: stopped() or time.monotonic() > latest):
            begun()
            return confined.decode(data, side, stopped)

    return Reading(read)


def dataset_reading(files: Sequence[tuple[str, bytes]], visitor: Visitor) -> Reading[Dataset]:
    """Files on their way to become a data set of `visitor`'s."""

    def read(begun: Callable[[], None], stopped: Callable[[], bool]) -> Dataset:
        with reading_queue().turn(visitor, stopped):
            begun()
            return datasets.import_upload(
                files, owner=visitor.owner, address=visitor.address, in_use=data_in_use, stopped=stopped
            )

    return Reading(read)


def run_reading(files: Sequence[tuple[str, bytes]], visitor: Visitor) -> Reading[Record]:
    """Files of an export on their way to become a run of `visitor`'s."""

    def read(begun: Callable[[], None], stopped: Callable[[], bool]) -> Record:
        with reading_queue().turn(visitor, stopped):
            begun()
            return import_run(files, visitor.owner, stopped)

    return Reading(read)


class Reading(Generic[T]):
    """Files that are read in a thread of their own, from the moment at which this is made: `read` says when its turn
    has come, and asks whether nobody waits any more. `waits`: has its turn not come yet?"""

    def __init__(self, read: Callable[[Callable[[], None], Callable[[], bool]], T]) -> None:
        self._began = time.monotonic()
        self._cancelled = threading.Event()
        self._promise: Promise[T] = Promise()
        self.waits = True
        threading.Thread(target=self._read, args=(read, tab_closed()), daemon=True).start()

    def _read(self, read: Callable[[Callable[[], None], Callable[[], bool]], T], closed: Callable[[], bool]) -> None:
        def begun() -> None:
            self.waits = False

        try:
            self._promise.set_result(read(begun, lambda: self._cancelled.is_set() or closed()))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the page that takes the result raises it.
            self._promise.set_exception(error)

    def cancel(self) -> None:
        self._cancelled.set()

    @property
    def done(self) -> bool:
        return self._promise.done()

    @property
    def seconds(self) -> float:
        """For how long it has been under way."""
        return time.monotonic() - self._began

    def result(self, timeout: float | None = 0) -> T:
        """What was read. Raises `TimeoutError` while it is not there, what `read` raises, and `Cancelled`."""
        return self._promise.result(timeout)
