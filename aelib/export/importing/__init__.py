"""A run that was exported as safetensors or as a bundle, or kept by `train --out`, becomes a run of this store.

The files come from anywhere: they are parsed in a child process with bounds of time and memory (see
`aelib.datasets.confined`), and what the child says is checked here once more. Nothing is unpickled.
"""

from __future__ import annotations

import io
import os
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from aelib.datasets.bounds import Refused, Unusable, shown
from aelib.datasets.confined import allowance, never
from aelib.datasets.confined.process import Ended, ask
from aelib.datasets.confined.replies import Garbled, Reply
from aelib.export.model_card import CONFIG
from aelib.export.script import WEIGHTS
from aelib.runs import facts as stored
from aelib.runs import frames_file
from aelib.runs import record as records
from aelib.runs.record import FACTS, FRAMES, Record
from aelib.runs.status import UNDERWAY, Status
from aelib.spec.architecture import plan
from aelib.spec.fields import InvalidInput
from aelib.spec.serialization import from_json
from aelib.spec.state import WEIGHTS as PREFIX

# What is read of an export, whatever else is among its files.
WANTED = (CONFIG, FACTS, WEIGHTS, FRAMES)
MOST_BYTES = 90_000_000
_CHILD = "aelib.export.importing.child"
_ALLOWED = f"an intact bundle.zip, or {CONFIG} and {WEIGHTS} of one export"

Files = Sequence[tuple[str, bytes]]


def import_run(files: Files, owner: str = "", stopped: Callable[[], bool] = never) -> Record:
    """The run that exported files, as (name, contents), hold: at rest, under a new id, and `owner`'s.

    Raises `InvalidInput`, `NoRoom`, and `Cancelled` soon after `stopped` says that nobody waits any more.
    """
    names = [name.replace("\\", "/").rpartition("/")[2] for name, _ in files]
    title = shown(names[0]) if len(names) == 1 else f"{len(names)} files"
    contents = [data for _, data in files]
    size = sum(map(len, contents))
    if size > MOST_BYTES:
        raise InvalidInput("import", title, f"an export of at most {MOST_BYTES // 10**6} MB")
    order = {"task": "run", "names": names, "sizes": [len(data) for data in contents]}
    try:
        return _record(ask(order, contents, allowance.for_files(size), stopped, _CHILD), owner)
    except Refused as reason:
        raise InvalidInput("import", title, str(reason)) from None
    except (Unusable, Ended, Garbled, KeyError, TypeError, ValueError, OverflowError):
        raise InvalidInput("import", title, _ALLOWED) from None


def files_of(path: str) -> Files:
    """What is to be read of a bundle, or of the folder of an export. Raises `InvalidInput`."""
    place = Path(os.path.expanduser(path))
    try:
        if place.is_dir():
            found = [place / name for name in WANTED if (place / name).is_file()]
        else:
            found = [place] if place.is_file() else []
        if not found:
            raise InvalidInput("PATH", path, "a bundle.zip, or a folder with an export")
        if sum(file.stat().st_size for file in found) > MOST_BYTES:
            raise InvalidInput("PATH", path, f"an export of at most {MOST_BYTES // 10**6} MB")
        return [(file.name, file.read_bytes()) for file in found]
    except InvalidInput:
        raise
    except (OSError, ValueError):
        raise InvalidInput("PATH", path, "a bundle.zip or a folder that can be read") from None


def _record(reply: Reply, owner: str) -> Record:
    """What the child says, checked. Raises `ValueError`, `KeyError`, `TypeError`."""
    facts: Mapping[str, object] = reply.facts["facts"]
    if not isinstance(facts, dict):
        raise Garbled
    config = from_json(facts["config"])
    step = stored.STEP.parse("step", facts["step"])
    arrays: dict[str, np.ndarray] = {}
    begin = 0
    for name, shape in plan(config).parameters.items():
        end = begin + 4 * int(np.prod(shape))
        # Copied: a view would keep the whole reply in memory.
        arrays[PREFIX + name] = np.frombuffer(reply.rest[begin:end], "<f4").reshape(shape).astype(np.float32)
        begin = end
    stored.check_arrays(config, arrays)
    rest = bytes(reply.rest[begin:])
    frames = frames_file.read(io.BytesIO(rest), config) if rest else []
    known = {**facts, "owner": owner, "created": time.time()}
    record = records.of(secrets.token_urlsafe(12), known, step, arrays, frames)
    rests = record.status not in UNDERWAY
    return replace(record, status=record.status if rests else Status.PAUSED, message=record.message if rests else "")
