"""How much memory something leaves behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import psutil


@contextmanager
def memory_given_back(but_for: int) -> Iterator[None]:
    """What happens meanwhile leaves at most `but_for` bytes more of this process in memory."""
    before = _in_use()
    yield
    gc.collect()
    assert _in_use() - before < but_for


def _in_use() -> int:
    return int(psutil.Process().memory_info().rss)
