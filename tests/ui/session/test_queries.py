"""Questions to the engine: asked once, answered when they can be, never leaving a page without what it had."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
import streamlit as st

from aelib.cluster.engine import Engine
from aelib.host.interruption import checkpoint
from aelib.spec.fields import InvalidInput
from aelib.ui.server.hand import REST_SECONDS, Hand
from aelib.ui.session import queries
from aelib.ui.session.queries import Moment, ask, begin, waiting

GATE, BEGAN = threading.Event(), threading.Event()
CALLS: list[int] = []
CLOCK = [0.0]


def square(number: int) -> int:
    CALLS.append(number)
    return number * number


def slow_square(number: int) -> int:
    GATE.wait(20)
    return number * number


def square_in_two_parts(number: int) -> int:
    BEGAN.set()
    GATE.wait(20)
    checkpoint()
    CALLS.append(number)
    return number * number


def broken(number: int) -> int:
    CALLS.append(number)
    raise RuntimeError(f"no {number}")


def refused(number: int) -> int:
    CALLS.append(number)
    raise InvalidInput("images", number, "at least 8")


def nothing() -> None:
    pass


def wait_for_messages(engine: Engine) -> None:
    """Until the worker has heard of everything that it was told before: messages keep their order."""
    engine.fetch(engine.ask(nothing), 20)


@pytest.fixture(autouse=True)
def session(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session of its own, on a server where nothing has been asked."""
    asked = queries._Asked()
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(queries, "_asked", lambda: asked)
    GATE.clear()
    BEGAN.clear()
    CALLS.clear()
    yield
    # What nobody waits for would keep the next test's questions waiting.
    for place in st.session_state.get(queries._PLACES, {}).values():
        place.take_back()
    wait_for_messages(engine)
    GATE.set()


def test_an_answer_that_comes_quickly_is_there_at_once(engine: Engine) -> None:
    answer = ask("here", engine, square, 7, of=None, key=7, timeout=20)
    assert (answer.value, answer.key, answer.current) == (49, 7, True)
    assert not waiting()


def test_equal_questions_are_asked_once(engine: Engine) -> None:
    for place in ("here", "there", "here"):
        assert ask(place, engine, square, 7, of=None, key=7, timeout=20).value == 49
    assert CALLS == [7]


def test_a_slow_answer_leaves_the_one_before_in_its_place(engine: Engine) -> None:
    begin()
    assert ask("here", engine, square, 2, of=None, key=2, timeout=20).value == 4
    before = ask("here", engine, slow_square, 3, of=None, key=3, timeout=0.05)
    assert (before.value, before.key, before.current) == (4, 2, False)
    assert waiting()
    GATE.set()
    answer = ask("here", engine, slow_square, 3, of=None, key=3, timeout=20)
    assert (answer.value, answer.key, answer.current) == (9, 3, True)
    assert not waiting()


def test_nobody_waits_for_what_is_not_drawn_any_more(engine: Engine) -> None:
    ask("here", engine, slow_square, 3, of=None, key=3, timeout=0.01)
    assert waiting()
    begin()
    assert not waiting()


def test_what_is_held_keeps_its_moment_until_something_else_is_asked(engine: Engine) -> None:
    first, later, other = Moment("a", 1), Moment("a", 2), Moment("b", 2)
    assert ask("here", engine, square, 2, of=first, key="x", hold_step=True, timeout=20).of == first
    held = ask("here", engine, square, 3, of=later, key="x", hold_step=True, timeout=20)
    assert (held.value, held.of, held.current) == (4, first, True)
    assert ask("here", engine, square, 3, of=later, key="y", hold_step=True, timeout=20).value == 9
    assert ask("here", engine, square, 5, of=other, key="y", hold_step=True, timeout=20).value == 25
    assert ask("here", engine, square, 6, of=Moment("b", 3), key="y", hold_step=False, timeout=20).value == 36


