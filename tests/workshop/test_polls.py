"""A question to everybody: what may be asked and answered, and what the answers come to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from aelib.runs import Runs
from aelib.workshop import Refused, Room, Rooms
from aelib.workshop.codes import PSEUDONYMS
from aelib.workshop.polls import INTERVALS, Poll, tally

NAMES = sorted(PSEUDONYMS)


@pytest.fixture
def rooms(runs: Runs, home: Path) -> Rooms:
    return Rooms(home, runs)


@pytest.fixture
def room(rooms: Rooms) -> Room:
    room = rooms.open("Saturday", "leader")
    for number in range(3):
        rooms.join(room.id, (f"owner {number}",), NAMES[number])
    return rooms.get(room.id) or room


def asked(rooms: Rooms, room: Room) -> Poll:
    found = rooms.get(room.id)
    assert found is not None and found.poll is not None
    return found.poll


def test_choices_are_counted_and_ones_own_is_marked(rooms: Rooms, room: Room) -> None:
    rooms.ask(room.id, "Which  wins?", ["PCA", " the   network ", ""])
    poll = asked(rooms, room)
    assert (poll.question, poll.choices) == ("Which wins?", ("PCA", "the network"))
    for person, choice in zip(room.participants, (0, 1, 0), strict=True):
        rooms.answer(room.id, person.id, poll.id, choice)
    # A second thought replaces the first.
    rooms.answer(room.id, room.participants[0].id, poll.id, 1)
    rows = tally(asked(rooms, room), room.participants[0].id)
    assert [(row.label, row.count, row.mine) for row in rows] == [("PCA", 1, False), ("the network", 2, True)]


def test_numbers_are_counted_as_numpy_counts_them() -> None:
    values = [0.0, 2.0, 7.99, 8.0, 15.9, 16.0, 5.0, 5.0]
    poll = Poll("x" * 16, "How many?", (), 0.0, 16.0, tuple((str(k), value) for k, value in enumerate(values)))
    counts, _ = np.histogram(values, INTERVALS, (0.0, 16.0))
    assert [row.count for row in tally(poll)] == counts.tolist()
    assert [row.label for row in tally(poll)][:2] == ["0 to 2", "2 to 4"]


@pytest.mark.parametrize(
    ("question", "choices", "low", "high", "named"),
    [
        ("", ("a", "b"), 0, 1, "Question"),
        ("x" * 201, ("a", "b"), 0, 1, "Question"),
        ("x", ("a",), 0, 1, "Choices"),
        ("x", ("a", "a"), 0, 1, "Choices"),
        ("x", tuple("abcdefg"), 0, 1, "Choices"),
        ("x", ("a", "b" * 61), 0, 1, "Choices"),
        ("x", (), 1, 1, "Numbers"),
        ("x", (), 0, float("nan"), "Numbers"),
        ("x", (), 0, 1e300, "Numbers"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_what_is_allowed(
    rooms: Rooms, room: Room, question: str, choices: tuple[str, ...], low: float, high: float, named: str
) -> None:
    with pytest.raises(Refused, match=named):
        rooms.ask(room.id, question, choices, low, high)
    assert rooms.get(room.id) == room


@pytest.mark.parametrize("value", [-1, 2, 0.5, float("nan"), float("inf")])
def test_what_is_no_choice_is_no_answer(rooms: Rooms, room: Room, value: float) -> None:
    rooms.ask(room.id, "Which?", ["a", "b"])
    with pytest.raises(Refused):
        rooms.answer(room.id, room.participants[0].id, asked(rooms, room).id, value)
    assert asked(rooms, room).answers == ()


def test_after_the_answers_are_revealed_nobody_changes_them(rooms: Rooms, room: Room) -> None:
    rooms.ask(room.id, "How many?", (), 2, 64)
    poll = asked(rooms, room)
    rooms.answer(room.id, room.participants[0].id, poll.id, 32)
    for value in (1, 65, float("nan")):
        with pytest.raises(Refused):
            rooms.answer(room.id, room.participants[1].id, poll.id, value)
    rooms.reveal(room.id)
    with pytest.raises(Refused, match="closed"):
        rooms.answer(room.id, room.participants[1].id, poll.id, 8)
    # Nor does anybody who is not there.
    rooms.ask(room.id, "Again?", (), 2, 64)
    rooms.remove(room.id, room.participants[2].id)
    for who in ("nobody", room.participants[2].id):
        with pytest.raises(Refused):
            rooms.answer(room.id, who, asked(rooms, room).id, 8)


def test_questions_and_answers_survive_a_restart(rooms: Rooms, room: Room, runs: Runs, home: Path) -> None:
    rooms.ask(room.id, "Which?", ["=a", "b"])
    rooms.answer(room.id, room.participants[0].id, asked(rooms, room).id, 1)
    rooms.reveal(room.id)
    rooms.ask(room.id, "How many?", (), -1.5, 64)
    rooms.answer(room.id, room.participants[0].id, asked(rooms, room).id, 2.25)
    again = Rooms(home, runs)
    assert again.get(room.id) == rooms.get(room.id)
    again.close_poll(room.id)
    found = again.get(room.id)
    assert found is not None and found.poll is None and len(found.polls) == 2
