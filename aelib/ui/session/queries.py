"""Questions to the engine, and the newest answers: no page waits longer for one than people do for a click.

An answer on its way leaves the one before in its place, so that images are replaced and never vanish.
Equal questions of all sessions are asked once, and taken back when the last place that waits for them asks something
else. What takes long also gives way while the visitor's hand moves: it is taken back, and asked when the hand rests.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import streamlit as st
from distributed import Future

from aelib.cluster.engine import ENDED, Engine, EngineLost
from aelib.host.faults import describe
from aelib.spec.fields import InvalidInput
from aelib.ui.server.channel import tab_hand
from aelib.ui.server.routes import one_for_all
from aelib.ui.server.visitors import Visitor

T = TypeVar("T")
log = logging.getLogger(__name__)

# What failed is asked again when a page is drawn after this long: a worker may have been lost.
RETRY_SECONDS = 5.0
# A page waits this long for an answer before it goes on with what it has.
TIMEOUT = 0.4
# So long for what takes longer anyway, and is not to keep back the rest.
BRIEFLY = 0.05
# So many answers stay on the engine for whoever asks the same: about runs, whose moments pass, and about data alone.
KEPT_OF_RUNS, KEPT_OF_DATA = 24, 200
_PLACES, _DRAWN = "answers", "answers.drawn"
_MORE = "more to come"


@dataclass(frozen=True)
class Moment:
    """A run as it was after `step` batches. What does not depend on a run is asked `of` None."""

    run_id: str
    step: int


@dataclass(frozen=True)
class Answer(Generic[T]):
    """`value`: the newest there is, to this question or (not `current`) to the one asked before at the same place;
    `of` and `key`: what it is an answer to. `problem`: one sentence where it could not be found."""

    value: T | None = None
    of: Moment | None = None
    key: Hashable = None
    current: bool = False
    problem: str = ""


@dataclass(frozen=True)
class _Question:
    function: str
    of: Moment | None
    key: Hashable

    def __str__(self) -> str:
        """For a log, where the names of runs and of data sets are not to be read: whoever knows them may use them."""
        return self.function if self.of is None else f"{self.function} of {self.of.run_id[:4]}… at step {self.of.step}"

    def differs_in_step_only(self, other: _Question) -> bool:
        return (
            self.of is not None
            and other.of is not None
            and self.of.run_id == other.of.run_id
            and (self.function, self.key) == (other.function, other.key)
        )


@dataclass(eq=False)
class _Sent:
    """A question on the engine; `places`: how many wait for its answer."""

    future: Future
    places: int = 0


class _Asked:
    """The questions of all sessions; those not asked for longest are forgotten."""

    def __init__(self) -> None:
        self._of_runs: OrderedDict[_Question, _Sent] = OrderedDict()
        self._of_data: OrderedDict[_Question, _Sent] = OrderedDict()
        self._lock = threading.Lock()

    def _like(self, question: _Question) -> OrderedDict[_Question, _Sent]:
        return self._of_data if question.of is None else self._of_runs

    def get(self, question: _Question, submit: Callable[[], Future]) -> _Sent:
        """For one more place, which says `leave` when it does not wait any more."""
        asked, most = self._like(question), KEPT_OF_DATA if question.of is None else KEPT_OF_RUNS
        with self._lock:
            sent = asked.get(question)
            if sent is None or sent.future.status in (*ENDED, "lost"):
                sent = asked[question] = _Sent(submit())
            sent.places += 1
            asked.move_to_end(question)
            while len(asked) > most:
                asked.popitem(last=False)
            return sent

    def leave(self, question: _Question, sent: _Sent) -> None:
        """What nobody waits for and is not answered yet is not computed."""
        with self._lock:
            sent.places -= 1
            if sent.places or sent.future.done():
                return
            asked = self._like(question)
            if asked.get(question) is sent:
                del asked[question]
            sent.future.release()


@dataclass(eq=False)
class _Place:
    """What one place on a page asked last, and the newest answer that it got. `sent` is None before the question is on
    the engine and when it is answered."""

    question: _Question
    answer: Answer[Any] = Answer()
    sent: _Sent | None = None
    failed_at: float = 0.0

    def fail(self, problem: str, at: float | None = None) -> None:
        self.answer = Answer(None, self.question.of, self.question.key, current=True, problem=problem)
        self.failed_at = time.monotonic() if at is None else at

    def take_back(self) -> None:
        """Does not wait any more. May be called from any thread."""
        sent, self.sent = self.sent, None
        if sent is not None:
            _asked().leave(self.question, sent)

    @property
    def worth_another_try(self) -> bool:
        return bool(self.answer.problem) and self.answer.current and time.monotonic() - self.failed_at > RETRY_SECONDS


@one_for_all
def _asked() -> _Asked:
    return _Asked()


def ask(
    place: str,
    engine: Engine,
    function: Callable[..., T],
    *arguments: Any,
    of: Moment | None,
    key: Hashable = None,
    hold_step: bool = False,
    expensive: bool = False,
    timeout: float = TIMEOUT,
) -> Answer[T]:
    """The answer of `function(*arguments)` on the engine, for this `place` on a page.

    `of` and `key` tell this question from others of the function: equal ones are asked once. With `hold_step`, a place
    keeps to the moment that it asked about, though the run is further. What is `expensive` to find (more than a tenth
    of a second) takes turns with the slices of runs, so that short questions always find a thread that is free; it is
    asked when the visitor's hand rests.
    """
    question = _Question(f"{function.__module__}.{function.__qualname__}", of, key)
    places: dict[str, _Place] = st.session_state.setdefault(_PLACES, {})
    mine = places.get(place)
    kept = mine is not None and (
        mine.question == question or (hold_step and mine.question.differs_in_step_only(question))
    )
    if mine is None or not kept or mine.worth_another_try:
        before = Answer() if mine is None else mine.answer
        if mine is not None:
            mine.take_back()
        mine = places[place] = _Place(question, replace(before, current=False))
    hand = tab_hand() if expensive else None
    if not mine.answer.current and mine.sent is None and (hand is None or hand.rests):
        # One that was taken back is asked about the newest moment.
        mine.question = question
        send = engine.submit if expensive else engine.ask
        try:
            mine.sent = _asked().get(question, lambda: send(function, *arguments, visitor=asker()))
        except EngineLost as problem:
            mine.fail(str(problem))
        if hand is not None:
            hand.interrupts(place, mine.take_back)
    if mine.sent is not None:
        _settle(mine, mine.sent, engine, timeout)
    st.session_state.setdefault(_DRAWN, set()).add(place)
    return mine.answer


def asker() -> str:
    """In whose turn a question is asked."""
    visitor: Visitor | None = st.session_state.get("visitor")
    return visitor.owner if visitor is not None else ""


def _settle(mine: _Place, sent: _Sent, engine: Engine, timeout: float) -> None:
    """Takes the answer if it comes within `timeout` seconds."""
    try:
        value = engine.fetch(sent.future, timeout)
    except TimeoutError:
        return
    except InvalidInput as refusal:
        # Another worker would say the same.
        mine.fail(str(refusal), at=math.inf)
    except Exception as error:  # noqa: BLE001 - whatever a worker raises, the page goes on
        if isinstance(error, CancelledError) and mine.sent is not sent:
            # It was taken back: the hand moves.
            return
        log.warning("A question could not be answered: %s: %s", mine.question, describe(error))
        mine.fail("This could not be computed (see the server log).")
    else:
        mine.answer = Answer(value, mine.question.of, mine.question.key, current=True)
    mine.take_back()


def begin() -> None:
    """A page is drawn again: what it does not ask this time, nobody waits for."""
    st.session_state[_DRAWN] = set()


def expect() -> None:
    """What is drawn goes on by itself, without an answer being waited for: the page is to be drawn again soon."""
    st.session_state.setdefault(_DRAWN, set()).add(_MORE)


def waiting() -> bool:
    """Is an answer on its way to what was drawn since `begin`, or more to come?"""
    places: dict[str, _Place] = st.session_state.get(_PLACES, {})
    drawn = st.session_state.get(_DRAWN, ())
    return _MORE in drawn or any(not places[name].answer.current for name in drawn if name in places)
