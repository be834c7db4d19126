"""A run's one lock, and the way on from whatever goes wrong while it is held."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from aelib.cluster.engine import EngineLost
from aelib.host.faults import describe

log = logging.getLogger(__name__)


class Guard:
    """`with guard():` for everything that changes a run. Most of it comes from other threads, which have nobody to
    complain to: where the engine is lost, `lost` is called; after any other exception, `rescue`."""

    def __init__(self, name: str, lost: Callable[[EngineLost], object], rescue: Callable[[], object]) -> None:
        self.lock = threading.RLock()
        self._name, self._lost, self._rescue = name, lost, rescue

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self.lock:
            try:
                yield
            except EngineLost as problem:
                self._lost(problem)
            except Exception as error:  # noqa: BLE001 - whatever it is, the run goes on or says that it failed
                log.error("%s met an unforeseen exception: %s", self._name, describe(error))
                self._rescue()
