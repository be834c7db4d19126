"""A run's way to the engine: made when it is first needed, and again where it was lost."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import CancelledError
from concurrent.futures import Future as Promise
from dataclasses import dataclass, field
from typing import Any

from distributed import Future

from aelib import datasets
from aelib.cluster.engine import Engine, EngineLost, ReadyData
from aelib.host.faults import describe
from aelib.runs.guard import Guard
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput

log = logging.getLogger(__name__)

# Calls a function with arguments on another thread.
Later = Callable[..., object]


@dataclass
class Connection:
    """The engine, with a run's data on it; all that is sent goes in the turn of its `visitor`.

    `opened` is called with the number of training images whenever it was made, `refused` with a sentence where it
    cannot be. `problem`: why there is none at present, in a sentence.
    """

    name: str
    visitor: str
    config: RunConfig
    promised: Promise[Engine]
    later: Later
    guard: Guard
    opened: Callable[[int], object]
    refused: Callable[[str], object]
    problem: str = ""
    _engine: Engine | None = None
    _ready: ReadyData | None = None
    _opening: bool = field(default=False, init=False)

    @property
    def open(self) -> bool:
        """Are engine and data there, and have not been lost meanwhile?"""
        return self._ready is not None and not self._ready.lost

    @property
    def made(self) -> bool:
        """Was it made, and is not known to be lost? (Data may be on their way back to the engine.)"""
        return self._ready is not None

    @property
    def engine(self) -> Engine:
        """Once it was opened."""
        assert self._engine is not None
        return self._engine

    @property
    def ready(self) -> ReadyData:
        """While it is open."""
        assert self._ready is not None
        return self._ready

    def make(self) -> bool:
        """Is it open? If not, it is made in the background."""
        if self.open:
            return True
        self._ready = None
        if not self._opening:
            self._opening = True
            self.later(self._find_engine_and_data)
        return False

    def tell(self, arrived: Callable[[Any], object], function: Callable[..., Any], *arguments: Any) -> Future:
        """See `Engine.tell`."""
        return self.engine.tell(arrived, function, *arguments, visitor=self.visitor)

    def keep(self, value: Any) -> Future:
        """See `Engine.keep`."""
        return self.engine.keep(value, visitor=self.visitor)

    def lost(self, problem: EngineLost) -> None:
        self.drop()
        self.problem = str(problem)

    def drop(self) -> None:
        """It is made again when it is needed next."""
        self._ready = None

    def _find_engine_and_data(self) -> None:
        try:
            engine = self.promised.result()
            dataset = datasets.load(self.config.dataset)
            datasets.check_classes(self.config, dataset)
            ready = engine.data(self.config.dataset)
        except EngineLost:
            with self.guard():
                self._opening = False
                raise
        except InvalidInput as problem:
            self._refuse(str(problem))
        except CancelledError:
            # The server stops before its engine was started.
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the run has to say it
            log.error("%s could not be opened: %s", self.name, describe(error))
            self._refuse("The training process could not be started (see the server log).")
        else:
            with self.guard():
                self._opening, self.problem = False, ""
                self._engine, self._ready = engine, ready
                self.opened(len(dataset.train_images))

    def _refuse(self, sentence: str) -> None:
        with self.guard():
            self._opening = False
            self.refused(sentence)
