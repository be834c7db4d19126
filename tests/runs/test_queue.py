"""Who may train, and in which order the others follow."""

from __future__ import annotations

import pytest

from aelib.host.settings import MAX_TRAINING
from aelib.runs.queue import TrainingQueue
from aelib.runs.status import Shortage


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> TrainingQueue:
    monkeypatch.setenv(MAX_TRAINING.variable, "2")
    return TrainingQueue()


def join(queue: TrainingQueue, names: str, heard: list[str] | None = None) -> list[int]:
    """The places of members, each called by its visitor and a number: "a1 a2 b1"."""
    told = [] if heard is None else heard

    def joined(name: str) -> int:
        return queue.join(name, name[0], lambda: told.append(name))

    return [joined(name) for name in names.split()]


def test_the_first_may_train_and_the_next_are_told_their_place(queue: TrainingQueue) -> None:
    assert join(queue, "a b c d") == [0, 0, 1, 2]
    assert join(queue, "d c b a") == [2, 1, 0, 0]
    assert queue.training == 2


def test_when_one_leaves_those_behind_move_up_and_hear_of_it(queue: TrainingQueue) -> None:
    heard: list[str] = []
    join(queue, "a b c d", heard)
    queue.leave("a")
    assert heard == ["c", "d"]
    assert join(queue, "b c d") == [0, 0, 1]
    queue.leave("d")
    assert heard == ["c", "d"]


def test_whoever_comes_back_stands_at_the_end(queue: TrainingQueue) -> None:
    join(queue, "a b c")
    queue.leave("a")
    assert join(queue, "a") == [1]


def test_leaving_twice_or_without_having_come_changes_nothing(queue: TrainingQueue) -> None:
    join(queue, "a")
    queue.leave("b")
    queue.leave("a")
    queue.leave("a")
    assert queue.training == 0


def test_a_newcomer_takes_the_place_of_the_youngest_run_of_whoever_has_most(queue: TrainingQueue) -> None:
    heard: list[str] = []
    assert join(queue, "a1 a2 a3 a4", heard) == [0, 0, 1, 2]
    assert join(queue, "b1", heard) == [0]
    assert heard == ["a2", "a3", "a4"]
    assert join(queue, "a1 a2 a3 a4") == [0, 1, 2, 3]


def test_those_who_wait_are_in_turn_visitor_by_visitor(queue: TrainingQueue) -> None:
    join(queue, "a1 a2 a3 a4 b1 b2 c1")
    assert join(queue, "a1 b1 c1 a2 b2 a3 a4") == [0, 0, 1, 2, 3, 4, 5]


def test_a_visitor_who_has_one_place_does_not_lose_it_to_a_newcomer(queue: TrainingQueue) -> None:
    assert join(queue, "a b c a2") == [0, 0, 1, 2]
    assert join(queue, "a b") == [0, 0]


def test_time_is_shared_among_visitors_and_then_among_the_runs_of_each(
    queue: TrainingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_TRAINING.variable, "5")
    join(queue, "a1 a2 a3 a4 b1")
    assert [queue.share(name) for name in ("a1", "a4", "b1")] == [1 / 8, 1 / 8, 1 / 2]
    queue.leave("b1")
    assert queue.share("a1") == 1 / 4


def test_companions_are_the_runs_of_the_same_visitor_that_train(
    queue: TrainingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_TRAINING.variable, "3")
    join(queue, "a1 a2 a3 a4 b1")
    assert [queue.companions(name) for name in ("a1", "a4", "b1", "nobody")] == [2, 2, 1, 1]


def holding(queue: TrainingQueue, *members: tuple[str, float], heard: list[str] | None = None) -> list[int]:
    """The places of members, each with the megabytes that it needs."""
    told = [] if heard is None else heard

    def joined(name: str, megabytes: float) -> int:
        return queue.join(name, name[0], lambda: told.append(name), megabytes=megabytes)

    return [joined(*member) for member in members]


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> TrainingQueue:
    """A line for many runs, which may hold 100 megabytes."""
    monkeypatch.setenv(MAX_TRAINING.variable, "100")
    return TrainingQueue(lambda: 100.0)


