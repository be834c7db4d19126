"""What differences between arms say about a claim: pure functions of numbers, paired by seed.

A difference that matters is one of at least so much as a judgement says; a smaller one is named as too small, however
sure it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aelib.analysis.claims import Outcome, Verdict, holm
from aelib.analysis.denoising.quality import CONFIDENCE, Mean, mean, p_value, paired
from aelib.experiments.experiment import Effect, Judgement, Measured

__all__ = [
    "Mean",
    "equals",
    "judgement",
    "larger",
    "mean",
    "negated",
    "paired",
    "relative",
    "shifted",
    "signed",
    "together",
    "within_holm",
]

_INTERVALS = "95 % intervals (Student's t), paired by seed"
SMALL = "too small to matter"


def larger(difference: Mean, matters: float = 0.0) -> tuple[Outcome, str]:
    """A claim that `difference` is positive, and at least as large as what `matters`: with why where it is not."""
    if difference.low > 0 and difference.value >= matters:
        return Outcome.SUPPORTED, ""
    if difference.high < 0:
        return Outcome.REFUTED, ""
    if difference.high < matters or (difference.low > 0 and difference.value < matters):
        return Outcome.REFUTED, f"the difference is {SMALL}"
    return Outcome.UNDECIDED, ""


def equals(difference: Mean, matters: float) -> tuple[Outcome, str]:
    """A claim that two things are about equal: that their difference is smaller than what `matters` (two one-sided
    tests, Schuirmann 1987, as far as an interval says it)."""
    if -matters < difference.low and difference.high < matters:
        return Outcome.SUPPORTED, ""
    if difference.low > matters or difference.high < -matters:
        return Outcome.REFUTED, ""
    return Outcome.UNDECIDED, ""


def within_holm(differences: Mapping[str, Mean], matters: float = 0.0) -> dict[str, Outcome]:
    """The outcome of each of several claims that a difference is positive, with Holm's correction for as many tests."""
    adjusted = holm([p_value(one) for one in differences.values()])
    found = {}
    for (name, difference), p in zip(differences.items(), adjusted, strict=True):
        outcome = larger(difference, matters)[0]
        clear = p < 1 - CONFIDENCE or (outcome is Outcome.REFUTED and difference.high < matters)
        found[name] = outcome if clear else Outcome.UNDECIDED
    return found


def signed(difference: Mean, unit: str = "", *, percent: bool = False, digits: int = 3) -> str:
    """A difference with half the width of its interval: "+0.65 ± 0.10 dB"."""
    scale = 100.0 if percent else 1.0
    said = f"{difference.value * scale:+.{digits}g} ± {difference.margin * scale:.{max(1, digits - 1)}g}"
    return said.replace("-", "\N{MINUS SIGN}") + (" percentage points" if percent else f" {unit}" if unit else "")


def relative(difference: Mean) -> str:
    """A difference as a share of something, in percent: "−12.1 ± 3.0 %"."""
    digits = 1 if abs(difference.value) < 1 else 0
    said = f"{difference.value * 100:+.{digits}f} ± {difference.margin * 100:.{digits}f}"
    return said.replace("-", "\N{MINUS SIGN}") + "\N{NO-BREAK SPACE}%"


def shifted(difference: Mean, by: float) -> Mean:
    """The difference from another reference."""
    return Mean(difference.value + by, difference.margin, difference.count)


def negated(difference: Mean) -> Mean:
    """The difference the other way round."""
    return Mean(-difference.value, difference.margin, difference.count)


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Of a claim of several parts: it depends where one is supported and another refuted, and is undecided where one is
    undecided."""
    found = set(outcomes)
    if {Outcome.SUPPORTED, Outcome.REFUTED} <= found:
        return Outcome.DEPENDS
    return found.pop() if len(found) == 1 else Outcome.UNDECIDED


def judgement(
    id: str,
    claim: str,
    outcome: Outcome | Sequence[Outcome],
    reason: str,
    measured: Measured,
    effects: Sequence[tuple[str, Mean]],
    *,
    why: str = "",
    depends: str = "",
    means: str = "",
) -> Judgement:
    """A verdict with its effects. `outcome`: of several parts all have to say the same, else the claim `depends` on
    something. `why`: why it is undecided or refuted; `means`: what counts as supported."""
    parts = [outcome] if isinstance(outcome, Outcome) else list(outcome)
    found = together(parts)
    said = depends if found is Outcome.DEPENDS else why
    conditions = f"{measured.on}; {_INTERVALS}.{f' {means}.' if means else ''}"
    verdict = Verdict(id, claim, found, reason, conditions, said)
    return Judgement(verdict, tuple(Effect(title, difference) for title, difference in effects))
