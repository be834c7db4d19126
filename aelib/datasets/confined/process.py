"""The parent's side: starts a child process, feeds it, watches it, and ends it."""

from __future__ import annotations

import contextlib
import enum
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import IO

import psutil

from aelib.datasets.bounds import NoRoom, Refused, Unusable
from aelib.datasets.confined import replies
from aelib.datasets.confined.allowance import Allowance
from aelib.datasets.confined.replies import Garbled, Reply

# The child that reads images.
IMAGES = "aelib.datasets.confined.child"
_LOOKS_EVERY_SECONDS, _ENDING_SECONDS = 0.05, 1.0
# One thread, one heap, and no memory in reserve: libraries would set memory aside for every core.
_FRUGAL = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


class Why(enum.Enum):
    """How a child can end without an answer."""

    TIME = "time"
    MEMORY = "memory"
    BROKEN = "broken"


class Ended(Exception):
    """The child ended without an answer."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Cancelled(Exception):
    """Nobody waits for the answer any more."""


def ask(
    order: Mapping[str, object],
    parts: Iterable[bytes],
    allowance: Allowance,
    stopped: Callable[[], bool],
    module: str = IMAGES,
) -> Reply:
    """The answer of a child process, which runs `module`, to `order` and the bytes of `parts`.

    Raises `Refused` and `Unusable` where the child did, `Ended` where it did not answer, `NoRoom` where none can be
    started, and `Cancelled` soon after `stopped` says so. The child has ended when this returns or raises.
    """
    facts = {**order, "seconds": allowance.seconds, "megabytes": allowance.megabytes}
    with _child(module) as child, ThreadPoolExecutor(2) as threads:
        try:
            threads.submit(_feed, child.stdin, facts, parts)
            answer = threads.submit(child.stdout.read, replies.LONGEST_REPLY + 1)
            _watch(child, answer, allowance, stopped)
            return _reply(answer.result(), child)
        finally:
            # Both threads end with it.
            child.kill()


class _Child(subprocess.Popen[bytes]):
    """A process with a pipe to it and one back."""

    stdin: IO[bytes]
    stdout: IO[bytes]


@contextlib.contextmanager
def _child(module: str) -> Iterator[_Child]:
    # This program's folder may be known to this process only.
    paths = os.pathsep.join(map(os.path.abspath, sys.path))
    try:
        child = _Child(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_FRUGAL, "PYTHONPATH": paths},
            # Ctrl+C in a terminal is for this process, which ends the child.
            start_new_session=True,
        )
    except OSError as error:
        raise NoRoom(f"No process could be started to read files ({error.strerror}): try again later.") from None
    try:
        yield child
    finally:
        child.kill()
        child.stdout.close()
        # What is still to be written would be written now.
        with contextlib.suppress(OSError):
            child.stdin.close()
        child.wait()


def _feed(stream: IO[bytes], facts: Mapping[str, object], parts: Iterable[bytes]) -> None:
    # A child that ended early does not read the rest.
    with contextlib.suppress(OSError):
        replies.send(stream, facts, *parts)
        stream.close()


def _watch(child: _Child, answer: Future[bytes], allowance: Allowance, stopped: Callable[[], bool]) -> None:
    """Returns when the child has answered or ended. Raises `Ended` where it takes too much, and `Cancelled`.

    Where the system binds the child, this only comes first for its memory: many readers take a request for memory
    that is turned down for a damaged file.
    """
    latest = time.monotonic() + allowance.clock_seconds
    while wait([answer], _LOOKS_EVERY_SECONDS).not_done:
        if stopped():
            raise Cancelled
        if time.monotonic() > latest:
            raise Ended(Why.TIME)
        # It may have just ended.
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(child.pid)
            if process.memory_info().rss > allowance.megabytes * 10**6:
                raise Ended(Why.MEMORY)
            used = process.cpu_times()
            if used.user + used.system > allowance.seconds:
                raise Ended(Why.TIME)


def _reply(data: bytes, child: _Child) -> Reply:
    try:
        reply = replies.parsed(data)
    except Garbled:
        raise Ended(_why(child)) from None
    for error in (Refused, Unusable):
        if (reason := reply.facts.get(error.__name__)) is not None:
            raise error(str(reason))
    if MemoryError.__name__ in reply.facts:
        raise Ended(Why.MEMORY)
    return reply


def _why(child: _Child) -> Why:
    """How a child ended that has said nothing, and says nothing more."""
    try:
        ended_by = -child.wait(_ENDING_SECONDS)
    except subprocess.TimeoutExpired:
        return Why.BROKEN
    return Why.TIME if ended_by == getattr(signal, "SIGXCPU", None) else Why.BROKEN
