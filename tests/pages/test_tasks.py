"""Choosing a task on the Train page: what it changes, and what stands below it."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aelib import datasets
from aelib.runs import Runs
from aelib.spec.corruptions import CORRUPTIONS
from aelib.ui.panels.tasks import TASKS
from tests.datasets.samples import npz
from tests.pages.visit import opened, query, sound, wait_until, widget_labels
from tests.runs.waiting import wait_for_rest


def choose(app: AppTest, task: str) -> AppTest:
    return sound(app.selectbox(key="setting.task").set_value(task).run())


def test_every_corruption_belongs_to_a_task() -> None:
    offered = [kind for task in ("noise", "gap", "resolution") for kind in TASKS[task].kinds]
    assert sorted(offered) == sorted(CORRUPTIONS)


CHOSEN = {
    "copy": {},
    "noise": {"corruption": "gaussian", "corruption_level": "0.5"},
    "gap": {"corruption": "block", "corruption_level": "0.4"},
    "resolution": {"corruption": "low-resolution", "corruption_level": "0.5"},
    "colour": {"colour": "true"},
}


@pytest.mark.parametrize("task", CHOSEN)
def test_a_task_sets_colour_and_damage_and_the_url_brings_it_back(runs: Runs, task: str) -> None:
    app = opened(corruption="line", colour="true", corruption_level="0.3")
    if task == "colour":
        choose(app, "copy")
    choose(app, task)
    settings = {name: value for name, value in query(app).items() if name not in ("dataset", "recipe")}
    if task in ("copy", "colour"):
        # Without damage its level says nothing.
        del settings["corruption_level"]
    assert settings == CHOSEN[task]
    assert opened(**query(app)).selectbox(key="setting.task").value == task


def test_below_a_task_stand_the_kinds_of_it(runs: Runs) -> None:
    app = opened()
    assert not {"Kind of noise", "Shape of the mask", "Input resolution"} & widget_labels(app)
    choose(app, "noise")
    assert {"Kind of noise", "Noise level σ"} <= widget_labels(app)
    choose(app, "gap")
    assert {"Shape of the mask", "Mask size (fraction of the side)"} <= widget_labels(app)
    choose(app, "resolution")
    assert "Input resolution" in widget_labels(app)
    assert not any(label.startswith(("Noise level", "Mask")) for label in widget_labels(app))


def test_another_gap_begins_at_its_usual_size_and_other_noise_keeps_its_level(runs: Runs) -> None:
    app = opened(corruption="block", corruption_level="0.7")
    sound(app.selectbox(key="setting.corruption").set_value("line").run())
    assert query(app)["corruption_level"] == "0.15"
    app = opened(corruption="gaussian", corruption_level="0.7")
    sound(app.selectbox(key="setting.corruption").set_value("masking").run())
    assert query(app)["corruption_level"] == "0.7"


def test_the_resolution_is_chosen_by_its_pixels_and_turned_while_training(runs: Runs) -> None:
    app = opened(corruption="low-resolution", corruption_level="0.45", epochs="500")
    assert app.selectbox(key="setting.resolution").value == 14
    sound(app.button(key="train").click().run())
    run = runs.get(query(app)["run"])
    sound(app.selectbox(key="setting.resolution").set_value(7).run())
    assert query(app)["corruption_level"] == "0.75"
    assert run.settings.corruption_level == 0.75
    assert app.button(key="train").label == "Train"
    sound(app.button(key="pause").click().run())
    wait_for_rest(run)


def test_tied_weights_are_untied_for_colour_with_a_sentence(runs: Runs) -> None:
    app = choose(opened(tied="true"), "colour")
    assert "Tied weights" in app.warning[0].value
    assert "Tied weights" not in widget_labels(app)
    assert "tied" not in query(app)


@pytest.fixture
def without_classes(home: object) -> str:
    images = np.random.default_rng(0).integers(0, 255, (120, 28, 28), np.uint8)
    return datasets.import_upload([("pictures.npz", npz(images=images))]).name


def offers_no_colour(app: AppTest) -> bool:
    return "Colourize (needs class labels)" in app.selectbox(key="setting.task").options


def test_pictures_without_classes_are_not_coloured(runs: Runs, without_classes: str) -> None:
    app = wait_until(opened(dataset=without_classes), offers_no_colour)
    choose(app, "colour")
    assert "needs class labels" in app.warning[0].value
    assert app.selectbox(key="setting.task").value == "copy"
    assert "colour" not in query(app)


def test_a_coloured_run_of_pictures_without_classes_says_why_it_cannot_begin(runs: Runs, without_classes: str) -> None:
    app = wait_until(opened(dataset=without_classes, colour="true"), offers_no_colour)
    assert any("needs class labels" in caption.value for caption in app.caption)
    sound(app.button(key="train").click().run())
    run = runs.get(query(app)["run"])
    wait_until(app, lambda _: run.status == "failed")
    assert "class labels" in run.view().message
