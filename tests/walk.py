"""How much of what could be tried a test tries: another share of it every day, or all (`make walk`)."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
# "all", or the number of a day, which a failing test names.
SHARE = os.environ.get("WALK") or str(datetime.date.today().toordinal())


def todays(everything: Sequence[T], count: int) -> list[T]:
    """`count` of them, spread evenly; within some days, each has been among them."""
    if SHARE == "all" or count >= len(everything):
        return list(everything)
    stride = -(-len(everything) // count)
    return list(everything[int(SHARE) % stride :: stride])
