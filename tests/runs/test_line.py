"""Who may train, and in which order the others follow."""

from __future__ import annotations

import pytest

from aelib.runs.line import Line
from aelib.settings import MAX_TRAINING


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setenv(MAX_TRAINING.variable, "2")
    return Line()


def nothing() -> None:
    pass


def test_the_first_may_train_and_the_next_are_told_their_place(line: Line) -> None:
    assert [line.join(name, nothing) for name in "abcd"] == [0, 0, 1, 2]
    assert [line.join(name, nothing) for name in "dcba"] == [2, 1, 0, 0]
    assert line.training == 2


def test_when_one_leaves_those_behind_move_up_and_hear_of_it(line: Line) -> None:
    heard: list[str] = []
    for name in "abcd":
        line.join(name, lambda name=name: heard.append(name))  # type: ignore[misc]
    line.leave("a")
    assert heard == ["c", "d"]
    assert [line.join(name, nothing) for name in "bcd"] == [0, 0, 1]
    line.leave("d")
    assert heard == ["c", "d"]


def test_whoever_comes_back_stands_at_the_end(line: Line) -> None:
    for name in "abc":
        line.join(name, nothing)
    line.leave("a")
    assert line.join("a", nothing) == 1


def test_leaving_twice_or_without_having_come_changes_nothing(line: Line) -> None:
    line.join("a", nothing)
    line.leave("b")
    line.leave("a")
    line.leave("a")
    assert line.training == 0
