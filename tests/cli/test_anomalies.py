"""`aelib anomalies`: the figures of the Anomalies page, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aelib import datasets
from aelib.analysis.anomalies import scores
from aelib.analysis.anomalies.groups import group_of
from aelib.cli.main import main
from aelib.runs import Runs
from aelib.spec.recipes import RECIPES
from aelib.train.projection import fit_pca
from aelib.train.trainer import prepare
from tests.runs.waiting import wait_for_rest

NAMES = ["reconstruction error", "distance to the mean code", "Mahalanobis", "nearest codes", "PCA residual"]
NAMES += ["nearest pixels", "isolation forest"]
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nobodys_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AELIB_HOME", str(tmp_path))
    monkeypatch.setenv("AELIB_DATA_DIR", str(tmp_path))


def ranked(capsys: Output, *arguments: str) -> dict[str, Any]:
    assert main(["anomalies", *arguments, "--json"]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_recipe_is_trained_on_the_normal_classes_and_all_scores_are_printed(capsys: Output) -> None:
    normal = "digits:0,1,2,3,4,5,6,7,8"
    found = ranked(capsys, "vanilla-64", "--normal", normal, "--anomalous", "digits:9", "--steps", "3")
    labels = datasets.load("digits").test_labels
    counts = int((labels < 9).sum()), int((labels == 9).sum())
    assert (found["normal"], found["anomalous"]) == (normal, "digits:9")
    assert (found["n_normal"], found["n_anomalous"]) == counts
    assert [score["name"] for score in found["scores"]] == NAMES
    for score in found["scores"]:
        assert score.keys() == {"name", "auroc", "low", "high"}
        assert 0 <= score["low"] <= score["auroc"] <= score["high"] <= 1
    data = prepare(datasets.load(normal))
    images = (group_of(datasets.load(name)).images for name in (normal, "digits:9"))
    oracle = scores.by_rival(data, fit_pca(data), scores.RESIDUAL, 64, *images)
    assert found["scores"][4]["auroc"] == oracle.auroc.value


def test_a_stored_run_is_ranked_without_training(capsys: Output, runs: Runs) -> None:
    config = replace(RECIPES["vanilla-64"].config, dataset="digits", code_size=8, epochs=1)
    run = runs.create(config, "me", train=True)
    wait_for_rest(run)
    runs.sweep()
    found = ranked(capsys, run.id, "--normal", "digits", "--anomalous", "noise")
    assert (found["n_normal"], found["n_anomalous"]) == (397, 397)
    assert found["scores"][0]["auroc"] > 0.99


def test_figures_can_be_read_by_people(capsys: Output) -> None:
    arguments = ["vanilla-64", "--normal", "digits", "--anomalous", "letters:A,B", "--steps", "1"]
    assert main(["anomalies", *arguments]) == 0
    out, err = capsys.readouterr()
    assert "397 normal images (digits), 200 anomalous ones (letters:A,B)" in out
    assert all(name in out for name in NAMES) and "1/1" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "--normal", "digits", "--anomalous", "letters"), "RUN_OR_RECIPE: “nothing”"),
        (("vanilla-64", "--normal", "digits", "--anomalous", "digits:9"), "other classes than the normal ones"),
        (("vanilla-64", "--normal", "digits", "--anomalous", "digits"), "other classes than the normal ones"),
        (("vanilla-64", "--normal", "digits:x", "--anomalous", "letters"), "classes of Digits"),
        (("vanilla-64", "--normal", "digits", "--anomalous", "nothing"), "dataset: “nothing”"),
        (("vanilla-64", "--normal", "digits", "--anomalous", "letters", "--epochs", "0"), "--epochs"),
        (("../..", "--normal", "digits", "--anomalous", "letters"), "RUN_OR_RECIPE"),
    ],
)
def test_bad_input_is_one_sentence(capsys: Output, arguments: tuple[str, ...], said: str) -> None:
    assert main(["anomalies", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and err.count("\n") == 1
