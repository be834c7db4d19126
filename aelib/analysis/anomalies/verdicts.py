"""Claims about anomalies, judged by the areas under ROC curves of scores of the same images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aelib.analysis.anomalies.ranking import Interval, Ranking, above_chance, lead
from aelib.analysis.claims import Outcome, Verdict, combined, judged
from aelib.analysis.denoising.quality import CONFIDENCE

# "Far" is a matter of definition: in so many of all pairs an anomaly's distance is larger than a normal image's.
FAR = 0.9
# With fewer images of a group nothing is decided: their bootstrap intervals are too narrow.
FEWEST_JUDGED = 20
# Why nothing is better than anything else where nothing works.
_NEITHER = "neither tells anomalies from normal images better than chance"
_NOT_THIS = "it does not tell anomalies from normal images better than chance"


def lies_far(distances: Mapping[str, Ranking], measured_on: str) -> Verdict:
    """C28, for each of the distances by name, which is said as "by the NAME"."""
    found = far({name: ranking.auroc for name, ranking in distances.items()}, measured_on)
    return _if_enough(found, next(iter(distances.values())))


def far(aurocs: Mapping[str, Interval], measured_on: str) -> Verdict:
    """C28, by the AUROC of each of the distances by name, of one network or as a mean over several."""
    outcomes = {
        name: judged(Interval(auroc.value - FAR, auroc.low - FAR, auroc.high - FAR)) for name, auroc in aurocs.items()
    }
    outcome = combined(outcomes.values())
    parts = [
        f"{told(auroc)} by the {name}" + (f" ({outcomes[name]})" if outcome is Outcome.DEPENDS else "")
        for name, auroc in aurocs.items()
    ]
    return Verdict(
        "C28",
        "An anomaly's encoding lies far from the others",
        outcome,
        f"AUROC {', '.join(parts)}; “far” means at least {FAR:g} here",
        f"An AUROC of {FAR:g} means that the anomaly is farther out in {100 * FAR:.0f} % of all pairs of an anomaly "
        f"and a normal image. {measured_on}",
        why="the distance" if outcome is Outcome.DEPENDS else "",
    )


def code_beats_error(codes: Mapping[str, Ranking], error: Ranking, measured_on: str) -> Verdict:
    """Is any distance of the code better than the reconstruction error, and than chance? Of several the best has an
    advantage by chance: the intervals are those of as many comparisons (Bonferroni)."""
    confidence = 1 - (1 - CONFIDENCE) / len(codes)
    leads = {name: lead(ranking, error, confidence) for name, ranking in codes.items()}
    best = max(leads, key=lambda name: leads[name].value)
    outcomes = {name: judged(one) for name, one in leads.items()}
    ahead = {name for name, one in outcomes.items() if one is Outcome.SUPPORTED}
    working = {name for name, ranking in codes.items() if above_chance(ranking, confidence)}
    outcome = Outcome.UNDECIDED
    if ahead:
        outcome = Outcome.SUPPORTED
    elif all(one is Outcome.REFUTED for one in outcomes.values()):
        outcome = Outcome.REFUTED
    outcome, why = _if_it_works(outcome, bool(working & ahead if ahead else working), above_chance(error))
    return _verdict(
        "",
        "The code reveals anomalies better than the reconstruction error",
        outcome,
        f"AUROC {told(codes[best].auroc)} for the best of {len(codes)} distances in the code ({best}), "
        f"{told(error.auroc)} for the reconstruction error; difference {_signed(leads[best])}",
        f"The interval of the difference is corrected for {len(codes)} comparisons (Bonferroni). {measured_on}",
        error,
        why,
    )


def network_beats_pca(error: Ranking, pca: Ranking, components: int, measured_on: str) -> Verdict:
    """Does the network's reconstruction error tell anomalies better than that of PCA with so many `components`, and
    than chance?"""
    difference = lead(error, pca)
    outcome, why = _if_it_works(judged(difference), above_chance(error), above_chance(pca))
    return _verdict(
        "",
        "The network reveals anomalies better than PCA",
        outcome,
        f"AUROC {told(error.auroc)} for its reconstruction error, {told(pca.auroc)} for the PCA residual; "
        f"difference {_signed(difference)}",
        f"PCA with {components:,} components. {measured_on}",
        error,
        why,
    )


def _if_it_works(outcome: Outcome, works: bool, other_works: bool) -> tuple[Outcome, str]:
    """The outcome of "this is better than the other", given which of them are better than chance; undecided, and why,
    where neither is, or where the one that is ahead is not."""
    if not works and not other_works:
        return Outcome.UNDECIDED, _NEITHER
    if not works and outcome is Outcome.SUPPORTED:
        return Outcome.UNDECIDED, _NOT_THIS
    return outcome, ""


def told(auroc: Interval) -> str:
    """An AUROC with its interval."""
    return f"{auroc.value:.3f} [{auroc.low:.3f}, {auroc.high:.3f}]"


def _signed(difference: Interval) -> str:
    said = f"{difference.value:+.3f} [{difference.low:+.3f}, {difference.high:+.3f}]"
    return said.replace("-", "\N{MINUS SIGN}")


def _verdict(
    claim: str, statement: str, outcome: Outcome, reason: str, conditions: str, ranking: Ranking, why: str = ""
) -> Verdict:
    return _if_enough(Verdict(claim, statement, outcome, reason, conditions, why), ranking)


def _if_enough(verdict: Verdict, ranking: Ranking) -> Verdict:
    """The verdict, undecided where a group has too few images."""
    if min(len(ranking.normal), len(ranking.anomalous)) >= FEWEST_JUDGED:
        return verdict
    return replace(verdict, outcome=Outcome.UNDECIDED, why=f"fewer than {FEWEST_JUDGED} images in a group")
