"""Turns between visitors: a simulated engine that always does what has the lowest start."""

from __future__ import annotations

import pytest

from aelib.cluster.turns import Turns


def served(turns: Turns, visitors: dict[str, list[float]], until: float) -> dict[str, float]:
    """Seconds of each visitor on an engine that does one task at a time, where each of her runs has one task waiting,
    of so many seconds."""
    waiting = [(turns.take(name, seconds), seconds) for name, runs in visitors.items() for seconds in runs]
    got, clock = dict.fromkeys(visitors, 0.0), 0.0
    while clock < until:
        turn, seconds = min(waiting, key=lambda task: task[0].start)
        waiting.remove((turn, seconds))
        turns.end(turn, seconds)
        clock += seconds
        got[str(turn.who)] += seconds
        waiting.append((turns.take(turn.who, seconds), seconds))
    return got


def test_a_visitor_with_a_hundred_runs_gets_as_much_time_as_one_with_a_single_run() -> None:
    got = served(Turns(), {"many": [0.25] * 100, "one": [0.25]}, until=100)
    assert got["one"] == pytest.approx(50, abs=1)


def test_time_is_shared_evenly_whatever_the_length_of_the_tasks() -> None:
    got = served(Turns(), {"long": [1.0] * 4, "short": [0.02] * 60, "middling": [0.2] * 7}, until=300)
    assert all(seconds == pytest.approx(100, abs=3) for seconds in got.values())


def test_a_newcomer_does_not_stand_behind_what_others_have_sent_already() -> None:
    turns = Turns()
    sent = [turns.take("many", 0.25) for _ in range(100)]
    for turn in sent[:10]:
        turns.end(turn, 0.25)
    assert turns.take("new", 0.25).start < sent[11].start


def test_who_did_nothing_for_long_has_saved_no_time_up() -> None:
    turns = Turns()
    served(turns, {"busy": [0.25], "idle": [0.25]}, until=1)
    served(turns, {"busy": [0.25]}, until=100)
    got = served(turns, {"busy": [0.25], "idle": [0.25]}, until=10)
    assert got["idle"] == pytest.approx(5, abs=1)


@pytest.mark.parametrize("took", [0.0, 2.0])
def test_what_a_task_really_took_is_counted(took: float) -> None:
    turns = Turns()
    turns.take("other", 0.25)
    turns.end(turns.take("me", 0.25), took)
    assert turns.take("me", 0.25).start == took


def test_nothing_is_kept_of_visitors_who_have_gone() -> None:
    turns = Turns()
    sent = [turns.take(f"visitor {number}", 0.1) for number in range(100)]
    for turn in sent:
        turns.end(turn, 0.2)
    assert not turns._next


def test_a_weight_is_a_part_of_the_share_of_others() -> None:
    turns, clock = Turns(), 0.0
    got = {"person": 0.0, "experiment": 0.0}
    weights = {"person": 1.0, "experiment": 0.25}
    waiting = [turns.take(name, 0.25, weight) for name, weight in weights.items()]
    while clock < 100:
        turn = min(waiting, key=lambda turn: turn.start)
        waiting.remove(turn)
        turns.end(turn, 0.25)
        clock += 0.25
        got[str(turn.who)] += 0.25
        waiting.append(turns.take(turn.who, 0.25, turn.weight))
    assert got["experiment"] == pytest.approx(20, abs=1)
