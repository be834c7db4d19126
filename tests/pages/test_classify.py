"""The Classify page without a browser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aelib.analysis.classify import classifiers
from aelib.runs import Run, Runs
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES
from aelib.ui.pages.classify import contest
from tests.pages.conftest import Grids
from tests.pages.visit import opened, sound, wait_until
from tests.runs.waiting import wait_for_rest

PAGE = "pages/classify.py"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two points of the curve, two draws, and little training."""
    monkeypatch.setattr(contest, "CURVE", (3,))
    monkeypatch.setattr(contest, "DRAWS", 2)
    monkeypatch.setattr(contest, "RATES", (0.005, 0.01))
    monkeypatch.setattr("aelib.ui.pages.classify.verdict.RATES", (0.005, 0.01))
    monkeypatch.setattr(classifiers, "STEPS", 10)


def markdown(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption))


def visit(run: Run) -> AppTest:
    app = opened(run=run.id)
    return sound(app.switch_page(PAGE).run())


def measured(app: AppTest) -> AppTest:
    return wait_until(app, lambda app: "Pretraining helped" in markdown(app) and "| … |" not in markdown(app))


def test_all_contestants_are_measured_and_the_claims_judged(trained: Run, grids: Grids) -> None:
    app = measured(visit(trained))
    said = markdown(app)
    for title, _ in contest.CONTESTANTS.values():
        assert f"| {title} (" in said
    assert said.count("★") == 1
    wait_until(app, lambda app: "at each side's best rate" in markdown(app))
    for claim in ("Pretraining helped", "The encoder can start a classifier", "Codes may classify better"):
        assert f"“{claim}" in markdown(app)
    assert "once everything that it depends on is measured" not in markdown(app)
    assert "Holm's correction for 2 tests" in said and "seed 0" in said
    assert "397 test images" in said
    assert len(app.get("plotly_chart")) == 1
    assert app.select_slider(key="classify.count").value == 10
    found = app.session_state["classify.known"][1][contest.PRETRAINED, 10, 0]
    (row,) = grids["classify.grid"]
    assert [int(caption.removesuffix(" ✗")) for caption in row.captions] == found.named.tolist()
    assert row.note == f"{sum(not caption.endswith('✗') for caption in row.captions)} of 12 right"


def test_another_number_of_labels_keeps_what_is_known(trained: Run, grids: Grids) -> None:
    app = measured(visit(trained))
    before = dict(app.session_state["classify.known"][1])
    sound(app.select_slider(key="classify.count").set_value(20).run())
    measured(app)
    known = app.session_state["classify.known"][1]
    assert {key: known[key] for key in before} == before
    assert np.mean([known[contest.PIXEL, 20, draw].accuracy for draw in range(2)]) > 0.5


@pytest.mark.parametrize(
    "config",
    [
        replace(RECIPES["vanilla-64"].config, code_size=8, colour=True),
        replace(RECIPES["conv-pool"].config, widths=(2,)),
    ],
    ids=["colour", "convolutions"],
)
def test_runs_of_all_kinds_are_measured_trained_or_not(runs: Runs, grids: Grids, config: RunConfig) -> None:
    run = runs.create(replace(config, dataset="digits"), "somebody", train=False)
    wait_for_rest(run)
    app = wait_until(visit(run), lambda app: "| accuracy |" in markdown(app) and "| … |" not in markdown(app))
    # What has been told the classes is no witness for learning without labels.
    told = any("has seen the labels" in info.value for info in app.info)
    wait_until(app, lambda app: told or "Pretraining helped" in markdown(app))
    assert told == config.colour == ("Pretraining helped" not in markdown(app))
    assert any("is untrained" in info.value for info in app.info)
    assert [len(row.captions) for row in grids["classify.grid"]] == [12]
    assert not app.warning


def test_data_without_classes_are_told_to_have_none(
    trained: Run, grids: Grids, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aelib.analysis.classify.classifiers.most_labels", lambda labels: 0)
    app = visit(trained)
    wait_until(app, lambda app: any("has no class labels" in info.value for info in app.info))
    assert "classify.grid" not in grids


def test_while_a_run_trains_nothing_is_measured(runs: Runs, trained: Run, grids: Grids) -> None:
    run = runs.create(replace(trained.config, epochs=500), "somebody", train=True)
    app = visit(run)
    wait_until(app, lambda app: "Evaluated when training is paused" in markdown(app))
    assert "classify.known" not in app.session_state
    run.pause()
    wait_for_rest(run)
    wait_until(app, lambda app: "★" in markdown(app))
