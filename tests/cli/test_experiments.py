"""`aelib experiments`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aelib.analysis.claims import Outcome
from aelib.cli import experiments as command
from aelib.cli.main import main
from aelib.experiments import EXPERIMENTS, Experiment
from aelib.experiments.expected import EXPECTED
from tests.experiments.conftest import small

__all__ = ["small"]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main(["experiments", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_names_all_experiments_in_the_order_of_claims(capsys: pytest.CaptureFixture[str]) -> None:
    rows = said(capsys, "list")
    assert [row["id"] for row in rows][:3] == ["C1", "C2", "C3"] and len(rows) == len(EXPERIMENTS)
    assert {"id", "claim", "source", "arms", "seeds", "seconds"} <= rows[0].keys()
    assert main(["experiments", "list"]) == 0
    assert "JPEG compresses better" in capsys.readouterr().out


def test_an_experiment_is_run_and_the_second_time_known(
    home: Path, small: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    found = said(capsys, "run", "c99", "--dataset", "digits")
    assert (found["id"], found["claim"], found["dataset"]) == ("C99", "Wider is better", "digits")
    assert found["source"] == "tflearn article on autoencoders" and found["seconds"] > 0
    assert [arm["label"] for arm in found["arms"]] == ["narrow", "wide"]
    assert [len(arm["values"]) for arm in found["arms"]] == [2, 2]
    assert found["effect"] == {name: found["effects"][0][name] for name in ("mean", "low", "high")}
    assert found["effect"]["low"] <= found["effect"]["mean"] <= found["effect"]["high"]
    assert found["verdict"] in set(Outcome) and found["reason"] and found["expected"] is None
    again = said(capsys, "run", "C99", "--dataset", "digits")
    assert again["arms"] == found["arms"]
    assert (
        said(capsys, "run", "C99", "--dataset", "digits", "--seeds", "3")["arms"][0]["values"][:2]
        == (found["arms"][0]["values"])
    )
    assert len(list((home / "experiments").iterdir())) == 6


def test_all_are_held_against_the_verdicts_expected(
    home: Path, small: Experiment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_all", lambda: [small])
    arguments = ["experiments", "run", "--all", "--dataset", "digits", "--json"]
    assert main(arguments) == 0
    (found,) = json.loads(capsys.readouterr().out)
    other = next(outcome for outcome in Outcome if outcome != found["verdict"])
    monkeypatch.setitem(EXPECTED["digits"], "C99", other)
    assert main(arguments) == 1
    assert f"C99: {other} was expected, {found['verdict']} was found." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "C9"], "ID"),
        (["run"], "ID"),
        (["run", "C1", "--all"], "ID"),
        (["run", "C1", "--seeds", "1"], "--seeds"),
        (["run", "C1", "--dataset", "nothing"], "dataset"),
        (["run", "C1", "--data-dir", "/nowhere/at/all"], "--data-dir"),
    ],
)
def test_bad_input_gets_one_sentence(
    home: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["experiments", *arguments]) == 2
    heard = capsys.readouterr()
    assert heard.out == "" and sentence in heard.err and len(heard.err.strip().splitlines()) == 1
