"""What the detector is sent (packed as `aelib.ui.components.packing` says), and what it says."""

from __future__ import annotations

import math

import numpy as np

from aelib.analysis.anomalies.ranking import Ranking
from aelib.analysis.anomalies.thresholds import USUAL, By, Rule
from aelib.ui.components.packing import Packer

OPTIONS: dict[By, tuple[float, ...]] = {
    By.ALARMS: (0, 0.1, 0.2, 0.5, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50),
    By.QUANTILE: (0, 1, 2, 5, *range(10, 100, 5), 100),
    By.COST: (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100),
}
_USUAL = {By.ALARMS: USUAL.value, By.QUANTILE: 50, By.COST: 1}


def payload(name: str, titles: tuple[str, str], ranking: Ranking, rule: Rule) -> bytes:
    """`name`: of the score; `titles`: of the normal and the anomalous images."""
    packer = Packer()
    auroc = ranking.auroc
    header = {
        "name": name,
        "titles": dict(zip(("normal", "anomalous"), titles, strict=True)),
        "rule": {"by": rule.by, "value": rule.value},
        "options": OPTIONS,
        "usual": _USUAL,
        "auroc": f"{auroc.value:.3f}",
        "averagePrecision": f"{ranking.average_precision:.3f}",
        "normal": packer.add(np.sort(ranking.normal)),
        "anomalous": packer.add(np.sort(ranking.anomalous)),
    }
    return packer.pack(header)


def rule_of(sent: object) -> Rule | None:
    """The rule that a browser sends, read with the distrust that is due to everything from outside."""
    if not isinstance(sent, dict) or set(sent) != {"by", "value"}:
        return None
    by, value = sent["by"], sent["value"]
    if not isinstance(by, str) or by not in list(By) or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not math.isfinite(value) or (by != By.HAND and value not in OPTIONS[By(by)]):
        return None
    return Rule(By(by), float(value))
