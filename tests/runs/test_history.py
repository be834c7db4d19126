from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aelib.runs.history import FIRST_STEPS, Series


@dataclass(eq=False)
class Item:
    step: int


def filled(capacity: int, steps: Iterable[int]) -> Series[Item]:
    series: Series[Item] = Series(capacity)
    for step in steps:
        series.append(Item(step))
    return series


def steps(series: Series[Item]) -> list[int]:
    return [item.step for item in series]


@given(st.integers(10, 40), st.lists(st.integers(1, 50), max_size=400))
def test_it_stays_small_in_order_and_keeps_the_first_steps_and_the_newest(capacity: int, gaps: list[int]) -> None:
    given_steps = [0]
    for gap in gaps:
        given_steps.append(given_steps[-1] + gap)
    kept = steps(filled(capacity, given_steps))
    assert len(kept) == min(len(given_steps), capacity)
    assert kept == sorted(set(kept))
    assert kept[-1] == given_steps[-1]
    assert set(FIRST_STEPS) & set(given_steps) <= set(kept)


@given(st.integers(20, 60), st.integers(10, 1_000), st.sampled_from([1, 7, 50, 60]))
def test_what_stays_is_spread_evenly(capacity: int, count: int, gap: int) -> None:
    kept = steps(filled(capacity, range(0, count * gap, gap)))
    later = [after - before for before, after in pairwise(kept[:-1]) if before >= FIRST_STEPS[-1]]
    if later:
        assert max(later) <= 3 * min(later)


def test_a_series_that_fits_is_kept_whole() -> None:
    assert steps(filled(10, range(10))) == list(range(10))


def test_it_is_whole_at_every_append() -> None:
    series: Series[Item] = Series(12)
    for step in range(500):
        series.append(Item(step))
        kept = steps(series)
        assert (kept[0], kept[-1]) == (0, step) and len(kept) <= 12
        assert series.newest is not None and series.newest.step == step


def test_an_empty_series_has_nothing() -> None:
    empty: Series[Item] = Series(3)
    assert (list(empty), len(empty), empty.newest) == ([], 0, None)


def test_dropping_forgets_what_came_later() -> None:
    series = filled(100, range(50))
    series.drop_from(21)
    assert steps(series) == list(range(21))
    series.append(Item(21))
    assert steps(series) == list(range(22))


def test_what_is_seen_of_a_step_once_more_replaces_what_was_seen_before() -> None:
    series = filled(100, [0, 5, 9, 12])
    anew = Item(9)
    series.append(anew)
    assert steps(series) == [0, 5, 9]
    assert series.newest is anew


@pytest.mark.parametrize("count", [3, 9, 10, 100])
def test_a_series_can_start_again_after_dropping_everything(count: int) -> None:
    series = filled(4, range(count))
    series.drop_from(0)
    assert (steps(series), series.newest) == ([], None)
    series.append(Item(1000))
    assert steps(series) == [1000]
