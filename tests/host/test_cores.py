"""Threads follow what is free: how it is measured, and what is made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from aelib import datasets
from aelib.host.cores import Meter, Reading, Team, fitting
from aelib.spec.config import Knobs
from aelib.spec.recipes import RECIPES
from aelib.spec.state import Progress
from aelib.train.loop import trained
from aelib.train.slices import first_slice, load_data, next_slice


@dataclass
class Machine:
    """Of two cores, on which `others` take a part of each second."""

    now: float = 0.0
    used: float = 0.0
    idle: float = 0.0

    def read(self) -> Reading:
        return Reading(self.now, self.used, self.idle)

    def go(self, seconds: float, mine: float, others: float) -> None:
        self.now += seconds
        self.used += seconds * mine
        self.idle += seconds * (2 - mine - others)


def test_free_is_what_a_slice_had_and_what_nobody_had() -> None:
    machine = Machine()
    meter = Meter(machine.read, cores=2)
    assert meter.free is None
    for mine, others in ((1.0, 0.0), (1.0, 1.0), (1.3, 0.7), (0.5, 1.5), (1.8, 0.0)):
        with meter.slice():
            machine.go(0.25, mine, others)
        assert meter.free == pytest.approx(2 - others)


def test_slices_at_once_share_what_is_free_and_a_question_takes_a_core() -> None:
    machine = Machine()
    meter = Meter(machine.read, cores=2)
    with meter.slice(), meter.slice():
        machine.go(0.25, 2.0, 0.0)
    assert meter.free == pytest.approx(1)
    with meter.slice(), meter.question():
        machine.go(0.25, 2.0, 0.0)
    assert meter.free == pytest.approx(1)


def test_short_slices_are_measured_together_and_a_pause_is_not_measured() -> None:
    machine = Machine()
    meter = Meter(machine.read, cores=2)
    for _ in range(4):
        with meter.slice():
            machine.go(0.045, 1.0, 0.0)
    assert meter.free is None
    with meter.slice():
        machine.go(0.045, 1.0, 0.0)
    assert meter.free == pytest.approx(2)
    machine.go(60, 0.0, 0.0)
    with meter.slice():
        machine.go(0.25, 1.0, 1.0)
    assert meter.free == pytest.approx(1)


def test_no_more_is_free_than_this_process_may_use() -> None:
    """The idle cores of a machine of which a container may use only some."""
    machine = Machine()
    meter = Meter(machine.read, cores=1)
    with meter.slice():
        machine.go(0.25, 1.0, 0.0)
    assert meter.free == 1


def test_this_machine_can_be_read() -> None:
    before, after = Reading.now(), Reading.now()
    assert after.wall >= before.wall and after.used >= before.used and after.idle >= before.idle > 0


@pytest.mark.parametrize(
    ("free", "threads", "wanted"),
    [
        *((free, 1, 1) for free in (0.0, 0.5, 1.0, 1.6)),
        *((free, 1, 2) for free in (1.7, 2.0)),
        *((free, 2, 2) for free in (1.55, 2.0)),
        *((free, 2, 1) for free in (0.7, 1.0, 1.4)),
        # Of many cores, one that is half taken would slow all others down.
        (7.5, 1, 7),
        (7.5, 8, 7),
        (7.95, 7, 8),
    ],
)
def test_so_many_threads_fit(free: float, threads: int, wanted: int) -> None:
    assert fitting(free, threads) == wanted


class Training:
    """Slices of a quarter of a second, on so many free cores; with n threads so much faster than with one."""

    def __init__(self, speed: dict[int, float]) -> None:
        self.now, self.speed = 0.0, speed
        self.team = Team(lambda: self.now)

    def go(self, seconds: float, free: float, most: int = 8) -> list[int]:
        """The numbers of threads that the slices of so many seconds take."""
        taken = []
        for _ in range(round(seconds / 0.25)):
            threads = self.team.threads(most)
            taken.append(threads)
            self.now += 0.25
            steps = round(100 * self.speed[threads] * min(1, free / threads))
            self.team.landed(Progress(steps, 0.25, 0.1, 0.1, threads=threads, free=free))
        return taken


def test_a_team_grows_where_cores_are_free_and_shrinks_at_once_where_they_are_not() -> None:
    training = Training({1: 1, 2: 1.6})
    assert training.go(2, free=2) == [1, 1, 2, 2, 2, 2, 2, 2]
    assert training.go(1, free=1.2) == [2, 1, 1, 1]
    assert training.go(30, free=1) == [1] * 120
    assert training.go(2, free=2)[-1] == 2


def test_a_team_takes_no_more_than_it_may() -> None:
    training = Training({1: 1, 2: 1.6, 4: 2.4})
    assert max(training.go(2, free=8, most=2)) == 2
    assert training.go(2, free=8, most=4)[-1] == 4
    assert set(training.go(1, free=8, most=1)) == {1}


def test_a_team_that_is_not_faster_than_a_smaller_one_is_given_up_and_rarely_tried_again() -> None:
    training = Training({1: 1, 2: 1.6, 4: 1.6, 8: 1.6})
    taken = training.go(300, free=8)
    assert set(taken) == {1, 2, 4}
    assert taken.count(4) < 0.05 * len(taken)
    assert taken[-100:].count(2) > 90


def test_a_core_that_comes_and_goes_is_taken_less_and_less() -> None:
    training = Training({1: 1, 2: 1.6})
    rounds = [training.go(2, free=2) + training.go(0.5, free=1) for _ in range(60)]
    first, last = (sum(slice_ == 2 for taken in part for slice_ in taken) for part in (rounds[:20], rounds[-20:]))
    assert 0 < last < first


def test_a_slice_that_is_short_and_slow_decides_nothing() -> None:
    """As the first batch beside a look."""
    training = Training({1: 1, 2: 1.6})
    assert training.go(0.75, free=2)[-1] == 2
    for _ in range(2):
        training.team.landed(Progress(1, 0.04, 0.1, 0.1, threads=2, free=2.0))
    assert set(training.go(5, free=2)) == {2}


def test_slices_that_were_on_their_way_when_the_number_changed_say_nothing() -> None:
    team = Team()
    for _ in range(2):
        assert team.threads(2) == 1
        team.landed(Progress(100, 0.25, 0.1, 0.1, threads=1, free=2.0))
    assert team.threads(2) == 2
    team.landed(Progress(100, 0.25, 0.1, 0.1, threads=1, free=1.0))
    assert team.threads(2) == 2


@pytest.mark.parametrize("recipe", ["vanilla-64", "conv-pool"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_slice_that_is_replayed_with_its_threads_is_the_same_to_the_bit(
    recipe: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AELIB_THREADS", raising=False)
    config = replace(RECIPES[recipe].config, dataset="digits", batch_size=64)
    data = load_data(datasets.load("digits"))
    knobs = Knobs.of(config)

    def played() -> dict[str, np.ndarray]:
        link = next_slice(first_slice(config, data, knobs), data, knobs, 3, threads)
        assert link.progress is not None and link.progress.threads == threads
        return dict(link.state.arrays)

    first, again = played(), played()
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_the_number_of_threads_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AELIB_THREADS", "2")
    config = replace(RECIPES["vanilla-64"].config, dataset="digits")
    links = list(trained(config, load_data(datasets.load("digits")), 30))
    assert {link.progress.threads for link in links if link.progress} == {2}
    assert links[-1].state.step == 30
