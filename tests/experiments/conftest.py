"""A small experiment, to be trained in a moment."""

from __future__ import annotations

import pytest

from aelib.analysis.claims import Outcome
from aelib.analysis.experiments import MEASUREMENTS
from aelib.experiments import EXPERIMENTS, Experiment, Judgement, Measured, Shown
from aelib.experiments.experiment import arm
from aelib.experiments.judging import judgement, larger, paired


def judge(measured: Measured) -> Judgement:
    narrow, wide = measured.arms
    better = paired(measured.of(narrow, "mse"), measured.of(wide, "mse"))
    outcome: Outcome = larger(better)[0]
    return judgement("C99", "Wider is better", outcome, "so it is", measured, [("error saved", better)])


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Experiment:
    """Two arms and two seeds on the bundled digits."""
    experiment = Experiment(
        id="C99",
        claim="Wider is better",
        sources=("tflearn article on autoencoders",),
        context="A claim of the tests.",
        arms=(
            arm("narrow", "vanilla-64", steps=12, code_size=2),
            arm("wide", "vanilla-64", steps=12, code_size=64, images=500),
        ),
        measurement=MEASUREMENTS["reconstruction"],
        shows=(Shown("mse", "Test MSE", log=True),),
        judge=judge,
        seconds=2,
        seeds=2,
    )
    monkeypatch.setitem(EXPERIMENTS, "C99", experiment)
    return experiment
