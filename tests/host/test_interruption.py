"""Long computations end where nobody waits for them."""

from __future__ import annotations

import threading

import pytest

from aelib.cluster.engine import Engine
from aelib.host.interruption import Interrupted, checkpoint, interruptible

BEGAN, GO_ON = threading.Event(), threading.Event()
REACHED: list[str] = []


def two_parts() -> str:
    BEGAN.set()
    GO_ON.wait(20)
    while not REACHED:
        checkpoint()
    REACHED.append("the end")
    return "whole"


def nothing() -> None:
    pass


def test_a_computation_ends_at_a_checkpoint_once_it_is_unwanted() -> None:
    unwanted = False
    with interruptible(lambda: unwanted):
        checkpoint()
        unwanted = True
        with pytest.raises(Interrupted):
            checkpoint()
    checkpoint()


def test_a_released_task_that_is_running_ends_early_and_makes_room(engine: Engine) -> None:
    BEGAN.clear()
    GO_ON.clear()
    REACHED.clear()
    sent = engine.submit(two_parts)
    assert BEGAN.wait(20)
    sent.release()
    # Messages keep their order: then the worker has heard of it.
    engine.fetch(engine.ask(nothing), 20)
    GO_ON.set()
    # One slice at a time: the next one begins when the one before has ended.
    engine.fetch(engine.submit(nothing), 20)
    assert REACHED == []
