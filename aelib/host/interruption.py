"""Long computations that end early once nobody waits for their result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Interrupted(Exception):
    """Nobody waits for the result any more."""


_unwanted: ContextVar[Callable[[], bool]] = ContextVar("unwanted", default=lambda: False)


@contextmanager
def interruptible(unwanted: Callable[[], bool]) -> Iterator[None]:
    """What is computed in this context, in this thread, ends at its next `checkpoint` once `unwanted()` is true."""
    token = _unwanted.set(unwanted)
    try:
        yield
    finally:
        _unwanted.reset(token)


def checkpoint() -> None:
    """To be called every few milliseconds of a long computation. Raises `Interrupted`."""
    if _unwanted.get()():
        raise Interrupted
