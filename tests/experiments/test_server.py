"""Experiments on a server: they end, whatever comes between, and people's runs go first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aelib.experiments import Asked, Experiment, Experiments, Question, Results, complete, server
from aelib.host.settings import MAX_TRAINING
from aelib.runs import Runs
from aelib.runs.status import Status
from aelib.spec.config import RunConfig
from tests.runs.waiting import wait_until


def measured_at_once(self: Any) -> dict[str, float]:
    return {"mse": float(self._question.config.seed), "seconds": 0.0, "steps": 12.0}


def ended(experiments: Experiments, asked: Asked) -> bool:
    return experiments.progress(asked) is None


def test_all_arms_and_seeds_are_trained_and_measured(runs: Runs, home: Path, small: Experiment) -> None:
    experiments, asked = Experiments(lambda: runs, home), Asked(small, "digits", 2)
    experiments.start(asked)
    wait_until(lambda: ended(experiments, asked))
    assert experiments.problem(asked) == ""
    measured = complete(asked, Results(home).measured(asked))
    assert measured is not None
    assert measured.of("wide", "steps").tolist() == [12, 12] and (measured.of("wide", "seconds") > 0).all()
    assert (measured.of("wide", "mse") < measured.of("narrow", "mse")).all()
    # They are nobody's runs, and keep no place and no memory.
    assert runs.list(server.VISITOR) == [] and runs.queue.training == 0


def test_what_is_known_is_not_trained_again(
    runs: Runs, home: Path, small: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[Question] = []

    def values(self: Any) -> dict[str, float]:
        asked_for.append(self._question)
        return measured_at_once(self)

    monkeypatch.setattr(server._ExperimentRun, "values", values)
    asked = Asked(small, "digits", 2)
    for _ in range(2):
        # Another server, in the same folder.
        experiments = Experiments(lambda: runs, home)
        experiments.start(asked)
        wait_until(lambda: ended(experiments, asked))  # noqa: B023
    assert len(asked_for) == 4
    # A third seed needs only its own runs.
    more = replace(asked, seeds=3)
    experiments.start(more)
    wait_until(lambda: ended(experiments, more))
    assert [one.config.seed for one in asked_for[4:]] == [2, 2]


def test_stopping_loses_no_finished_run(runs: Runs, home: Path, small: Experiment) -> None:
    long = replace(small.arms[0], config=replace(small.arms[0].config, max_steps=9_000))
    asked = Asked(replace(small, arms=(small.arms[1], long)), "digits", 2)
    experiments = Experiments(lambda: runs, home)
    experiments.start(asked)
    wait_until(lambda: (progress := experiments.progress(asked)) is not None and progress.done == 1 and progress.share)
    experiments.stop(asked)
    wait_until(lambda: ended(experiments, asked))
    assert experiments.problem(asked) == "" and runs.queue.training == 0
    found = Results(home).measured(asked)
    assert [values is not None for values in found["wide"]] == [True, False] and found["narrow"] == [None, None]


def test_experiments_wait_for_each_other_and_may_be_taken_back(
    runs: Runs, home: Path, small: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = False

    def values(self: Any) -> dict[str, float]:
        while not free:
            self._look()
        return measured_at_once(self)

    monkeypatch.setattr(server._ExperimentRun, "values", values)
    experiments = Experiments(lambda: runs, home)
    first, second, third = (
        Asked(replace(small, id=id), "digits", seeds) for id, seeds in (("a", 2), ("b", 3), ("c", 4))
    )
    for asked in (first, second, third, first):
        experiments.start(asked)
    assert [progress.place for asked in (first, second, third) if (progress := experiments.progress(asked))] == [
        0,
        1,
        2,
    ]
    experiments.stop(second)
    assert experiments.progress(second) is None
    free = True
    wait_until(lambda: ended(experiments, third))
    assert complete(third, experiments.results.measured(third)) is not None


def test_peoples_runs_go_first(runs: Runs, home: Path, small: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_TRAINING.variable, "1")
    person = runs.create(RunConfig(dataset="digits", max_steps=9_000), "somebody", train=True)
    wait_until(lambda: person.view().step > 0)
    experiments, asked = Experiments(lambda: runs, home), Asked(small, "digits", 2)
    experiments.start(asked)

    def waits() -> bool:
        person.touch()
        progress = experiments.progress(asked)
        return progress is not None and progress.waits

    wait_until(waits)
    step = person.view().step
    wait_until(lambda: person.view().step > step)
    assert person.status == Status.TRAINING and Results(home).measured(asked)["narrow"] == [None, None]
    person.pause()
    wait_until(lambda: ended(experiments, asked))
    assert complete(asked, Results(home).measured(asked)) is not None


def test_a_run_that_is_lost_is_begun_again(
    runs: Runs, home: Path, small: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = iter((True, True, False))

    def losing(follow: Callable[..., Any]) -> Callable[..., Any]:
        def following(report: Any, arrived: Callable[[Any], object], *arguments: Any, **options: Any) -> Any:
            gone = next(lost, False)
            return follow(report, lambda said: arrived(None if gone else said), *arguments, **options)

        return following

    engine = runs.engine
    assert engine is not None
    monkeypatch.setattr(engine, "follow", losing(engine.follow))
    experiments, asked = Experiments(lambda: runs, home), Asked(small, "digits", 2)
    experiments.start(asked)
    wait_until(lambda: ended(experiments, asked))
    assert complete(asked, Results(home).measured(asked)) is not None


def test_what_goes_wrong_is_said_in_a_sentence(
    runs: Runs, home: Path, small: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def values(self: Any) -> dict[str, float]:
        if self._question.config.seed:
            raise RuntimeError
        return measured_at_once(self)

    monkeypatch.setattr(server._ExperimentRun, "values", values)
    experiments, asked = Experiments(lambda: runs, home), Asked(small, "digits", 2)
    experiments.start(asked)
    wait_until(lambda: ended(experiments, asked))
    assert experiments.problem(asked) == server.FAULT
    # What was measured is kept.
    assert [values is not None for values in Results(home).measured(asked)["wide"]] == [True, False]
