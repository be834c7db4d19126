"""Claims about anomalies, judged by the areas under ROC curves of scores of the same images."""

from __future__ import annotations

from collections.abc import Mapping

from aelib.analysis.anomalies.ranking import Interval, Ranking, lead
from aelib.analysis.claims import Outcome, Verdict, combined, judged
from aelib.analysis.denoising.quality import CONFIDENCE

# "Far" is a matter of definition: in so many of all pairs an anomaly's distance is larger than a normal image's.
FAR = 0.9
# With fewer images of a group nothing is decided: their bootstrap intervals are too narrow.
FEWEST_JUDGED = 20


def lies_far(distances: Mapping[str, Ranking], measured_on: str) -> Verdict:
    """C28, for each of the distances by name."""
    outcomes, parts = [], []
    for name, ranking in distances.items():
        auroc = ranking.auroc
        above = Interval(auroc.value - FAR, auroc.low - FAR, auroc.high - FAR)
        outcomes.append(judged(above))
        parts.append(f"{name}: {told(auroc)}, {outcomes[-1]}")
    return _verdict(
        "C28",
        "An anomaly's encoding lies far from the others",
        combined(outcomes),
        f"AUROC by {'; '.join(parts)}",
        f"“Far”: an AUROC of at least {FAR:g}, so that in {100 * FAR:.0f} % of all pairs the anomaly is farther out. "
        f"{measured_on}",
        next(iter(distances.values())),
        why="the distance",
    )


def code_beats_error(codes: Mapping[str, Ranking], error: Ranking, measured_on: str) -> Verdict:
    """Is any distance of the code better than the reconstruction error? Of several the best has an advantage by chance:
    the intervals are those of as many comparisons (Bonferroni)."""
    confidence = 1 - (1 - CONFIDENCE) / len(codes)
    leads = {name: lead(ranking, error, confidence) for name, ranking in codes.items()}
    best = max(leads, key=lambda name: leads[name].value)
    outcomes = [judged(one) for one in leads.values()]
    outcome = Outcome.UNDECIDED
    if Outcome.SUPPORTED in outcomes:
        outcome = Outcome.SUPPORTED
    elif all(one is Outcome.REFUTED for one in outcomes):
        outcome = Outcome.REFUTED
    return _verdict(
        "",
        "The code reveals anomalies better than the reconstruction error",
        outcome,
        f"AUROC {codes[best].auroc.value:.3f} for the best of {len(codes)} distances in the code ({best}), "
        f"{error.auroc.value:.3f} for the reconstruction error; difference {_signed(leads[best])}",
        f"Intervals corrected for {len(codes)} comparisons (Bonferroni). {measured_on}",
        error,
    )


def network_beats_pca(error: Ranking, pca: Ranking, components: int, measured_on: str) -> Verdict:
    """Does the network's reconstruction error tell anomalies better than that of PCA with so many `components`?"""
    difference = lead(error, pca)
    return _verdict(
        "",
        "The network reveals anomalies better than PCA",
        judged(difference),
        f"AUROC {error.auroc.value:.3f} for its reconstruction error, {pca.auroc.value:.3f} for the PCA residual; "
        f"difference {_signed(difference)}",
        f"PCA with {components:,} components. {measured_on}",
        error,
    )


def told(auroc: Interval) -> str:
    """An AUROC with its interval."""
    return f"{auroc.value:.3f} [{auroc.low:.3f}, {auroc.high:.3f}]"


def _signed(difference: Interval) -> str:
    said = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
    return said.replace("-", "\N{MINUS SIGN}")


def _verdict(
    claim: str, statement: str, outcome: Outcome, reason: str, conditions: str, ranking: Ranking, why: str = ""
) -> Verdict:
    fewest = min(len(ranking.normal), len(ranking.anomalous))
    if fewest < FEWEST_JUDGED:
        return Verdict(
            claim, statement, Outcome.UNDECIDED, reason, conditions, f"fewer than {FEWEST_JUDGED} images in a group"
        )
    return Verdict(claim, statement, outcome, reason, conditions, why if outcome is Outcome.DEPENDS else "")
