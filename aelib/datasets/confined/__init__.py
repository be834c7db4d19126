"""Foreign files are read in a child process with bounds of processor time and memory: a decoder that hangs, swallows
all memory, crashes or is taken over does so there. Whatever happens to the child is a sentence here.

The functions are those of `aelib.datasets.reading` and `aelib.datasets.decoding`, but for `stopped`, which is asked a
few times a second whether somebody still waits; where not, the child is ended and `Cancelled` is raised. `NoRoom` is
raised where no process can be started.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from aelib.datasets.bounds import Refused, Unusable
from aelib.datasets.confined import allowance, replies
from aelib.datasets.confined.allowance import Allowance
from aelib.datasets.confined.process import Cancelled, Ended, Why, ask
from aelib.datasets.dataset import Array
from aelib.datasets.reading import Collected
from aelib.datasets.reading.containers import sizes_in_folder
from aelib.spec.images import IMAGE_SIDE

__all__ = ["Cancelled", "decode", "never", "read_files", "read_path"]

_REFUSALS = {
    Why.TIME: "files that can be read in {seconds:.0f} seconds of computing time; these take longer",
    Why.MEMORY: "files that can be read in {megabytes:,} MB of memory; these need more",
    Why.BROKEN: "intact files; reading these broke off, so one of them may be damaged",
}
_CLAUSES = {
    Why.TIME: "takes longer than {seconds:.0f} seconds to decode",
    Why.MEMORY: "needs more than {megabytes:,} MB of memory",
    Why.BROKEN: "is a damaged image",
}


def never() -> bool:
    """Nobody stops it."""
    return False


def read_files(files: Sequence[tuple[str, bytes]], stopped: Callable[[], bool] = never) -> Collected:
    """As `reading.read_files`. Raises `Refused` and `Cancelled`."""
    names, contents = [name for name, _ in files], [data for _, data in files]
    sizes = [len(data) for data in contents]
    order = {"task": "files", "names": names, "sizes": sizes}
    return _collected(order, contents, allowance.for_files(sum(sizes)), stopped)


def read_path(place: Path, stopped: Callable[[], bool] = never) -> Collected:
    """As `reading.read_path`. Raises `Refused` and `Cancelled`."""
    status = place.stat()
    size = sum(sizes_in_folder(place)) if stat.S_ISDIR(status.st_mode) else status.st_size
    return _collected({"task": "path", "path": str(place)}, (), allowance.for_files(size), stopped)


def decode(data: bytes, side: int = IMAGE_SIDE, stopped: Callable[[], bool] = never) -> Array:
    """As `decoded.decode`. Raises `Unusable` and `Cancelled`."""
    allowed = allowance.for_picture()
    try:
        return replies.image(ask({"task": "picture", "side": side}, [data], allowed, stopped), side)
    except (Ended, replies.Garbled) as end:
        raise Unusable(_said(_CLAUSES, end, allowed)) from None


def _collected(
    order: Mapping[str, object], parts: Iterable[bytes], allowed: Allowance, stopped: Callable[[], bool]
) -> Collected:
    try:
        return replies.collected(ask(order, parts, allowed, stopped))
    except Unusable:
        raise Refused(_REFUSALS[Why.BROKEN]) from None
    except (Ended, replies.Garbled) as end:
        raise Refused(_said(_REFUSALS, end, allowed)) from None


def _said(sentences: Mapping[Why, str], end: Ended | replies.Garbled, allowed: Allowance) -> str:
    why = end.why if isinstance(end, Ended) else Why.BROKEN
    return sentences[why].format(seconds=allowed.seconds, megabytes=allowed.megabytes)
