"""When the pace of a page's timer is worth drawing the page again."""

from __future__ import annotations

from aelib.ui.pacing import out_of_pace


def test_a_timer_that_has_to_begin_or_end_is_out_of_pace() -> None:
    assert out_of_pace(None, 0.25)
    assert out_of_pace(0.25, None)
    assert not out_of_pace(None, None)


def test_a_room_that_fills_changes_the_pace_a_few_times_only() -> None:
    interval, changes = 0.25, 0
    for people in range(1, 31):
        wanted = max(0.25, people / 30)
        if out_of_pace(interval, wanted):
            interval, changes = wanted, changes + 1
    assert 1 <= changes <= 3
    assert interval > 0.5


def test_the_pace_is_kept_while_one_person_comes_and_goes() -> None:
    assert not out_of_pace(20 / 30, 21 / 30)
    assert not out_of_pace(21 / 30, 20 / 30)
