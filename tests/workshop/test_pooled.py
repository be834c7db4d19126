"""A pooled experiment: who trains what, which runs count, and what they come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from aelib.runs import Runs
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from aelib.workshop import Room, Rooms
from aelib.workshop.codes import PSEUDONYMS
from aelib.workshop.pooled import Pooled, PooledRun, parsed, points
from tests.runs.waiting import wait_for, wait_for_rest

NAMES = sorted(PSEUDONYMS)
CONFIG = RunConfig(dataset="digits", widths=(), max_steps=20, seed=7)


@pytest.fixture
def rooms(runs: Runs, home: Path) -> Rooms:
    return Rooms(home, runs)


@pytest.fixture
def room(rooms: Rooms) -> Room:
    room = rooms.open("Saturday", "leader")
    for number in range(5):
        rooms.join(room.id, (f"owner {number}",), NAMES[number])
    rooms.experiment(room.id, CONFIG, "code_size", "8, 2")
    return rooms.get(room.id) or room


def pooled(rooms: Rooms, room: Room) -> Pooled:
    found = rooms.get(room.id)
    assert found is not None and found.experiment is not None
    return found.experiment


def test_values_are_dealt_evenly_and_with_a_seed_for_each(rooms: Rooms, room: Room) -> None:
    configs = [pooled(rooms, room).config_for(person.id) for person in room.participants]
    assert Counter(config.code_size for config in configs if config) == {2: 3, 8: 2}
    assert [config.seed for config in configs if config] == [7, 8, 9, 10, 11]
    # Whoever comes later gets what the fewest have.
    late, _ = rooms.join(room.id, ("late",), NAMES[9])
    rooms.note(room.id, late.id, None)
    config = pooled(rooms, room).config_for(late.id)
    assert config is not None and (config.code_size, config.seed) == (8, 12)


@pytest.mark.parametrize(
    ("setting", "values"),
    [
        ("code_size", "2"),
        ("code_size", "2, 2.0"),
        ("code_size", "1, 2"),
        ("code_size", "2; x"),
        ("code_size", ",".join(map(str, range(2, 20)))),
        ("dataset", "1, 2"),
        ("regularizer_weight", "0.1, 0.2"),
        ("learning_rate", "nan, 1"),
    ],
)
def test_values_that_cannot_be_trained_are_refused(setting: str, values: str) -> None:
    with pytest.raises(InvalidInput):
        parsed(CONFIG, setting, values)


def test_means_and_intervals_are_those_of_scipy() -> None:
    errors = {0: [0.1, 0.12, 0.09], 1: [0.05]}
    runs = [
        PooledRun(f"{place}{k}", f"{place}{k}", place, error=error, pca=0.2)
        for place, found in errors.items()
        for k, error in enumerate(found)
    ]
    repeated = replace(runs[0], run_id="again", error=9.0)
    changed = PooledRun("x", "x", 1, error=9.0, changed=True)
    unfinished = PooledRun("y", "y", 1)
    found = points(Pooled("x" * 16, CONFIG, "code_size", (2, 8), 0.0, (), (*runs, repeated, changed, unfinished)))
    assert [point.errors for point in found] == [(0.1, 0.12, 0.09), (0.05,)]
    low, high = stats.t.interval(0.95, 2, np.mean(errors[0]), stats.sem(errors[0]))
    assert found[0].mean is not None
    np.testing.assert_allclose((found[0].mean.low, found[0].mean.high), (low, high))
    assert [point.pca for point in found] == pytest.approx([0.2, 0.2])


def test_what_finished_as_it_was_dealt_counts(rooms: Rooms, room: Room, runs: Runs, home: Path) -> None:
    dealt, other = room.participants[:2]
    for person, learning_rate in ((dealt, CONFIG.learning_rate), (dealt, CONFIG.learning_rate), (other, 0.01)):
        config = pooled(rooms, room).config_for(person.id)
        assert config is not None
        run = runs.create(replace(config, learning_rate=learning_rate), person.owners[0], train=True)
        rooms.take_part(room.id, person.id, run.id)
        wait_for(run, lambda view: view.status == "finished" and bool(view.pca))
        wait_for_rest(run)
    rooms.sweep()
    noted = pooled(rooms, room)
    first = runs.get(noted.runs[0].run_id).view()
    assert first.newest is not None
    assert noted.runs[0].error == first.newest.metrics.test_mse
    assert noted.runs[0].pca == first.pca[-1].mse
    assert [run.changed for run in noted.runs] == [False, False, True]
    assert noted.first_runs() == [noted.runs[0]]
    # And all of it survives a restart.
    assert Rooms(home, runs).get(room.id) == rooms.get(room.id)
    rooms.close_experiment(room.id)
    found = Rooms(home, runs).get(room.id)
    assert found is not None and found.experiment is None and len(found.experiments) == 1
