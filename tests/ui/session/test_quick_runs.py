"""Runs that get good within seconds fit the data they are trained on."""

from __future__ import annotations

import pytest

from aelib import datasets
from aelib.spec.constraints import checked
from aelib.ui.session.quick_runs import BY_TASK, FAITHFUL, FLAT_CODES, FLAT_DRAWINGS, SIDE_BY_SIDE, Quick

ALL = [FAITHFUL, FLAT_CODES, FLAT_DRAWINGS, *BY_TASK.values(), *SIDE_BY_SIDE]


@pytest.mark.parametrize("quick", ALL)
@pytest.mark.parametrize("dataset", ["digits", "mnist"])
def test_a_quick_run_is_a_run_that_may_be_started(quick: Quick, dataset: str) -> None:
    config = quick.on(dataset)
    assert checked(config) == config
    assert config.dataset == dataset


def test_small_data_are_shown_more_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aelib.ui.session.quick_runs.loaded_dataset", datasets.load)
    count = len(datasets.load("digits").train_images)
    assert FAITHFUL.on("digits").epochs == round(300_000 / count)


@pytest.mark.parametrize("task", BY_TASK)
def test_a_quick_run_for_a_task_has_that_task(task: str) -> None:
    assert BY_TASK[task].config.task == task
