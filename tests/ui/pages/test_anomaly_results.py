"""What the Anomalies page says of how well scores rank."""

from __future__ import annotations

import numpy as np

from aelib.analysis.anomalies.groups import Group
from aelib.analysis.anomalies.ranking import Ranking, rank
from aelib.analysis.anomalies.scores import ERROR, FOREST, RESIDUAL
from aelib.ui.pages.anomalies.choosing import Choice
from aelib.ui.pages.anomalies.measuring import Measured
from aelib.ui.pages.anomalies.results import sentence, table

GROUPS = Choice(*(Group("", np.zeros((2, 784), np.uint8), ["", ""]),) * 2, "")


def apart(distance: float) -> Ranking:
    chance = np.random.default_rng(3)
    return rank(chance.normal(size=200), chance.normal(distance, size=200))


def measured(**rankings: Ranking) -> Measured:
    return Measured((), rankings, None, None, 0, 0, True, "")


def test_the_best_score_has_a_star_only_where_it_is_better_than_chance() -> None:
    works = table(GROUPS, measured(**{ERROR: apart(1), RESIDUAL: apart(0)}))
    assert [line.split(" | ")[0] for line in works.splitlines() if "★" in line] == [f"| {ERROR}"]
    assert "★" not in table(GROUPS, measured(**{ERROR: apart(0), FOREST: apart(-1)}))


def test_the_sentence_says_what_chance_would_be() -> None:
    assert sentence(GROUPS, ERROR, apart(1)).endswith("chance is 0.5).")
