"""What measurements say about a claim of the literature: an outcome, the numbers behind it, and what it holds for.

Judgements are pure functions of measured numbers. Where chance explains a difference, they say "undecided".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from aelib.analysis.denoising.quality import Mean


class Outcome(StrEnum):
    """The plain answers. `DEPENDS`: not the same under all of the conditions that were measured."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    DEPENDS = "depends"


@dataclass(frozen=True)
class Verdict:
    """A judged claim.

    `claim`: its place in the list of claims, e.g. "C18". `reason`: the numbers, with 95 % intervals. `conditions`: what
    they were measured on, and what else could change them. `why`: what the answer depends on ("the data"), or why it
    is undecided where that is not chance ("not comparable").
    """

    claim: str
    statement: str
    outcome: Outcome
    reason: str
    conditions: str
    why: str = ""

    @property
    def answer(self) -> str:
        """The outcome in words: "supported", "depends on the data", "undecided: not comparable"."""
        if self.outcome is Outcome.DEPENDS:
            return f"depends on {self.why}"
        return f"{self.outcome}: {self.why}" if self.why else str(self.outcome)


class Bounded(Protocol):
    """Something measured, with a confidence interval."""

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...


def judged(difference: Bounded) -> Outcome:
    """A claim that `difference` is positive: undecided where the 95 % interval contains zero."""
    if difference.low > 0:
        return Outcome.SUPPORTED
    return Outcome.REFUTED if difference.high < 0 else Outcome.UNDECIDED


def may_be(difference: Mean) -> tuple[Outcome, str]:
    """Of a claim that something *may* be better, judged by one network, which can support it but not refute it: the
    outcome, and where that is "undecided", the sentence that says why."""
    if judged(difference) is Outcome.SUPPORTED:
        return Outcome.SUPPORTED, ""
    return Outcome.UNDECIDED, "The claim says “may”: a single network can support it, but not refute it."


def combined(outcomes: Iterable[Outcome]) -> Outcome:
    """Of one claim, measured under several conditions: what all of them say, else that it depends on them."""
    found = set(outcomes) or {Outcome.UNDECIDED}
    return found.pop() if len(found) == 1 else Outcome.DEPENDS


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for as many tests (S. Holm 1979, "A simple sequentially rejective multiple test procedure"):
    one below 0.05 keeps the chance of any false alarm among all of them below 5 %."""
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
