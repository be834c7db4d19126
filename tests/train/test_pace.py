"""How long slices are beside those of others."""

from __future__ import annotations

import pytest

from aelib.spec.state import Progress
from aelib.train.pace import MOST_STRETCHED, SLICE_SECONDS, Pace

STEP_SECONDS = 0.01


def lengths(monkeypatch: pytest.MonkeyPatch, waits: list[float], turns: float = 2) -> list[float]:
    """Seconds of each slice of a run, where another's keeps it waiting so long before each."""
    clock, run, step, found = 0.0, Pace(), 0, []
    monkeypatch.setattr("aelib.train.pace.time.monotonic", lambda: clock)
    for wait in waits:
        steps = run.next_slice(10**6, turns)
        step += steps
        clock += wait + steps * STEP_SECONDS
        run.landed(Progress(steps, steps * STEP_SECONDS, 0.1, 0.1), step, turns)
        found.append(steps * STEP_SECONDS)
    return found


def test_slices_last_as_long_as_they_should_where_turns_are_even(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lengths(monkeypatch, [0.25] * 20)[-1] == pytest.approx(SLICE_SECONDS)


def test_a_run_that_waits_for_long_slices_of_others_makes_its_own_longer_and_gets_half_of_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait = 0.6
    found = lengths(monkeypatch, [wait] * 40, turns=1)[20:]
    assert SLICE_SECONDS < max(found) <= MOST_STRETCHED * SLICE_SECONDS
    assert sum(found) / (sum(found) + wait * len(found)) > 0.4


def test_longer_slices_get_short_again_once_nobody_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lengths(monkeypatch, [2.0] * 20 + [0.0] * 20)[-1] == pytest.approx(SLICE_SECONDS)
