"""`aelib lessons`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aelib.cli.main import main
from aelib.workshop.lessons import shipped

CHEAP = """---
id: cheap
title: Cheap
minutes: 1
order: 1
steps:
  - title: Linear
    text: Train.
    settings:
      {widths: [], code_activation: linear, output_activation: linear, learning_rate: 0.003, max_steps: 200}
    goal: test_mse < 0.03 and steps >= 200
  - title: Sparse
    text: Train.
    settings: {widths: [], code_size: 64, regularizer: k-sparse, active_units: 8, max_steps: 20}
    goal: GOAL
---
Two goals.
"""


def test_the_list_names_all_lessons(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == [lesson.id for lesson in shipped()]
    assert main(["lessons", "list"]) == 0
    assert "What fits into 32 numbers?" in capsys.readouterr().out


@pytest.mark.parametrize(("goal", "status"), [("active_units < 0.2", 0), ("test_mse < 0.0001", 1)])
def test_a_check_trains_and_says_which_goals_are_reached(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], goal: str, status: int
) -> None:
    file = tmp_path / "cheap.md"
    file.write_text(CHEAP.replace("GOAL", goal), "utf-8")
    assert main(["lessons", "check", str(file), "--quick", "--json"]) == status
    linear, sparse = json.loads(capsys.readouterr().out)
    assert linear["met"] and linear["steps"] == 200 and linear["pca"] <= linear["test_mse"] < 0.03
    assert sparse["met"] is (status == 0) and sparse["active_units"] <= 8 / 64
