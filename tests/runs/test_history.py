from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aelib.runs.history import Thinned


def filled(capacity: int, count: int, begin: int = 0) -> Thinned[list[int]]:
    """A series of one-element lists: equal, but never the same object."""
    series: Thinned[list[int]] = Thinned(capacity)
    for number in range(begin, begin + count):
        series.append([number])
    return series


def numbers(series: Thinned[list[int]]) -> list[int]:
    return [number for (number,) in series]


@given(st.integers(1, 40), st.integers(1, 3000))
def test_it_stays_small_in_order_and_keeps_both_ends(capacity: int, count: int) -> None:
    kept = numbers(filled(capacity, count))
    assert len(kept) == len(filled(capacity, count)) <= capacity + 1
    assert kept[0] == 0 and kept[-1] == count - 1
    assert kept == sorted(set(kept))


@given(st.integers(2, 40), st.integers(2, 3000))
def test_what_stays_is_spread_evenly(capacity: int, count: int) -> None:
    kept = numbers(filled(capacity, count))
    gaps = {after - before for before, after in pairwise(kept[:-1])}
    assert len(gaps) <= 1
    if gaps:
        assert kept[-1] - kept[-2] <= max(gaps)
    assert len(kept) >= min(count, capacity / 2)


def test_a_series_that_fits_is_kept_whole() -> None:
    assert numbers(filled(10, 10)) == list(range(10))


def test_it_is_still_whole_at_every_append() -> None:
    series: Thinned[list[int]] = Thinned(6)
    for number in range(500):
        series.append([number])
        kept = numbers(series)
        assert (kept[0], kept[-1]) == (0, number) and len(kept) <= 7
        assert series.newest == [number]


def test_an_empty_series_has_nothing() -> None:
    empty: Thinned[list[int]] = Thinned(3)
    assert (list(empty), len(empty), empty.newest) == ([], 0, None)


def test_dropping_forgets_what_came_later() -> None:
    series = filled(100, 50)
    series.drop_after(lambda item: item[0] <= 20)
    assert numbers(series) == list(range(21))
    assert series.newest == [20]
    series.append([21])
    assert numbers(series) == list(range(22))


@given(st.integers(1, 20), st.integers(1, 300), st.integers(0, 300), st.integers(1, 300))
def test_a_series_goes_on_after_dropping(capacity: int, count: int, last: int, more: int) -> None:
    series = filled(capacity, count)
    series.drop_after(lambda item: item[0] <= last)
    before = numbers(series)
    assert before == sorted(before) and before[0] == 0 and before[-1] <= last
    for number in range(1000, 1000 + more):
        series.append([number])
        kept = numbers(series)
        assert kept == sorted(set(kept))
        assert kept[0] == 0 and kept[-1] == number
        assert len(kept) <= capacity + 1


@pytest.mark.parametrize("count", [3, 9, 10, 100])
def test_a_series_can_start_again_after_dropping_everything(count: int) -> None:
    series = filled(4, count)
    series.drop_after(lambda item: False)
    assert (numbers(series), series.newest) == ([], None)
    series.append([1000])
    assert numbers(series) == [1000]
