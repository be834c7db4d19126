"""Which owners of runs and data sets come from the same network address: a new cookie is no new quota, and neither is a
restart of the server.

They are kept in a file in the folder of runs, without the addresses themselves: only digests, which nobody can make
without the file's own key.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aelib.host.files import replacing

FILE = "addresses.json"
# Of what all visitors together may keep, how much those of one address may: a room of thirty has enough, and the rest
# of the world has some.
SHARE = 0.75
# Who came longest ago is forgotten first.
MOST_OWNERS = 20_000

_lock = threading.Lock()


@dataclass
class _Seen:
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    owners: dict[str, str] = field(default_factory=dict)


def share_of(most: int) -> int:
    """How many of `most` things visitors of one address may keep."""
    return max(1, int(SHARE * most))


def neighbours(home: Path, owner: str, address: str | None) -> frozenset[str]:
    """All owners that were seen at the address last, `owner` among them, who was just seen there.

    An address of None is not known: nobody is a neighbour there.
    """
    if address is None:
        return frozenset([owner])
    with _lock:
        seen = _read(home / FILE)
        place = hmac.new(bytes.fromhex(seen.key), address.encode(), hashlib.sha256).hexdigest()[:16]
        if seen.owners.get(owner) != place:
            seen.owners.pop(owner, None)
            seen.owners[owner] = place
            for oldest in list(seen.owners)[:-MOST_OWNERS]:
                del seen.owners[oldest]
            # A disk that is full costs a quota, not a run.
            with contextlib.suppress(OSError):
                _write(home / FILE, seen)
    return frozenset(other for other, found in seen.owners.items() if found == place)


def _read(file: Path) -> _Seen:
    """What the file says; nothing where it is damaged."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        key, owners = found["key"], found["owners"]
        bytes.fromhex(key)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return _Seen()
    if not isinstance(owners, Mapping) or not all(isinstance(place, str) for place in owners.values()):
        return _Seen()
    return _Seen(key, dict(owners))


def _write(file: Path, seen: _Seen) -> None:
    with replacing(file) as stream:
        stream.write(json.dumps({"key": seen.key, "owners": seen.owners}).encode())
