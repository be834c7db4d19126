"""What a worker does for the engine: it computes slices and answers questions, and reports without delay."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from distributed import get_worker
from distributed.protocol import serialize_bytes

from aelib.host.cores import METER
from aelib.host.interruption import Interrupted, interruptible

# A report lets the news go first that its slice is done: Dask holds back what comes within 2 ms of another message, and
# the next slice would begin by so much later.
REPORT_SECONDS = 0.005


def reporting(
    topic: str, number: int, summary: Callable[[Any], Any], function: Callable[..., Any], *arguments: Any
) -> Any:
    """Computes a slice, whose result stays here, and reports its `summary`."""
    began = time.monotonic()
    result = function(*arguments)
    report(topic, number, time.monotonic() - began, summary(result), REPORT_SECONDS)
    return result


def telling(topic: str, number: int, function: Callable[..., Any], *arguments: Any) -> Any:
    """Answers a question and reports the answer."""
    began = time.monotonic()
    result = function(*arguments)
    report(topic, number, time.monotonic() - began, result)
    return result


def repeating(topic: str, number: int, summary: Callable[[Any], Any], result: Any) -> None:
    """Reports a result once more."""
    report(topic, number, 0.0, summary(result))


def report(topic: str, number: int, took: float, said: Any, delay: float = 0.0) -> None:
    """Sends `said` to the engine. What Dask sends back by itself would go through three more tasks and threads."""
    worker = get_worker()
    event = number, took, serialize_bytes(said)
    # Only a loop's own thread may have it wait.
    worker.loop.add_callback(worker.loop.call_later, delay, worker.log_event, topic, event)


def beside(function: Callable[..., Any], *arguments: Any) -> Any:
    """Answers a question with one thread: what it would gain with more, the slice beside it would lose many times."""
    from aelib.train import hardware

    with METER.question(), hardware.one_thread():
        return function(*arguments)


def while_wanted(function: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `function`, or None where the last future of it was released meanwhile."""
    worker = get_worker()
    key = worker.get_current_task()

    def unwanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is None or task.state == "cancelled"

    with contextlib.suppress(Interrupted), interruptible(unwanted):
        return function(*arguments)
    return None


def same(value: Any) -> Any:
    """What was sent, so that it stays here."""
    return value
