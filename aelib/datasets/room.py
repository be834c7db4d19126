"""How many uploaded data sets may be kept, and which of them go when there are too many."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

from aelib import addresses
from aelib.config import InvalidInput
from aelib.datasets import store
from aelib.datasets.dataset import Dataset
from aelib.settings import MAX_UPLOADS, MAX_VISITOR_UPLOADS

# A data set that was used so lately may be just what somebody is about to train on.
LATELY_SECONDS = 3600.0

_writing = threading.Lock()


def keep(dataset: Dataset, home: Path, owner: str, address: str | None, in_use: Callable[[], Collection[str]]) -> None:
    """Stores a data set of `owner`'s, who is at `address` (None: not known). Where there are as many as may be kept,
    those go that were not used for the longest time, but for those `in_use`.

    Raises `InvalidInput` where there is no room, or `home` cannot be written.
    """
    with _writing:
        if not store.file_of(dataset.name, home).exists():
            _make_room(dataset.title, home, owner, address, in_use)
        store.write(dataset, home, owner)


def _make_room(title: str, home: Path, owner: str, address: str | None, in_use: Callable[[], Collection[str]]) -> None:
    owners = {name: found.owner if (found := store.card(name, home)) else "" for name in store.names(home)}
    mine, most = list(owners.values()).count(owner), MAX_VISITOR_UPLOADS.value
    if owner and mine >= most:
        raise InvalidInput("upload", title, f"a new one while you keep fewer than {most:,}; delete one of yours first")
    near, share = addresses.neighbours(home, owner, address), addresses.share_of(MAX_UPLOADS.value)
    if address is not None and sum(other in near for other in owners.values()) >= share:
        raise InvalidInput(
            "upload",
            title,
            f"a new one while visitors from your network address keep fewer than {share:,}; delete one of yours first",
        )
    surplus = len(owners) + 1 - MAX_UPLOADS.value
    if surplus <= 0:
        return
    latest, needed = time.time() - LATELY_SECONDS, in_use()
    used = {name: store.last_used(name, home) for name in owners if name not in needed}
    idle = sorted((name for name in used if used[name] < latest), key=used.__getitem__)
    if len(idle) < surplus:
        allowed = f"a new one while this server keeps fewer than {MAX_UPLOADS.value:,}; all of them are in use"
        raise InvalidInput("upload", title, allowed)
    for name in idle[:surplus]:
        store.remove(name, home)
