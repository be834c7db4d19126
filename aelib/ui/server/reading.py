"""Reading what visitors send: beside the page, one reading a visitor and few at once, no longer than their tab is open.

The reading itself is in a process of its own: `aelib.datasets.confined`.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future as Promise
from dataclasses import dataclass

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from aelib import datasets
from aelib.datasets import Cancelled, Dataset, confined
from aelib.datasets.bounds import NoRoom, Unusable
from aelib.datasets.dataset import Array
from aelib.ui.server.routes import one_for_all, session_is_open
from aelib.ui.server.visitors import Visitor
from aelib.ui.session.session import data_in_use

# How many visitors' files are read at once, and how many of one network address: the others of that address wait, and
# nobody else has to. Each may need `confined.allowance.MEGABYTES`.
AT_ONCE, ADDRESS_AT_ONCE = 3, 2
# A connection may break off for a moment; after this long its tab is taken for closed.
GONE_SECONDS = 3.0
_LOOKS_EVERY_SECONDS = 0.1
# So long other files of the same visitor are waited for, and so long any others by a page that needs a single picture.
OWN_PATIENCE, PICTURE_PATIENCE = 5.0, 10.0
# So many of them are kept for each tab.
PICTURES_KEPT = 4
_PICTURES = "reading.pictures"


@dataclass(frozen=True, eq=False)
class _Reader:
    visitor: str
    address: str


class ReadingQueue:
    """Whose files are being read, and who waits for that, in the order in which they came."""

    def __init__(self) -> None:
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
            len(self._reading) < AT_ONCE
            and sum(other.address == reader.address for other in self._reading) < ADDRESS_AT_ONCE
            and all(other.visitor != reader.visitor for other in self._reading)
        )

    def _comes_after_own(self, reader: _Reader) -> bool:
        earlier = itertools.chain(self._reading, itertools.takewhile(lambda other: other is not reader, self._waiting))
        return any(other.visitor == reader.visitor for other in earlier)


@one_for_all
def reading_queue() -> ReadingQueue:
    return ReadingQueue()


def tab_closed() -> Callable[[], bool]:
    """A question that can be asked from any thread: is the tab whose page is being drawn closed?"""
    context = get_script_run_ctx()
    session_id = "" if context is None else context.session_id
    seen = time.monotonic()

    def closed() -> bool:
        nonlocal seen
        now = time.monotonic()
        if not runtime.exists() or session_is_open(session_id):
            seen = now
        return now - seen > GONE_SECONDS

    return closed


def read_picture(file: UploadedFile, side: int) -> Array:
    """The picture in an uploaded file, uint8 [side, side]. The page waits for it the first time that it is drawn.

    Raises `Unusable`, and `NoRoom` where other files come first.
    """
    kept: dict[tuple[str, int], Array | Unusable] = st.session_state.setdefault(_PICTURES, {})
    asked = file.file_id, side
    if asked not in kept:
        closed, latest = tab_closed(), time.monotonic() + PICTURE_PATIENCE
        try:
            with reading_queue().turn(st.session_state.visitor, lambda: closed() or time.monotonic() > latest):
                kept[asked] = confined.decode(file.getvalue(), side, closed)
        except Unusable as reason:
            kept[asked] = reason
        except Cancelled:
            if closed():
                st.stop()
            raise NoRoom("Files of other visitors are being read: try again in a moment.") from None
        while len(kept) > PICTURES_KEPT:
            del kept[next(iter(kept))]
    found = kept[asked]
    if isinstance(found, Unusable):
        raise found
    return found


class Reading:
    """Files on their way to become a data set of `visitor`'s, from the moment at which this is made."""

    def __init__(self, files: Sequence[tuple[str, bytes]], visitor: Visitor) -> None:
        self._began = time.monotonic()
        self._cancelled = threading.Event()
        self._promise: Promise[Dataset] = Promise()
        self.waits = True
        threading.Thread(target=self._read, args=(files, visitor, tab_closed()), daemon=True).start()

    def _read(self, files: Sequence[tuple[str, bytes]], visitor: Visitor, closed: Callable[[], bool]) -> None:
        def stopped() -> bool:
            return self._cancelled.is_set() or closed()

        try:
            with reading_queue().turn(visitor, stopped):
                self.waits = False
                dataset = datasets.import_upload(
                    files, owner=visitor.owner, address=visitor.address, in_use=data_in_use, stopped=stopped
                )
            self._promise.set_result(dataset)
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

    def result(self, patience: float | None = 0) -> Dataset:
        """The data set. Raises `TimeoutError` while it is not there, what `import_upload` raises, and `Cancelled`."""
        return self._promise.result(patience)
