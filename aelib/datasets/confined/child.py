"""The child process: binds itself, reads what comes through the pipe, and answers once.

Started as `python -m aelib.datasets.confined.child`. What happens to it in between does not matter: whoever started it
makes a sentence of any end.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from aelib.datasets.bounds import Refused, Unusable
from aelib.datasets.confined import replies
from aelib.datasets.decoding import decode
from aelib.datasets.reading import read_files, read_path

Order = dict[str, Any]
Task = Callable[[Order, IO[bytes], IO[bytes]], None]
# Training goes before reading; see the engine's own niceness.
_NICENESS = 10
_PAGES_OF_MEMORY, _FIRST_TO_GO = Path("/proc/self/statm"), Path("/proc/self/oom_score_adj")
# Addresses that pandas, PyArrow and SciPy take, which are loaded when they are needed.
_LIBRARIES_MEGABYTES = 600


def _files(order: Order, requests: IO[bytes], answers: IO[bytes]) -> None:
    files = [(name, requests.read(size)) for name, size in zip(order["names"], order["sizes"], strict=True)]
    replies.send_collected(answers, read_files(files))


def _path(order: Order, requests: IO[bytes], answers: IO[bytes]) -> None:
    replies.send_collected(answers, read_path(Path(order["path"])))


def _picture(order: Order, requests: IO[bytes], answers: IO[bytes]) -> None:
    replies.send_picture(answers, decode(requests.read(), order["side"]))


_TASKS: dict[str, Task] = {
    "files": _files,
    "path": _path,
    "picture": _picture,
}


def main(tasks: Mapping[str, Task] = _TASKS) -> None:
    """Does the one of `tasks` that it is asked for, each of which reads requests and writes one answer."""
    requests, answers = sys.stdin.buffer, _own_output()
    order = json.loads(requests.readline())
    _bind(order["seconds"], order["megabytes"])
    try:
        tasks[order["task"]](order, requests, answers)
    except (Refused, Unusable) as reason:
        replies.send(answers, {type(reason).__name__: str(reason)})
    except MemoryError:
        replies.send(answers, {"MemoryError": ""})


def _own_output() -> IO[bytes]:
    """The pipe back. What libraries print goes nowhere: it is about files that nobody here made."""
    own = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return own


def _bind(seconds: float, megabytes: int) -> None:
    """Sets what the system lets this process take; where the system knows no such bounds, the parent watches alone."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    # Where the machine runs out of memory, Linux ends this process before any other.
    with contextlib.suppress(OSError):
        _FIRST_TO_GO.write_text("1000")
    try:
        import resource
    except ImportError:
        return
    limits = {resource.RLIMIT_CPU: math.ceil(seconds), resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0}
    if hasattr(resource, "RLIMIT_AS") and _PAGES_OF_MEMORY.exists():
        taken = int(_PAGES_OF_MEMORY.read_text().split()[0]) * resource.getpagesize()
        limits[resource.RLIMIT_AS] = taken + (megabytes + _LIBRARIES_MEGABYTES) * 10**6
    for limit, value in limits.items():
        _, most = resource.getrlimit(limit)
        resource.setrlimit(limit, (value if most == resource.RLIM_INFINITY else min(value, most), most))


if __name__ == "__main__":
    main()
