"""What was measured is found again by its question."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from aelib import datasets
from aelib.experiments import Asked, Experiment, Question, Results, complete
from aelib.experiments.results import content, foreign_to


def question(asked: Asked, arm: int = 0, seed: int = 0) -> Question:
    return asked.question(asked.design.arms[arm], seed)


def test_the_key_is_the_content_of_the_question(small: Experiment) -> None:
    asked = Asked(small, "digits", 2)
    keys = {question(asked, arm, seed).key for arm in (0, 1) for seed in (0, 1)}
    keys.add(question(replace(asked, full=True)).key)
    keys.add(question(replace(asked, dataset="letters")).key)
    newer = replace(small, measurement=replace(small.measurement, version=2))
    keys.add(question(replace(asked, design=newer)).key)
    assert len(keys) == 7
    # What an experiment and an arm are called makes no difference, nor what it is for.
    renamed = replace(small, id="C98", arms=tuple(replace(arm, label=arm.label + "!") for arm in small.arms))
    assert question(replace(asked, design=renamed, seeds=5)).key == question(asked).key


def test_the_same_images_under_another_name_have_the_same_content() -> None:
    digits = datasets.load("digits")
    assert content(replace(digits, name="own", title="Mine")) == content(digits)
    fewer = replace(digits, test_images=digits.test_images[:-1], test_labels=digits.test_labels[:-1])
    assert content(fewer) != content(digits)


def test_foreign_data_are_never_the_runs_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AELIB_DATA_DIR", str(tmp_path))
    assert foreign_to("digits") == "letters"
    assert foreign_to("letters") == "digits" == foreign_to("letters:a,b")


def test_numbers_are_there_for_the_next_server(small: Experiment, tmp_path: Path) -> None:
    asked, results = Asked(small, "digits", 2), Results(tmp_path)
    assert results.get(question(asked)) is None
    results.put(question(asked), {"mse": 0.5, "nothing": math.nan})
    found = Results(tmp_path).get(question(asked))
    assert found is not None and found["mse"] == 0.5 and math.isnan(found["nothing"])
    assert Results(tmp_path).get(question(asked, seed=1)) is None
    # Plain JSON, that others can read.
    (file,) = (tmp_path / "experiments").iterdir()
    assert json.loads(file.read_text())["config"]["code_size"] == 2


@pytest.mark.parametrize(
    "damage", ["", "{", "[1]", '{"format": 1}', '{"format": 99, "values": {}}', '{"format": null}']
)
def test_a_damaged_file_counts_as_not_measured(small: Experiment, tmp_path: Path, damage: str) -> None:
    asked = Asked(small, "digits", 2)
    Results(tmp_path).put(question(asked), {"mse": 0.5})
    (file,) = (tmp_path / "experiments").iterdir()
    file.write_text(damage)
    assert Results(tmp_path).get(question(asked)) is None


def test_an_experiment_is_complete_when_all_arms_and_seeds_are_known(small: Experiment, tmp_path: Path) -> None:
    asked, results = Asked(small, "digits", 2), Results(tmp_path)
    for index, (_, _, one) in enumerate(asked.questions()):
        assert complete(asked, results.measured(asked)) is None
        results.put(one, {"mse": float(index), "steps": 12.0})
    measured = complete(asked, results.measured(asked))
    assert measured is not None
    # All arms of a seed are measured before the next seed.
    assert measured.of("narrow", "mse").tolist() == [0, 2] and measured.of("wide", "mse").tolist() == [1, 3]
    assert measured.on == f"{datasets.title('digits')}, seeds 0–1, 12 steps of training"
