"""Whether somebody looks: what nobody looks at rests."""

from __future__ import annotations

import math
import time

LEASE_SECONDS = 20.0


class Lease:
    """Held from each renewal for `LEASE_SECONDS`."""

    def __init__(self) -> None:
        self._renewed_at = time.monotonic()

    def renew(self) -> None:
        self._renewed_at = time.monotonic()

    def end(self) -> None:
        self._renewed_at = -math.inf

    @property
    def held(self) -> bool:
        return time.monotonic() - self._renewed_at <= LEASE_SECONDS