def test_who_would_need_more_than_is_left_waits_for_memory_until_it_is_free_again(roomy: TrainingQueue) -> None:
    assert holding(roomy, ("a", 60), ("b", 60)) == [0, 1]
    assert roomy.shortage("b") == Shortage.MEMORY and not roomy.shortage("a")
    roomy.leave("a")
    assert holding(roomy, ("b", 60)) == [1]
    roomy.free("a")
    assert holding(roomy, ("b", 60)) == [0]


def test_who_needs_more_than_there_is_trains_alone_and_is_told_so_before(roomy: TrainingQueue) -> None:
    assert holding(roomy, ("a", 60), ("b", 160)) == [0, 1]
    assert roomy.shortage("b") == Shortage.ALL_MEMORY
    roomy.leave("a")
    roomy.free("a")
    assert holding(roomy, ("b", 160)) == [0] and not roomy.shortage("b")


def test_a_small_run_does_not_wait_for_a_large_one_that_does_not_fit(roomy: TrainingQueue) -> None:
    assert holding(roomy, ("a", 60), ("b", 60), ("c", 10)) == [0, 1, 0]


def test_a_run_that_needs_more_than_there_is_has_it_alone(roomy: TrainingQueue) -> None:
    assert holding(roomy, ("a", 500), ("b", 500)) == [0, 1]
    roomy.leave("a")
    roomy.free("a")
    assert holding(roomy, ("b", 500)) == [0]


def test_memory_goes_round_visitors_and_what_others_need_is_asked_back(roomy: TrainingQueue) -> None:
    heard: list[str] = []
    assert holding(roomy, ("a1", 30), ("a2", 30), ("a3", 30), heard=heard) == [0, 0, 0]
    assert holding(roomy, ("b1", 30), heard=heard) == [1]
    assert heard == ["a3"] and roomy.is_wanted("a3") and not roomy.is_wanted("a2")
    roomy.free("a3")
    assert holding(roomy, ("b1", 30), ("a3", 30)) == [0, 1]


def test_memory_of_runs_that_rest_is_asked_back_where_others_wait_for_it(roomy: TrainingQueue) -> None:
    heard: list[str] = []
    holding(roomy, ("a", 60), heard=heard)
    roomy.leave("a")
    assert roomy.holds("a") and not roomy.is_wanted("a")
    holding(roomy, ("b", 60), heard=heard)
    assert heard == ["a"] and roomy.is_wanted("a")


def test_a_first_slice_needs_memory_but_no_place_among_those_that_train(queue: TrainingQueue) -> None:
    join(queue, "a b")
    assert queue.join("c", "c", nothing, trains=False) == 0
    assert queue.join("c", "c", nothing) == 1
    assert queue.training == 2


def test_nobody_is_let_in_while_memory_is_scarcer_than_was_estimated(roomy: TrainingQueue) -> None:
    heard: list[str] = []
    holding(roomy, ("a", 10))
    roomy.review(closed=True)
    assert holding(roomy, ("b", 10), heard=heard) == [1] and roomy.shortage("b")
    roomy.review(closed=False)
    assert heard == ["b"] and holding(roomy, ("b", 10)) == [0]


def test_somebody_is_let_in_even_then_where_nobody_holds_anything(roomy: TrainingQueue) -> None:
    roomy.review(closed=True)
    assert holding(roomy, ("a", 10)) == [0]


def nothing() -> None:
    pass


def test_one_that_yields_is_behind_all_others(queue: TrainingQueue) -> None:
    def joined(name: str, yields: bool = False) -> int:
        return queue.join(name, name[0], lambda: None, yields=yields)

    assert joined("experiment", yields=True) == 0
    assert join(queue, "a1 b1") == [0, 0]
    # It had a place, and has to give it up.
    assert joined("experiment", yields=True) == 1
    # Even behind somebody's third run.
    assert join(queue, "a2 a3") == [1, 2] and joined("experiment", yields=True) == 3
    for name in ("a1", "b1", "a2", "a3"):
        queue.leave(name)
    assert joined("experiment", yields=True) == 0
