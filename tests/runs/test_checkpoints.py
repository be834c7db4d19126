"""When the states of runs are saved."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from aelib.runs import checkpoints
from aelib.runs.checkpoints import CHECKPOINT_SECONDS, FIRST_CHECKPOINT_SECONDS, SECONDS_A_MEGABYTE, SHARE, Checkpoints


class Clock(SimpleNamespace):
    """Stands for the module `time`."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(checkpoints, "time", clock)
    return clock


def made(megabytes: float, companions: int) -> Checkpoints:
    """Of a run whose visitor trains so many, with it."""
    unused = SimpleNamespace()
    return Checkpoints(
        *("a run", unused, unused, unused, unused, unused, unused),  # type: ignore[arg-type]
        megabytes=megabytes,
        companions=lambda: companions,
    )


def started(megabytes: float, companions: int) -> Checkpoints:
    new = made(megabytes, companions)
    new.soon()
    return new


def due_after(run: Checkpoints, clock: Clock) -> float:
    began = clock.now
    while not run.due:
        clock.now += 0.1
    waited, clock.now = clock.now - began, began
    return waited


def test_a_new_run_is_saved_soon(clock: Clock) -> None:
    assert due_after(started(1, companions=1), clock) == pytest.approx(FIRST_CHECKPOINT_SECONDS, abs=0.2)


def test_large_runs_that_one_visitor_starts_together_are_saved_one_after_another(clock: Clock) -> None:
    each = 50 * SECONDS_A_MEGABYTE / SHARE
    waits = [due_after(started(50, companions), clock) for companions in range(1, 32)]
    assert waits == pytest.approx([each * number for number in range(1, 32)], abs=0.2)


def test_small_runs_that_one_visitor_starts_together_are_saved_soon(clock: Clock) -> None:
    assert due_after(started(0.3, companions=31), clock) == pytest.approx(FIRST_CHECKPOINT_SECONDS, abs=0.2)


def test_a_run_that_comes_from_the_store_is_saved_in_its_time(clock: Clock) -> None:
    restored = made(1, companions=1)
    assert due_after(restored, clock) == pytest.approx(CHECKPOINT_SECONDS, abs=0.2)
