"""What goes through the pipes: a line of JSON, then plain bytes.

The child may have been taken over by what it read. So nothing that comes from it is unpickled, and every field is
checked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from aelib.datasets.bounds import MOST_FILES, MOST_IMAGES
from aelib.datasets.dataset import Array
from aelib.datasets.reading import Collected
from aelib.spec.images import IMAGE_SIDE

# A label is at most 40 letters long, a clause about a file that was left out hardly longer than 100; JSON may write
# six bytes for a letter.
LONGEST_LINE = 6 * (40 * MOST_IMAGES + 120 * MOST_FILES)
LONGEST_REPLY = LONGEST_LINE + MOST_IMAGES * (IMAGE_SIDE**2 + 1)


class Garbled(Exception):
    """A reply that says nothing."""


@dataclass(frozen=True)
class Reply:
    """`facts` and the bytes after them."""

    facts: Mapping[str, Any]
    rest: memoryview


def send(stream: IO[bytes], facts: Mapping[str, object], *parts: bytes | memoryview) -> None:
    stream.write(json.dumps(facts).encode() + b"\n")
    for part in parts:
        stream.write(part)
    stream.flush()


def parsed(data: bytes) -> Reply:
    """Raises `Garbled`."""
    end = data.find(b"\n")
    if not 0 <= end <= LONGEST_LINE:
        raise Garbled
    try:
        facts = json.loads(data[:end])
    except (ValueError, RecursionError):
        raise Garbled from None
    if not isinstance(facts, dict):
        raise Garbled
    return Reply(facts, memoryview(data)[end + 1 :])


def send_collected(stream: IO[bytes], found: Collected) -> None:
    facts = {
        "images": len(found.images),
        "lowest": found.lowest,
        "highest": found.highest,
        "labels": found.labels,
        "split": found.for_test is not None,
        "from_arrays": found.from_arrays,
        "notes": found.notes,
        "left_out": found.left_out,
    }
    parts = [] if found.for_test is None else [np.ascontiguousarray(found.for_test, dtype=np.uint8).data]
    send(stream, facts, np.ascontiguousarray(found.images).data, *parts)


def collected(reply: Reply) -> Collected:
    """Raises `Garbled`."""
    facts, side = reply.facts, IMAGE_SIDE
    count = facts.get("images")
    if type(count) is not int or not 0 <= count <= MOST_IMAGES:
        raise Garbled
    size = count * side * side
    if len(reply.rest) != size + (count if facts.get("split") is True else 0):
        raise Garbled
    labels = facts.get("labels")
    if labels is not None and (not isinstance(labels, list) or len(labels) != count or not all(map(_is_label, labels))):
        raise Garbled
    return Collected(
        np.frombuffer(reply.rest[:size], np.uint8).reshape(count, side, side),
        _number(facts.get("lowest")),
        _number(facts.get("highest")),
        labels,
        np.frombuffer(reply.rest[size:], np.uint8) != 0 if facts.get("split") is True else None,
        facts.get("from_arrays") is True,
        _texts(facts.get("notes")),
        _texts(facts.get("left_out")),
    )


def send_picture(stream: IO[bytes], image: Array) -> None:
    send(stream, {}, np.ascontiguousarray(image).data)


def image(reply: Reply, side: int) -> Array:
    """uint8 [side, side]. Raises `Garbled`."""
    if len(reply.rest) != side * side:
        raise Garbled
    return np.frombuffer(reply.rest, np.uint8).reshape(side, side)


def _is_label(value: object) -> bool:
    return value is None or isinstance(value, str)


def _number(value: object) -> float:
    if not isinstance(value, float) or not math.isfinite(value):
        raise Garbled
    return value


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise Garbled
    return value
