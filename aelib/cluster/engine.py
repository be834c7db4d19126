"""Where slices run: Dask distributed, embedded in the app or, with AELIB_SCHEDULER, anywhere.

Visitors take turns, see `aelib.cluster.turns`. A killed worker's tasks are replayed
on another one from what they were made of; data sets are therefore arguments of a task, too, and not
merely scattered: scattered data would be gone with their worker.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
import os
import sys
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import dask
from dask.system import CPU_COUNT
from distributed import Client, Future, LocalCluster, Security, wait
from distributed.client import ClosedClientError
from distributed.protocol import deserialize_bytes

from aelib import datasets
from aelib.cluster import tasks
from aelib.cluster.turns import Turn, Turns
from aelib.cluster.worker import (
    HANDSHAKES,
    ONE_HEAP,
    ONE_THREAD,
    TURN_SECONDS,
    Caretaker,
    tells_of_a_fault,
)
from aelib.host import settings
from aelib.host.faults import describe
from aelib.spec.fields import InvalidInput
from aelib.train import slices

log = logging.getLogger(__name__)

# The embedded engine holds at most this many data sets ready; the one not used for longest goes.
DATA_SETS_READY = 6
CONNECT_SECONDS = 10
# Dask always starts a server for its own pages. This one begins at a free port, and is stopped at once.
NO_DASHBOARD = "127.0.0.1:0"
# So long after a vain try to find a lost scheduler, all who ask are told so at once, and none waits for another's try.
UNSOUGHT_SECONDS = 2
# At this part of its memory a worker gets no further runs. (At 0.7 Dask begins to write to disk, at 0.8 it pauses.)
NEARLY_ALL = 0.7
# What a task is expected to take where nobody knows better.
BRIEF_SECONDS = 0.05

# The statuses of a future that will never have a result. (One that is "lost" is computed again.)
ENDED = ("cancelled", "error")

# What a slice takes of a worker of the embedded engine. (A worker somebody else started has no such thing: it does as
# many slices at once as it was given threads.)
SLICE = {"slice": 1}
# A worker has a thread to spare for short questions, which then need not wait for a slice.
SPARE_THREADS = 1
# Where many train, a worker does more than one slice at once if there are cores for it: of two, one is always at it
# while the other begins or ends. More would wait for each other, to have Python.
MOST_SLICES_AT_ONCE = 2


def slices_at_once(cores: int, workers: int, threads: int) -> int:
    """How many each of `workers` processes does on so many cores, where a slice takes at least so many threads."""
    return min(MOST_SLICES_AT_ONCE, max(1, cores // (workers * threads)))


class EngineLost(Exception):
    """The scheduler has been away for too long: what lay there is gone, and nothing more can be sent."""

    def __init__(self) -> None:
        super().__init__("The scheduler of AELIB_SCHEDULER does not answer. Runs resume once it does.")


@dataclass(frozen=True)
class ReadyData:
    """A data set on the engine, and PCA fitted to it."""

    data: Future
    basis: Future

    @property
    def lost(self) -> bool:
        """Has it gone with the scheduler or the workers that had it?"""
        return any(future.status in ("cancelled", "lost", "error") for future in (self.data, self.basis))


@dataclass(eq=False)
class _Awaited:
    """A report that has not come yet: who gets it, how it is made of the result of `sent`, in whose turn, and whether
    the result was already there at the last call of `recover_reports`."""

    arrived: Callable[[Any], object]
    report: Callable[[Any], Any]
    turn: Turn
    sent: Future | None = None
    overdue: bool = False
    asked_again: Future | None = None


class Engine:
    """A client of the cluster: `submit` and `follow` for the slices of something long, `ask` and `tell` for questions
    about it. What `follow` and `tell` bring is never waited for. All of them raise `EngineLost`; `data` finds the way
    back to a scheduler that is there again.

    `lanes`: how many slices all workers do at once; `megabytes`: how much memory they may use; counted when `data` is
    asked for.
    """

    def __init__(self, client: Client, cluster: LocalCluster | None = None) -> None:
        self._client = client
        self._cluster = cluster
        self._address = client.scheduler.address
        self._count_workers()
        self._ready: OrderedDict[str, ReadyData] = OrderedDict()
        self._lock = threading.Lock()
        self._sought_at = -math.inf
        # Reports come as events of a topic of this engine's own, and are handed on by a thread of its own: they are
        # one message, where a task that fetches a report is a dozen.
        self._topic = f"autoencoder-lab-{uuid.uuid4()}"
        self._numbers = itertools.count()
        self._turns = Turns()
        self._awaited: dict[int, _Awaited] = {}
        self._postman = ThreadPoolExecutor(1, thread_name_prefix="reports")
        client.subscribe_topic(self._topic, self._post)

    def _count_workers(self) -> None:
        workers = self._workers().values()
        self.lanes: int = max(1, sum(worker["resources"].get("slice", worker["nthreads"]) for worker in workers))
        # Without workers, or without limits of theirs, it is not known: what there is has to do.
        limits = [worker.get("memory_limit") for worker in workers]
        self.megabytes: float = sum(limits) / 2**20 if limits and all(limits) else math.inf

    def _workers(self) -> dict[str, Any]:
        """What the scheduler knows of each worker, by its address."""
        workers: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return workers

    def short_of_memory(self) -> bool:
        """Does a worker come near the memory that it may use? A little later, Dask would let it do no more tasks."""
        try:
            workers = self._workers().values()
        except Exception:  # noqa: BLE001 - a client that is just closing says so in many ways
            return False
        return any(
            worker["status"] == "paused" or worker["metrics"]["memory"] > NEARLY_ALL * worker["memory_limit"]
            for worker in workers
            if worker.get("memory_limit")
        )

    def threads_for(self, training: int) -> int:
        """How many threads a slice may take where so many runs train. Workers that somebody else started may be
        anywhere: there, what is free decides alone."""
        if self._cluster is None:
            return settings.MOST_THREADS
        most: int = CPU_COUNT // max(1, min(training, self.lanes))
        return max(1, most)

    def _meet_scheduler(self) -> None:
        """Connects again where Dask has given up. The scheduler may be another than at the start: it is told where
        reports go and who looks after workers, and asked for those that it has now."""
        if self.closed:
            if time.monotonic() - self._sought_at < UNSOUGHT_SECONDS:
                raise EngineLost
            try:
                self._client = _client_of(self._address)
            except InvalidInput:
                raise EngineLost from None
            finally:
                self._sought_at = time.monotonic()
        try:
            self._client.subscribe_topic(self._topic, self._post)
            self._client.register_plugin(Caretaker())
            self._count_workers()
        except Exception as problem:
            # A client that is just closing says so in many ways.
            raise EngineLost from problem

    @classmethod
    def start(cls) -> Engine:
        """The engine that the environment asks for. Raises `InvalidInput` where AELIB_SCHEDULER does not answer."""
        sys.setswitchinterval(TURN_SECONDS)
        _configure_dask()
        address = os.environ.get("AELIB_SCHEDULER", "").strip()
        engine = cls(_client_of(address)) if address else cls._embedded()
        engine._client.register_plugin(Caretaker())
        return engine

    @classmethod
    def _embedded(cls) -> Engine:
        """Worker processes on this machine, reachable from this machine only, and only by whoever has the certificate
        made here: whoever can talk to a scheduler can run code, and loopback keeps no other account out. The key stays
        in memory; Dask hands it to the workers through the pipe that starts them."""
        workers = settings.WORKERS.given() or max(1, CPU_COUNT // 4)
        at_once = slices_at_once(CPU_COUNT, workers, settings.THREADS.given() or 1)
        # Slices bring their number of threads along (see `aelib.host.cores`): this is for all else.
        with dask.config.set({"distributed.nanny.pre-spawn-environ": {**ONE_THREAD, **ONE_HEAP}}):
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=at_once + SPARE_THREADS,
                resources={"slice": at_once},
                processes=True,
                host="127.0.0.1",
                dashboard_address=NO_DASHBOARD,
                security=Security.temporary(),
            )
        cluster.scheduler.http_server.stop()
        # States come straight from the worker that has them: the scheduler would copy them twice, in this process.
        return cls(Client(cluster, direct_to_workers=True), cluster)

    @classmethod
    def in_process(cls) -> Engine:
        """The same engine without processes of its own, for tests."""
        _configure_dask()
        cluster = LocalCluster(
            n_workers=1,
            threads_per_worker=1 + SPARE_THREADS,
            resources=SLICE,
            processes=False,
            dashboard_address=NO_DASHBOARD,
        )
        cluster.scheduler.http_server.stop()
        return cls(Client(cluster), cluster)

    def submit(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        visitor: str = "",
        seconds: float = BRIEF_SECONDS,
        weight: float = 1.0,
    ) -> Future:
        """Runs a slice of something long, `function(*arguments)`, on a worker, in the turn of `visitor`: it is expected
        to take so many `seconds`. `weight`: which part of another visitor's share of the time this one has.

        Futures among the arguments stand for their results. Whoever does not want the result any more releases the
        future: a function that is running then ends at its next `interruption.checkpoint`.
        """
        turn = self._turns.take(("slices", visitor), seconds, weight)
        return self._count(turn, self._send_slice(turn, tasks.while_wanted, function, *arguments))

    def ask(
        self, function: Callable[..., Any], *arguments: Any, visitor: str = "", seconds: float = BRIEF_SECONDS
    ) -> Future:
        """Runs something short that somebody is waiting for, beside the slices. The questions of a visitor take turns
        apart from her slices: they go before all of these, unless she asks for more than her share."""
        turn = self._turns.take(("questions", visitor), seconds)
        return self._count(turn, self._send_question(turn, function, *arguments))

    def follow(
        self,
        report: Callable[[Any], Any],
        arrived: Callable[[Any], object],
        function: Callable[..., Any],
        *arguments: Any,
        visitor: str = "",
        seconds: float = BRIEF_SECONDS,
        weight: float = 1.0,
    ) -> Future:
        """As `submit`; when it is done, `arrived` is called, on another thread, with `report(result)`, or with None
        where it came to no end. The result itself stays on its worker."""
        turn = self._turns.take(("slices", visitor), seconds, weight)
        return self._await(
            _Awaited(arrived, report, turn),
            lambda number: self._send_slice(turn, tasks.reporting, self._topic, number, report, function, *arguments),
        )

    def tell(
        self,
        arrived: Callable[[Any], object],
        function: Callable[..., Any],
        *arguments: Any,
        visitor: str = "",
        seconds: float = BRIEF_SECONDS,
    ) -> Future:
        """As `ask`, where nobody waits: `arrived` is called, on another thread, with the answer, or with None where
        there will be none. The result stays on its worker, too, for what is asked about it."""
        turn = self._turns.take(("questions", visitor), seconds)
        return self._await(
            _Awaited(arrived, tasks.same, turn),
            lambda number: self._send_question(turn, tasks.telling, self._topic, number, function, *arguments),
        )

    def _await(self, awaited: _Awaited, send: Callable[[int], Future]) -> Future:
        number = next(self._numbers)
        self._awaited[number] = awaited
        try:
            sent = send(number)
        except BaseException:
            del self._awaited[number]
            raise

        def ended(sent: Future) -> None:
            # One that was lost with its worker is computed again, and reports then.
            if sent.status in ENDED:
                self._deliver(number, _charged(awaited.turn, sent), None)

        sent.add_done_callback(ended)
        awaited.sent = sent
        return sent

    def _count(self, turn: Turn, sent: Future) -> Future:
        """Ends the turn of a task that does not report how long it took."""
        sent.add_done_callback(lambda sent: self._turns.end(turn, _charged(turn, sent)))
        return sent

    def _send_slice(self, turn: Turn, function: Callable[..., Any], *arguments: Any) -> Future:
        return self._send(turn, function, *arguments, resources=SLICE if self._cluster else None)

    def _send_question(self, turn: Turn, function: Callable[..., Any], *arguments: Any) -> Future:
        return self._send(turn, tasks.beside, function, *arguments)

    def _send(self, turn: Turn, function: Callable[..., Any], *arguments: Any, **options: Any) -> Future:
        try:
            # Every slice is retried elsewhere if its worker dies. "Pure" would make Dask hash the arguments.
            return self._client.submit(function, *arguments, pure=False, priority=-turn.start, **options)
        except BaseException as error:
            self._turns.end(turn, 0)
            if isinstance(error, ClosedClientError):
                raise EngineLost from None
            raise

    def recover_reports(self) -> None:
        """Asks again for each report that is missing although its result was there at the last call, too: a worker may
        die after others have its result and before it has reported. To be called every few seconds."""
        for number, awaited in list(self._awaited.items()):
            sent = awaited.sent
            if sent is None:
                continue
            if sent.status in ENDED:
                self._deliver(number, _charged(awaited.turn, sent), None)
            elif sent.status == "finished" and awaited.overdue:
                with contextlib.suppress(EngineLost):
                    awaited.asked_again = self.ask(tasks.repeating, self._topic, number, awaited.report, sent)
            awaited.overdue = sent.status == "finished"

    def _post(self, event: tuple[float, tuple[int, float, bytes]]) -> None:
        number, seconds, packed = event[1]
        self._postman.submit(lambda: self._deliver(number, seconds, deserialize_bytes(packed)))

    def _deliver(self, number: int, seconds: float, report: Any) -> None:
        # A slice that was replayed reports twice.
        awaited = self._awaited.pop(number, None)
        if awaited is None:
            return
        self._turns.end(awaited.turn, seconds)
        try:
            awaited.arrived(report)
        except Exception as error:  # noqa: BLE001 - other reports have to be delivered
            log.error("A report could not be taken in: %s", describe(error))

    def fetch(self, future: Future, seconds: float) -> Any:
        """The result of `future`, brought here. Raises `TimeoutError` where there is none after so many seconds, and
        whatever kept it from being computed."""
        # Not `result(timeout=…)`: Dask fetches the results of several callers together, and the one whose time is up
        # would break off the fetching for all of them.
        wait(future, timeout=seconds)
        return future.result()

    def keep(self, value: Any, *, visitor: str = "") -> Future:
        """Puts `value` on the engine, so that many questions can be asked about it."""
        return self.ask(tasks.same, value, visitor=visitor)

    def data(self, name: str) -> ReadyData:
        """The data set on the engine, sent there at the first call and where it was lost.

        Raises `InvalidInput` (see `datasets.load`) and `EngineLost`.
        """
        dataset = datasets.load(name)
        with self._lock:
            if self._cluster is None:
                self._meet_scheduler()
            if name not in self._ready or self._ready[name].lost:
                data = self.ask(slices.load_data, dataset)
                self._ready[name] = ReadyData(data, self.ask(slices.fit_basis, data))
            self._ready.move_to_end(name)
            while len(self._ready) > DATA_SETS_READY:
                self._ready.popitem(last=False)
            return self._ready[name]

    def worker_pids(self) -> list[int]:
        """The processes that train, wherever they are."""
        return list(self._client.run(os.getpid).values())

    def addresses(self) -> list[str]:
        """The network addresses on which scheduler and workers listen."""
        return [urlsplit(address).hostname or "" for address in (self._address, *self._workers())]

    @property
    def closed(self) -> bool:
        """Has it been closed, or given its scheduler up?"""
        return bool(self._client.status == "closed")

    def close(self) -> None:
        self._client.close()
        self._postman.shutdown(wait=False)
        if self._cluster is not None:
            self._cluster.close()


def refusal(asked: Future) -> str:
    """Why the engine would not do what it was asked, in a sentence; "" where it did, could not, or was lost."""
    error = asked.exception() if asked.status == "error" else None
    return str(error) if isinstance(error, InvalidInput) else ""


def _client_of(address: str) -> Client:
    """Raises `InvalidInput` where no scheduler answers."""
    allowed = "the address of a running Dask scheduler, such as tcp://127.0.0.1:8786"
    parts = urlsplit(address)
    if parts.scheme not in ("tcp", "tls") or not parts.hostname:
        raise InvalidInput("AELIB_SCHEDULER", address, allowed)
    try:
        return Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError, TypeError):
        # A TypeError is what Dask makes of an encrypted address where no certificates are set.
        raise InvalidInput("AELIB_SCHEDULER", address, allowed) from None


def _charged(turn: Turn, sent: Future) -> float:
    """How many seconds are counted of a task that does not report how long it took."""
    return 0.0 if sent.cancelled() else turn.seconds


def _configure_dask() -> None:
    dask.config.set(
        {
            # A data set is part of a task on purpose, see the module's docstring.
            "distributed.admin.large-graph-warning-threshold": "1GiB",
            # Questions are to reach a worker though slices of many runs wait there: it knows what comes first.
            "distributed.scheduler.worker-saturation": float("inf"),
            "distributed.worker.memory.terminate": 0.95,
            # What Dask keeps of its own messages for its developers: reports, here, with their images.
            "distributed.admin.low-level-log-length": 20,
            # Dask looks after itself up to a hundred times a second, and each time takes Python from the training
            # thread: what nobody reads is switched off, the rest is done more calmly.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "2s",
            "distributed.admin.system-monitor.interval": "2s",
            "distributed.worker.memory.monitor-interval": "1s",
        }
    )
    # Otherwise every worker that comes and goes is told on the terminal.
    for name in ("distributed.nanny", "distributed.scheduler", "distributed.core", HANDSHAKES):
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in ("distributed.scheduler", "distributed.client"):
        logging.getLogger(name).addFilter(tells_of_a_fault)
