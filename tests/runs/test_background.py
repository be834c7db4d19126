"""Work of many visitors on few threads."""

from __future__ import annotations

import threading

from aelib.runs.background import THREADS, Background
from tests.runs.waiting import wait_until


def test_whoever_has_little_to_do_does_not_wait_for_all_that_another_sent_before() -> None:
    background, gate, done = Background(), threading.Event(), list[str]()
    for _ in range(THREADS):
        background.submit("many", gate.wait)
    for _ in range(50):
        background.submit("many", lambda: done.append("many"))
    background.submit("one", lambda: done.append("one"))
    gate.set()
    wait_until(lambda: len(done) == 51)
    assert done.index("one") < 2 * THREADS


def test_nobody_has_all_threads_for_work_that_takes_long() -> None:
    background, gate, done = Background(), threading.Event(), threading.Event()
    for _ in range(2 * THREADS):
        background.submit("many", gate.wait)
    background.submit("one", done.set)
    assert done.wait(20)
    gate.set()


def test_work_that_fails_keeps_nobody_from_their_turn() -> None:
    background, done = Background(), threading.Event()
    for _ in range(2 * THREADS):
        background.submit("me", lambda: 1 / 0)
    background.submit("me", done.set)
    assert done.wait(20)
