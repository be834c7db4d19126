"""How well a score ranks anomalous images above normal ones, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aelib.analysis.denoising.quality import CONFIDENCE

RESAMPLES = 1_000
# Of fewer images a bootstrap says nothing.
FEWEST = 2
# AUROC of a score that knows nothing.
CHANCE = 0.5


@dataclass(frozen=True)
class Interval:
    """An estimate, and the ends of its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Ranking:
    """The scores of `normal` and `anomalous` images, float32 [N] and [M], the larger the more suspicious.

    `auroc`: in how many of all pairs the anomaly has the larger score (equal ones count half), with the 95 % interval
    of a percentile bootstrap. `average_precision`: area under the precision-recall curve. `draws`: AUROC of each
    resample, float32 [1,000], or [0] where a group has a single image: then the interval is all of [0, 1]. Rankings of
    the same images are resampled alike, so that their draws are pairs.
    """

    normal: np.ndarray
    anomalous: np.ndarray
    auroc: Interval
    average_precision: float
    draws: np.ndarray


def rank(normal: np.ndarray, anomalous: np.ndarray) -> Ranking:
    """Ranks scores, float [N] and [M], neither of them empty."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    normal, anomalous = (np.asarray(scores, dtype=np.float32) for scores in (normal, anomalous))
    scores = np.concatenate([normal, anomalous])
    truth = np.repeat([0, 1], (len(normal), len(anomalous)))
    auroc = float(roc_auc_score(truth, scores))
    draws = _resampled(normal, anomalous)
    return Ranking(
        normal, anomalous, _interval(auroc, draws, CONFIDENCE), float(average_precision_score(truth, scores)), draws
    )


def lead(one: Ranking, other: Ranking, confidence: float = CONFIDENCE) -> Interval:
    """AUROC of `one` minus that of `other`, both of the same images, with its interval of this confidence."""
    return _interval(one.auroc.value - other.auroc.value, one.draws - other.draws, confidence, least=-1.0)


def above_chance(ranking: Ranking, confidence: float = CONFIDENCE) -> bool:
    """Does its interval of this confidence lie above 0.5, the AUROC of chance?"""
    return _interval(ranking.auroc.value, ranking.draws, confidence).low > CHANCE


def _interval(value: float, draws: np.ndarray, confidence: float, least: float = 0.0) -> Interval:
    if not len(draws):
        return Interval(value, least, 1.0)
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(value, float(low), float(high))


def _resampled(normal: np.ndarray, anomalous: np.ndarray) -> np.ndarray:
    """AUROC of resamples with replacement within each group, float32 [RESAMPLES]."""
    count, foreign = len(normal), len(anomalous)
    if min(count, foreign) < FEWEST:
        return np.empty(0, np.float32)
    chance = np.random.default_rng(0)
    # How often each image is in each resample.
    of_normal = chance.multinomial(count, np.full(count, 1 / count), RESAMPLES).astype(np.float32)
    of_anomalous = chance.multinomial(foreign, np.full(foreign, 1 / foreign), RESAMPLES).astype(np.float32)
    above = np.greater.outer(anomalous, normal) + np.float32(0.5) * np.equal.outer(anomalous, normal)
    draws = np.einsum("rn,rn->r", of_anomalous @ above.astype(np.float32), of_normal) / (count * foreign)
    return np.asarray(draws, dtype=np.float32)
