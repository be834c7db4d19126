"""Judgements on stored measurements: what all arms and seeds showed on MNIST, in `measured.json`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from aelib.analysis.claims import Outcome
from aelib.experiments import EXPERIMENTS, Measured
from aelib.experiments.expected import EXPECTED
from aelib.host import limits
from aelib.spec.constraints import checked


@cache
def stored() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "measured.json").read_text("utf-8"))
    return found


def measured(id: str, arms: list[int] | None = None) -> Measured:
    """The stored numbers; with `arms`, those of the arms with these indices in the place of the others'."""
    found = stored()[id]
    labels = list(found)
    values = {label: found[labels[index]] for label, index in zip(labels, arms or range(len(labels)), strict=True)}
    return Measured(tuple(range(EXPERIMENTS[id].seeds)), values, "MNIST", "KMNIST")


IDS = sorted(EXPERIMENTS, key=lambda id: int(id[1:]))
JUDGED = [id for id in IDS if id in EXPECTED["mnist"]]


@pytest.mark.parametrize("id", IDS)
def test_an_experiment_is_whole(id: str) -> None:
    experiment = EXPERIMENTS[id]
    assert experiment.claim[0].isupper() and not experiment.claim.endswith(".")
    assert "upported if" in experiment.context, "it says when it counts as supported"
    assert len({arm.label for arm in experiment.arms}) == len(experiment.arms)
    assert experiment.seconds <= (180 if experiment.convolutional else 60)
    for arm in experiment.arms:
        for config in (arm.on("mnist", 1), arm.on("mnist", 1, full=True)):
            assert checked(config) == config and config.seed == 1
            for limit in limits.constraints():
                limit.check(config)
        assert arm.on("mnist", 0).max_steps and not arm.on("mnist", 0, full=True).max_steps
        assert arm.on("mnist", 0).dataset == (arm.dataset or "mnist")


@pytest.mark.parametrize("id", JUDGED)
def test_stored_numbers_are_judged_as_expected(id: str) -> None:
    judgement = EXPERIMENTS[id].judge(measured(id))
    verdict = judgement.verdict
    assert verdict.claim == id
    assert verdict.outcome is EXPECTED["mnist"][id], verdict
    assert verdict.outcome is not Outcome.DEPENDS or verdict.why
    assert judgement.effects and "nan" not in verdict.reason
    # It says what it holds for.
    assert "MNIST" in verdict.conditions and "95 %" in verdict.conditions


@pytest.mark.parametrize("id", JUDGED)
def test_all_that_is_drawn_is_measured(id: str) -> None:
    for values in (one for of_arm in stored()[id].values() for one in of_arm):
        assert {shown.name for shown in EXPERIMENTS[id].shows} <= values.keys()


@pytest.mark.parametrize("id", ["C15", "C31"])
def test_the_other_way_round_a_claim_is_refuted(id: str) -> None:
    judge = EXPERIMENTS[id].judge
    assert judge(measured(id)).verdict.outcome is Outcome.SUPPORTED
    assert judge(measured(id, [1, 0])).verdict.outcome is Outcome.REFUTED


def test_where_two_arms_are_the_same_nothing_is_supported() -> None:
    two = [
        id for id in IDS if len(EXPERIMENTS[id].arms) == 2 and id in EXPECTED["mnist"] and id in ("C15", "C31", "C37")
    ]
    assert two
    for id in two:
        assert EXPERIMENTS[id].judge(measured(id, [0, 0])).verdict.outcome is not Outcome.SUPPORTED


def test_every_claim_of_the_list_has_an_experiment_but_one_about_other_data() -> None:
    assert set(IDS) == {f"C{number}" for number in range(1, 46)} - {"C9"}


def test_tables_of_expected_verdicts_name_experiments() -> None:
    for table in EXPECTED.values():
        assert table.keys() <= EXPERIMENTS.keys()
    assert stored().keys() == EXPECTED["mnist"].keys()
