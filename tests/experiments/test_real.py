"""Cheap experiments, trained and measured for real on the bundled digits, with fewer seeds and steps than usual."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aelib.analysis.claims import Outcome
from aelib.experiments import EXPERIMENTS, Asked, Results, complete
from aelib.experiments.local import Laboratory

STEPS = 150


@pytest.mark.parametrize(
    ("id", "outcome"),
    [
        ("C3", Outcome.REFUTED),
        ("C13", Outcome.REFUTED),
        ("C28", Outcome.DEPENDS),
        ("C31", Outcome.SUPPORTED),
        ("C35", Outcome.REFUTED),
        ("C43", Outcome.SUPPORTED),
    ],
)
def test_a_cheap_experiment_says_what_is_known(id: str, outcome: Outcome, tmp_path: Path) -> None:
    experiment = EXPERIMENTS[id]
    short = tuple(
        replace(arm, config=replace(arm.config, max_steps=min(STEPS, arm.config.max_steps))) for arm in experiment.arms
    )
    asked, results = Asked(replace(experiment, arms=short), "digits", 2), Results(tmp_path)
    heard: list[tuple[int, int]] = []
    Laboratory(results).run(asked, lambda done, total: heard.append((done, total)))
    assert heard == [(done, len(short) * 2) for done in range(len(short) * 2 + 1)]
    measured = complete(asked, results.measured(asked))
    assert measured is not None
    # All that is to be drawn is measured.
    assert all(
        shown.name in values for shown in experiment.shows for of_arm in measured.arms.values() for values in of_arm
    )
    judgement = experiment.judge(measured)
    assert judgement.verdict.claim == id and judgement.effects
    assert judgement.verdict.outcome is outcome, judgement.verdict
