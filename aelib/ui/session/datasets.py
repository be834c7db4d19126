"""The data sets that pages show, loaded beside the page: nobody waits for them to see it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor, wait

from aelib import datasets
from aelib.spec.fields import InvalidInput
from aelib.ui.server.routes import one_for_all

KEPT = 4


class _Loader:
    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._jobs: OrderedDict[str, Future[datasets.Dataset]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: str) -> Future[datasets.Dataset] | None:
        """The job that loads the data set, started at the first call; None where it is not available."""
        with self._lock:
            # Looking at files costs more than a frame: once loaded, images are there.
            if name not in self._jobs:
                if not datasets.is_available(name):
                    return None
                self._jobs[name] = self._thread.submit(datasets.load, name)
            self._jobs.move_to_end(name)
            while len(self._jobs) > KEPT:
                self._jobs.popitem(last=False)
            return self._jobs[name]

    def forget(self, name: str) -> None:
        with self._lock:
            self._jobs.pop(name, None)


@one_for_all
def _loader() -> _Loader:
    return _Loader()


def forget(name: str) -> None:
    """The data set is not there any more."""
    _loader().forget(name)


def awaited_dataset(name: str) -> datasets.Dataset | None:
    """The data set, once it is loaded; None where it cannot be."""
    job = _loader().get(name)
    if job is not None:
        wait([job])
    return loaded_dataset(name)


def loaded_dataset(name: str) -> datasets.Dataset | None:
    """The data set, or None while it is being loaded or where it cannot be."""
    job = _loader().get(name)
    if job is None or not job.done():
        return None
    try:
        return job.result()
    except InvalidInput:
        # Broken files may be repaired; a run with this data says what is wrong.
        _loader().forget(name)
        return None
