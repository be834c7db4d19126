"""Who may train, and in which order the others follow."""

from __future__ import annotations

import pytest

from aelib.runs.line import Line
from aelib.settings import MAX_TRAINING


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv(MAX_TRAINING.variable, "2")
    return Line()


def join(line: Line, names: str, heard: list[str] | None = None) -> list[int]:
    """The places of members, each called by its visitor and a number: "a1 a2 b1"."""
    told = [] if heard is None else heard

    def joined(name: str) -> int:
        return line.join(name, name[0], lambda: told.append(name))

    return [joined(name) for name in names.split()]


def test_the_first_may_train_and_the_next_are_told_their_place(line: Line) -> None:
    assert join(line, "a b c d") == [0, 0, 1, 2]
    assert join(line, "d c b a") == [2, 1, 0, 0]
    assert line.training == 2


def test_when_one_leaves_those_behind_move_up_and_hear_of_it(line: Line) -> None:
    heard: list[str] = []
    join(line, "a b c d", heard)
    line.leave("a")
    assert heard == ["c", "d"]
    assert join(line, "b c d") == [0, 0, 1]
    line.leave("d")
    assert heard == ["c", "d"]


def test_whoever_comes_back_stands_at_the_end(line: Line) -> None:
    join(line, "a b c")
    line.leave("a")
    assert join(line, "a") == [1]


def test_leaving_twice_or_without_having_come_changes_nothing(line: Line) -> None:
    join(line, "a")
    line.leave("b")
    line.leave("a")
    line.leave("a")
    assert line.training == 0


def test_a_newcomer_takes_the_place_of_the_youngest_run_of_whoever_has_most(line: Line) -> None:
    heard: list[str] = []
    assert join(line, "a1 a2 a3 a4", heard) == [0, 0, 1, 2]
    assert join(line, "b1", heard) == [0]
    assert heard == ["a2", "a3", "a4"]
    assert join(line, "a1 a2 a3 a4") == [0, 1, 2, 3]


def test_those_who_wait_are_in_turn_visitor_by_visitor(line: Line) -> None:
    join(line, "a1 a2 a3 a4 b1 b2 c1")
    assert join(line, "a1 b1 c1 a2 b2 a3 a4") == [0, 0, 1, 2, 3, 4, 5]


def test_a_visitor_who_has_one_place_does_not_lose_it_to_a_newcomer(line: Line) -> None:
    assert join(line, "a b c a2") == [0, 0, 1, 2]
    assert join(line, "a b") == [0, 0]


def test_time_is_shared_among_visitors_and_then_among_the_runs_of_each(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_TRAINING.variable, "5")
    join(line, "a1 a2 a3 a4 b1")
    assert [line.share(name) for name in ("a1", "a4", "b1")] == [1 / 8, 1 / 8, 1 / 2]
    line.leave("b1")
    assert line.share("a1") == 1 / 4
