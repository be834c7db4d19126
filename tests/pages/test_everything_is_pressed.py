"""Every page with all that it offers pressed, chosen and moved, on enough images and on hardly any."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from aelib import datasets
from aelib.runs import Run, Runs
from aelib.spec.recipes import RECIPES
from tests.datasets.samples import npz
from tests.pages.conftest import VISITOR, Grids
from tests.pages.visit import opened
from tests.pages.walker import Walk
from tests.runs.waiting import wait_for_rest
from tests.walk import todays

PAGES = ("reconstructions", "denoising", "latent_space", "decode", "classify", "anomalies")
NETWORKS: tuple[dict[str, Any], ...] = (
    {"recipe": "multilayer-64", "code_size": 8, "widths": (16,)},
    {"recipe": "vae", "code_size": 3, "widths": (16,)},
    {"recipe": "fully-conv", "widths": (2, 2)},
    {"recipe": "vanilla-64", "code_size": 2, "colour": True, "corruption": "block"},
    {"recipe": "vanilla-64", "code_size": 300},
)
FEW = (1, 2, 3, 7, 8, 10, 11, 12, 24, 49, 51)
# By and by every page with every network.
CASES = [
    (page, NETWORKS[(place + turn) % len(NETWORKS)], test)
    for turn, test in enumerate(FEW)
    for place, page in enumerate(PAGES)
]


@pytest.fixture(autouse=True)
def clean_log(runs: Runs, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is fetched, and nothing is logged that the server's log should not have."""
    monkeypatch.setattr(datasets.Download, "start", lambda job: job)
    yield
    for summary in runs.list(VISITOR):
        runs.get(summary.id).pause()
    said = [record for record in caplog.get_records("call") if record.levelno >= logging.WARNING]
    assert [record.getMessage() for record in said if "ScriptRunContext" not in record.getMessage()] == []


def trained_on(runs: Runs, test: int, recipe: str = "multilayer-64", **changes: Any) -> Run:
    """A run for a moment on a hundred digits of one's own; with `test` of them for tests."""
    whole = datasets.load("digits")
    few = {
        "x_train": whole.train_images[:100],
        "y_train": whole.train_labels[:100],
        "x_test": whole.test_images[:test],
        "y_test": whole.test_labels[:test],
    }
    name = datasets.import_upload([("few.npz", npz(**few))], owner=VISITOR).name
    config = replace(RECIPES[recipe].config, dataset=name, batch_size=32, epochs=1, **changes)
    run = runs.create(config, VISITOR, train=True)
    wait_for_rest(run)
    return run


def shows_a_run(app: AppTest) -> bool:
    return any(box.key == "look.run" for box in app.selectbox)


def shows_settings(app: AppTest) -> bool:
    return any(button.key == "train" for button in app.button)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_looks_into_a_run(runs: Runs, grids: Grids, page: str) -> None:
    run = trained_on(runs, 60, **NETWORKS[0])
    walk = Walk(opened(f"pages/{page}.py", run=run.id), shows_a_run)
    walk.all()
    walk.settle()
    assert len(walk.log) > 3


@pytest.mark.parametrize(("page", "network", "test"), todays(CASES, 2))
def test_a_page_of_hardly_any_test_images(
    runs: Runs, grids: Grids, page: str, network: dict[str, Any], test: int
) -> None:
    run = trained_on(runs, test, **network)
    walk = Walk(opened(f"pages/{page}.py", run=run.id), shows_a_run)
    walk.settle()
    walk.all()
    walk.settle()


def test_the_train_page(runs: Runs) -> None:
    run = trained_on(runs, 60, **NETWORKS[0])
    # What leads to another page has a test of its own.
    walk = Walk(opened(run=run.id), shows_settings, left_out=("train.reconstruct",))
    walk.all()
    assert len(walk.log) > 100


def test_the_table_of_runs(runs: Runs, grids: Grids) -> None:
    chosen = [trained_on(runs, 60, **network) for network in NETWORKS[:2]]
    app = opened()
    app.session_state["runs.selected"] = tuple(run.id for run in chosen)
    walk = Walk(
        app.switch_page("pages/runs.py").run(), lambda app: any(box.key == "runs.filter" for box in app.text_input)
    )
    walk.all()
    assert len(walk.log) >= 10


def test_the_workshop(runs: Runs) -> None:
    walk = Walk(opened("pages/workshop.py"), lambda app: True)
    walk.all()
    assert len(walk.log) > 5


def test_every_recipe_can_be_tried(runs: Runs) -> None:
    app = opened("pages/recipes.py")
    for recipe in RECIPES:
        app.button(key=f"use.{recipe}").click().run()
        assert not app.exception
        app.switch_page("pages/train.py").run()
        assert app.selectbox(key="setting.recipe").value == recipe
        app.switch_page("pages/recipes.py").run()
