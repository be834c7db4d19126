"""How often codes may be guessed.

A cookie is deleted easily, so a limit by visitor alone stops nobody; and a whole class shares one network address, so
none is counted by that. What all visitors together may guess wrong is limited instead. Links hold keys that cannot be
guessed and are not limited: they let people in while somebody guesses.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

# Of the parties counted, those that were met longest ago are forgotten.
MOST_PARTIES = 10_000


@dataclass
class _Bucket:
    left: float
    at: float


class Attempts:
    """Each party may fail `most` times, and gets one more try every `seconds`."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def allowed(self, party: Hashable) -> bool:
        """May it try once more?"""
        with self._lock:
            return self._filled(party).left >= 1

    def failed(self, party: Hashable) -> None:
        with self._lock:
            self._filled(party).left -= 1

    def _filled(self, party: Hashable) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(party, _Bucket(self._most, now))
        bucket.left = min(self._most, bucket.left + (now - bucket.at) / self._seconds)
        bucket.at = now
        self._buckets.move_to_end(party)
        while len(self._buckets) > MOST_PARTIES:
            self._buckets.popitem(last=False)
        return bucket
