"""One question to everybody in a room, and what the answers come to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

MOST_POLLS = 50
QUESTION_CHARACTERS, CHOICE_CHARACTERS = 200, 60
LEAST_CHOICES, MOST_CHOICES = 2, 6
# Numbers are counted in so many intervals of equal width.
INTERVALS = 8
LARGEST_NUMBER = 1e9


@dataclass(frozen=True)
class Poll:
    """A question with `choices`, or, where there are none, for a number from `low` to `high`. `answers`: by the
    participant's id, the index of a choice, or the number. `revealed`: may everybody see what the answers come to?
    `closed`: it is on nobody's screen any more."""

    id: str
    question: str
    choices: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 1.0
    answers: tuple[tuple[str, float], ...] = ()
    revealed: bool = False
    closed: bool = False

    def answer_of(self, participant_id: str) -> float | None:
        return dict(self.answers).get(participant_id)

    def takes(self, value: float) -> bool:
        """Is this an answer to the question?"""
        if self.choices:
            return value in range(len(self.choices))
        return math.isfinite(value) and self.low <= value <= self.high

    def text(self, value: float) -> str:
        """An answer in words."""
        return self.choices[int(value)] if self.choices else f"{value:g}"


@dataclass(frozen=True)
class Row:
    """So many gave this answer, or one in this interval of numbers; `mine`: the one who looks is among them."""

    label: str
    count: int
    mine: bool = False


def tally(poll: Poll, participant_id: str | None = None) -> list[Row]:
    """How often each choice was made, in their order; of numbers, how many lie in each interval: its lower end belongs
    to it, and to the last interval its upper end too."""
    counts = [0] * (len(poll.choices) or INTERVALS)
    for _, value in poll.answers:
        counts[_place(poll, value)] += 1
    own = None if participant_id is None else poll.answer_of(participant_id)
    mine = None if own is None else _place(poll, own)
    if poll.choices:
        labels = list(poll.choices)
    else:
        ends = [poll.low + (poll.high - poll.low) * place / INTERVALS for place in range(INTERVALS + 1)]
        labels = [f"{low:g} to {high:g}" for low, high in pairwise(ends)]
    return [Row(label, count, place == mine) for place, (label, count) in enumerate(zip(labels, counts, strict=True))]


def problem(question: str, choices: tuple[str, ...], low: float, high: float) -> str:
    """One sentence on what is wrong with a question; empty where nothing is."""
    if not 0 < len(question) <= QUESTION_CHARACTERS:
        return f"Question: enter 1 to {QUESTION_CHARACTERS} characters."
    if not choices:
        if not (math.isfinite(low) and math.isfinite(high) and -LARGEST_NUMBER <= low < high <= LARGEST_NUMBER):
            return f"Numbers: the lowest has to be below the highest, both within ±{LARGEST_NUMBER:,.0f}."
        return ""
    if not LEAST_CHOICES <= len(choices) <= MOST_CHOICES or len(set(choices)) < len(choices):
        return f"Choices: enter {LEAST_CHOICES} to {MOST_CHOICES} different answers, one per line."
    if not all(0 < len(choice) <= CHOICE_CHARACTERS for choice in choices):
        return f"Choices: each answer has 1 to {CHOICE_CHARACTERS} characters."
    return ""


def _place(poll: Poll, value: float) -> int:
    if poll.choices:
        return int(value)
    return min(INTERVALS - 1, int((value - poll.low) / (poll.high - poll.low) * INTERVALS))
