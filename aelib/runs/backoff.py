"""When something that failed is tried again: soon at first, then more and more rarely."""

from __future__ import annotations

import time

FIRST_SECONDS = 5.0
MOST_SECONDS = 300.0


class Backoff:
    """One thing that is tried until it succeeds; the pause between two attempts doubles."""

    def __init__(self) -> None:
        self._pause = FIRST_SECONDS
        self._not_before = 0.0
        self.failing = False

    def failed(self) -> None:
        self.failing = True
        self._not_before = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, MOST_SECONDS)

    def succeeded(self) -> None:
        """The next failure is the first one again."""
        self._pause, self._not_before, self.failing = FIRST_SECONDS, 0.0, False

    @property
    def due(self) -> bool:
        """May it be tried (again)?"""
        return time.monotonic() >= self._not_before

    @property
    def soon(self) -> bool:
        """Has it failed, but not so often that attempts are as rare as they get?"""
        return self.failing and self._pause < MOST_SECONDS
