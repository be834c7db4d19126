"""Cheap experiments, trained and measured for real on the bundled digits, with fewer seeds and steps than usual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aelib.analysis.claims import Outcome
from aelib.experiments import EXPERIMENTS, Asked, Results, complete
from aelib.experiments.local import Laboratory


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return Results(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def laboratory(results: Results) -> Laboratory:
    return Laboratory(results)


@pytest.mark.parametrize(
    ("id", "steps", "outcome"),
    [
        ("C3", 150, Outcome.REFUTED),
        ("C28", 150, Outcome.DEPENDS),
        ("C35", 150, Outcome.REFUTED),
        # After so few steps they say nothing yet.
        ("C1", 20, None),
        ("C15", 20, None),
        ("C19", 20, None),
    ],
)
def test_a_cheap_experiment_runs(
    id: str, steps: int, outcome: Outcome | None, laboratory: Laboratory, results: Results
) -> None:
    experiment = EXPERIMENTS[id]
    short = tuple(replace(arm, config=replace(arm.config, max_steps=steps)) for arm in experiment.arms)
    asked = Asked(replace(experiment, arms=short), "digits", 2)
    heard: list[tuple[int, int]] = []
    laboratory.run(asked, lambda done, total: heard.append((done, total)))
    assert heard == [(done, len(short) * 2) for done in range(len(short) * 2 + 1)]
    measured = complete(asked, results.measured(asked))
    assert measured is not None
    # All that is to be drawn is measured.
    drawn = {shown.name for shown in experiment.shows}
    assert all(drawn <= values.keys() for of_arm in measured.arms.values() for values in of_arm)
    judgement = experiment.judge(measured)
    assert judgement.verdict.claim == id and judgement.effects
    assert outcome is None or judgement.verdict.outcome is outcome, judgement.verdict
