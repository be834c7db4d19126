"""When a run is looked at, played through without training: each batch and each look takes as long as it is said to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pytest

from aelib.runs.history import FIRST_STEPS
from aelib.runs.measurement_schedule import MeasurementCosts, most_in_flight, schedule
from aelib.spec.config import RunConfig
from aelib.train.slices import ProbeMetrics


@dataclass
class Played:
    steps: list[int]
    seconds: float
    images: list[int]


def look(images: int, seconds: float) -> ProbeMetrics:
    points = np.full((1_000, 2), np.nan, np.float32)
    points[:images] = 0
    return ProbeMetrics(0, 0.0, 0.0, points, seconds)


def play(budget: int, step_seconds: float, measured_seconds: float, fixed: float = 0.001) -> Played:
    """A run where a look at all images takes `measured_seconds`, `fixed` seconds of them however few they are."""

    def seconds(images: int) -> float:
        return fixed + (measured_seconds - fixed) * images / 1_000

    costs = MeasurementCosts()
    # The first look is slower than any later one.
    costs.note(look(1_000, 3 * measured_seconds))
    played = Played([0], measured_seconds, [1_000])
    while played.steps[-1] < budget:
        now = schedule(budget, step_seconds if played.steps[-1] else None, costs)
        played.steps.append(now.next_step(played.steps[-1], budget))
        last = played.steps[-1] == budget
        played.images.append(1_000 if last else now.images)
        costs.note(look(played.images[-1], seconds(played.images[-1])))
        played.seconds += seconds(played.images[-1])
    return played


# Budget in batches, seconds a batch and a look at all images, as measured with one thread.
VANILLA = (4_688, 0.0009, 0.005)
CONV_POOL = (1_172, 0.023, 0.046)
FULLY_CONV = (704, 0.084, 0.17)
LARGE = (1_172, 0.017, 0.028)
FIVE_SECONDS = (5_600, 0.0009, 0.005)
CONV_SIX_SECONDS = (270, 0.023, 0.046)
LONG = (200_000, 0.005, 0.01)


@pytest.mark.parametrize("run", [VANILLA, CONV_POOL, FULLY_CONV, LARGE, FIVE_SECONDS, CONV_SIX_SECONDS, LONG])
def test_a_run_has_sixty_moments_and_spends_a_twentieth_of_its_time_on_them(run: tuple[int, float, float]) -> None:
    budget, step_seconds, _ = run
    played = play(*run)
    assert len(played.steps) >= 60
    assert set(FIRST_STEPS) <= set(played.steps)
    assert played.seconds <= 0.05 * max(5.0, budget * step_seconds)
    gaps = [after - before for before, after in pairwise(played.steps) if before >= FIRST_STEPS[-1]]
    assert max(gaps[1:]) - min(gaps[1:]) <= 1


@pytest.mark.parametrize(("step_seconds", "measured_seconds"), [(0.0006, 0.005), (0.005, 0.02), (0.08, 0.17)])
def test_a_run_of_300_batches_has_twenty_moments_however_fast_it_is(
    step_seconds: float, measured_seconds: float
) -> None:
    assert len(play(300, step_seconds, measured_seconds).steps) >= 20


@pytest.mark.parametrize("budget", [1, 2, 3, 7, 30, 51])
def test_a_short_run_is_looked_at_to_its_last_batch(budget: int) -> None:
    played = play(budget, 0.01, 0.01)
    assert played.steps[0] == 0 and played.steps[-1] == budget
    assert played.steps == sorted(set(played.steps))


def test_all_images_are_looked_at_where_there_is_time() -> None:
    assert set(play(4_688, 0.004, 0.005).images[8:]) == {1_000}


def test_a_long_run_is_looked_at_every_second() -> None:
    steps = play(*LONG).steps
    assert steps[50] - steps[49] == 200


def test_of_a_large_network_fewer_states_wait_to_be_looked_at() -> None:
    small = RunConfig(widths=(), code_size=64)
    assert most_in_flight(small) == 40
    assert most_in_flight(replace(small, widths=(784, 256))) < 10
    assert most_in_flight(replace(small, widths=(4_096, 4_096))) == 1
