"""Claims about classifiers that get few labels, judged from the accuracies of the same draws of labelled images.

The intervals (Student's t, paired over the draws) say how much hangs on which images are labelled. The run itself is
one network: how another seed would do is not in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aelib.analysis.claims import Outcome, Verdict, combined, holm, judged, may_be
from aelib.analysis.classify.classifiers import LEARNING_RATE
from aelib.analysis.denoising.quality import CONFIDENCE, Mean, p_value, paired


@dataclass(frozen=True)
class Pair:
    """Accuracies [draws] in [0, 1] of two classifiers, from the same draws of labelled images."""

    one: np.ndarray
    other: np.ndarray

    @property
    def difference(self) -> Mean:
        return paired(self.one, self.other)


def starts_a_classifier(usual: Pair, by_rate: Mapping[float, Pair], labels: int, measured_on: str) -> Verdict:
    """C22: fine-tuned (`one`) against from scratch, both at the usual learning rate, and at each side's best of the
    rates in `by_rate`."""
    at_usual = usual.difference
    best = {side: max(by_rate, key=lambda rate: getattr(by_rate[rate], side).mean()) for side in ("one", "other")}
    at_best = paired(by_rate[best["one"]].one, by_rate[best["other"]].other)
    outcome = combined((judged(at_usual), judged(at_best)))
    reason = (
        f"Fine-tuned, it is {_points(at_usual)} than the same network from scratch, both at a learning rate of "
        f"{LEARNING_RATE:g}, and {_points(at_best)} at each side's best rate ({best['one']:g} and {best['other']:g})"
    )
    tried = ", ".join(f"{rate:g}" for rate in sorted(by_rate))
    conditions = (
        f"{labels:,} labels per class, {measured_on}. It depends on the learning rate: the best of {tried} is chosen "
        "on these test images."
    )
    why = "the learning rate" if outcome is Outcome.DEPENDS else ""
    return Verdict("C22", "The encoder can start a classifier", outcome, reason, conditions, why)


def codes_may_classify_better(logistic: Pair, labels: int, measured_on: str) -> Verdict:
    """C23: logistic regression on codes (`one`) against pixels, see `claims.may_be`."""
    difference = logistic.difference
    outcome, why_not = may_be(difference)
    return Verdict(
        "C23",
        "Codes may classify better than pixels",
        outcome,
        f"Logistic regression on codes is {_points(difference)} than on pixels",
        f"{labels:,} labels per class, {measured_on}. {why_not}".rstrip(),
    )


def pretraining_helped(by_labels: Mapping[int, Pair], measured_on: str) -> Verdict:
    """C21: fine-tuned (`one`) against from scratch with several numbers of labels per class, corrected by Holm for as
    many tests."""
    differences = {count: pair.difference for count, pair in by_labels.items()}
    adjusted = dict(zip(differences, holm([p_value(one) for one in differences.values()]), strict=True))
    clear = {count: difference for count, difference in differences.items() if adjusted[count] < 1 - CONFIDENCE}
    signs = {difference.value > 0 for difference in clear.values()}
    outcome, why = Outcome.UNDECIDED, ""
    if len(signs) == 2:
        outcome, why = Outcome.DEPENDS, "the number of labels"
    elif signs:
        outcome = Outcome.SUPPORTED if signs.pop() else Outcome.REFUTED
    parts = [
        f"{count:,}: {difference.value * 100:+.1f} ± {difference.margin * 100:.1f} (p = {adjusted[count]:.2g})".replace(
            "-", "\N{MINUS SIGN}"
        )
        for count, difference in differences.items()
    ]
    return Verdict(
        "C21",
        "Pretraining helped",
        outcome,
        "Percentage points gained over the same network from scratch, by labels per class: " + "; ".join(parts),
        f"p after Holm's correction for {len(parts)} tests; {measured_on}. Both are trained with Adam at a learning "
        f"rate of {LEARNING_RATE:g}, and another rate may change it.",
        why,
    )


def _points(difference: Mean) -> str:
    more = "more" if difference.value >= 0 else "less"
    return f"{abs(difference.value) * 100:.1f} ± {difference.margin * 100:.1f} percentage points {more} accurate"
