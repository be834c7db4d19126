"""Runs, data sets and links of earlier versions are still what they were."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aelib.datasets import store
from aelib.runs.store import Store
from aelib.spec.serialization import from_query, to_json, to_query

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/told.json"))
assert FOLDERS


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "told.json").read_text("utf-8"))
    return found


def kept(then: dict[str, Any], now: dict[str, Any]) -> bool:
    """Settings may have been added since."""
    return then == {name: now[name] for name in then}


def test_every_run_opens_with_its_settings_weights_and_frames(
    folder: Path, told: dict[str, Any], tmp_path: Path
) -> None:
    home = shutil.copytree(folder / "home", tmp_path / "home")
    runs = Store(home)
    assert {summary.id for summary in runs.list(told["owner"])} == told["runs"].keys()
    for run_id, then in told["runs"].items():
        record = runs.load(run_id)
        sums = {name: float(np.abs(array, dtype=np.float64).sum()) for name, array in record.state.arrays.items()}
        assert kept(then["config"], to_json(record.config)), then["name"]
        assert (record.state.step, len(record.frames)) == (then["step"], then["frames"]), then["name"]
        assert sums == pytest.approx(then["sums"]), then["name"]


def test_every_own_data_set_opens(folder: Path, told: dict[str, Any]) -> None:
    (name,) = store.names_of(told["owner"], folder / "home")
    dataset = store.read(store.file_of(name, folder / "home"))
    assert (dataset.title, len(dataset.train_images), len(dataset.test_images)) == ("Digits of mine", 60, 20)


def test_every_link_means_what_it_meant(told: dict[str, Any]) -> None:
    for link in told["links"]:
        config, problems = from_query(link["query"])
        assert problems == [], link["query"]
        assert kept(link["means"], to_json(config)), link["query"]
        assert from_query(to_query(config)) == (config, [])