def test_a_question_that_fails_says_so_in_a_sentence_and_is_asked_again_later(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        answer = ask("here", engine, broken, 1, of=None, key=1, timeout=20)
        assert answer.value is None
        assert "could not be computed" in answer.problem
        assert not waiting()
    assert CALLS == [1]
    monkeypatch.setattr(queries, "RETRY_SECONDS", 0.0)
    ask("here", engine, broken, 1, of=None, key=1, timeout=20)
    assert CALLS == [1, 1]


def test_the_log_of_a_question_that_fails_names_neither_run_nor_data(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever knows their names may use them."""
    secret, data = "a-run-that-is-mine", f"own-{'0123' * 4}"
    ask("here", engine, broken, 2, of=Moment(secret, 5), key=(data, 2), timeout=20)
    (told,) = (record.getMessage() for record in caplog.records if record.name.startswith("aelib"))
    assert re.search(r"broken of a-ru… at step 5: RuntimeError in broken \(test_queries\.py, line \d+\)$", told)
    assert secret not in caplog.text and data not in caplog.text


def test_what_is_refused_is_answered_with_its_sentence_and_not_asked_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(queries, "RETRY_SECONDS", 0.0)
    for _ in range(2):
        answer = ask("here", engine, refused, 7, of=None, key=7, timeout=20)
        assert answer.problem == "images: “7” is not valid; use at least 8."
    assert CALLS == [7]
    # A worker of the app keeps it to itself, too (see `worker.Caretaker`).
    assert not [record for record in caplog.records if record.name.startswith("aelib")]


def test_who_waits_in_vain_does_not_break_off_what_another_waits_for(engine: Engine) -> None:
    found = []
    patient = threading.Thread(
        target=lambda: found.append(ask("there", engine, slow_square, 3, of=None, key=3, timeout=20))
    )
    patient.start()
    for _ in range(5):
        assert ask("here", engine, slow_square, 3, of=None, key=3, timeout=0.02).value is None
    GATE.set()
    patient.join(20)
    assert [(answer.value, answer.problem) for answer in found] == [(9, "")]


def test_dear_questions_leave_a_thread_to_short_ones(engine: Engine) -> None:
    for number in range(5):
        ask(f"dear {number}", engine, slow_square, number, of=None, key=number, expensive=True, timeout=0.01)
    assert ask("short", engine, square, 7, of=None, key=7, timeout=20).value == 49
    assert ask("dear 0", engine, slow_square, 0, of=None, key=0, expensive=True, timeout=0.01).value is None


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Hand:
    """Of the session, by a clock that shows `CLOCK`."""
    CLOCK[0] = 0.0
    hand = Hand(lambda: CLOCK[0])
    monkeypatch.setattr(queries, "tab_hand", lambda: hand)
    return hand


def test_while_the_hand_moves_only_what_is_quick_is_asked_and_the_rest_when_it_rests(
    engine: Engine, hand: Hand
) -> None:
    assert ask("dear", engine, square, 2, of=None, key=2, expensive=True, timeout=20).value == 4
    hand.moves()
    begin()
    held_back = ask("dear", engine, square, 3, of=None, key=3, expensive=True, timeout=0.01)
    assert (held_back.value, held_back.current) == (4, False)
    assert ask("quick", engine, square, 5, of=None, key=5, timeout=20).value == 25
    assert CALLS == [2, 5]
    assert waiting()
    CLOCK[0] = REST_SECONDS
    answer = ask("dear", engine, square, 3, of=None, key=3, expensive=True, timeout=20)
    assert (answer.value, answer.current) == (9, True)
    assert not waiting()


def test_a_movement_takes_back_what_is_being_computed_and_it_is_asked_again(engine: Engine, hand: Hand) -> None:
    ask("dear", engine, square_in_two_parts, 3, of=None, key=3, expensive=True, timeout=0.01)
    assert BEGAN.wait(20)
    hand.moves()
    assert ask("quick", engine, square, 5, of=None, key=5, timeout=20).value == 25
    GATE.set()
    assert ask("dear", engine, square_in_two_parts, 3, of=None, key=3, expensive=True, timeout=20).value is None
    assert waiting()
    CLOCK[0] = REST_SECONDS
    assert ask("dear", engine, square_in_two_parts, 3, of=None, key=3, expensive=True, timeout=20).value == 9
    assert CALLS == [5, 3]


def test_what_another_place_waits_for_is_not_taken_back(engine: Engine, hand: Hand) -> None:
    ask("dear", engine, square_in_two_parts, 3, of=None, key=3, expensive=True, timeout=0.01)
    assert BEGAN.wait(20)
    ask("other", engine, square_in_two_parts, 3, of=None, key=3, timeout=0.01)
    hand.moves()
    wait_for_messages(engine)
    GATE.set()
    assert ask("other", engine, square_in_two_parts, 3, of=None, key=3, timeout=20).value == 9


def test_what_is_outdated_is_not_computed_to_its_end(engine: Engine) -> None:
    ask("here", engine, square_in_two_parts, 3, of=None, key=3, expensive=True, timeout=0.01)
    assert BEGAN.wait(20)
    ask("here", engine, square, 4, of=None, key=4, expensive=True, timeout=0.01)
    wait_for_messages(engine)
    GATE.set()
    assert ask("here", engine, square, 4, of=None, key=4, expensive=True, timeout=20).value == 16
    assert CALLS == [4]
