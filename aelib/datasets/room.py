"""How many uploaded data sets may be kept, and which of them go when there are too many."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

from aelib.datasets import store
from aelib.datasets.bounds import NoRoom, counted
from aelib.datasets.dataset import Dataset
from aelib.host import addresses
from aelib.host.settings import MAX_UPLOADS, MAX_VISITOR_UPLOADS

# A data set that was used so lately may be just what somebody is about to train on.
LATELY_SECONDS = 3600.0

_KIND = "uploaded dataset"

_writing = threading.Lock()


def keep(dataset: Dataset, home: Path, owner: str, address: str | None, in_use: Callable[[], Collection[str]]) -> None:
    """Stores a data set of `owner`'s, who is at `address` (None: not known). Where there are as many as may be kept,
    those go that were not used for the longest time, but for those `in_use`.

    Raises `NoRoom`, and `InvalidInput` where `home` cannot be written.
    """
    with _writing:
        if not store.file_of(dataset.name, home).exists():
            _make_room(home, owner, address, in_use)
        store.write(dataset, home, owner)


def _make_room(home: Path, owner: str, address: str | None, in_use: Callable[[], Collection[str]]) -> None:
    owners = {name: found.owner if (found := store.card(name, home)) else "" for name in store.names(home)}
    delete = "under “About these images”"
    mine, most = list(owners.values()).count(owner), MAX_VISITOR_UPLOADS.value
    if owner and mine >= most:
        raise NoRoom(f"You keep {counted(mine, _KIND)}, and this server allows {most:,}: delete one of them {delete}.")
    near, share = addresses.neighbours(home, owner, address), addresses.share_of(MAX_UPLOADS.value)
    if address is not None and sum(other in near for other in owners.values()) >= share:
        raise NoRoom(
            f"Visitors from your network address keep {counted(share, _KIND)}, as many as this server allows them: "
            f"delete one of yours {delete}, or ask who runs it."
        )
    surplus = len(owners) + 1 - MAX_UPLOADS.value
    if surplus <= 0:
        return
    latest, needed = time.time() - LATELY_SECONDS, in_use()
    used = {name: store.last_used(name, home) for name in owners if name not in needed}
    idle = sorted((name for name in used if used[name] < latest), key=used.__getitem__)
    if len(idle) < surplus:
        raise NoRoom(
            f"This server keeps {counted(len(owners), _KIND)}, as many as it may, and all of them are in use: try "
            "again later, or ask who runs it."
        )
    for name in idle[:surplus]:
        store.remove(name, home)
