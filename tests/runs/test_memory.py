"""Runs that need more memory together than there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aelib.host import limits
from aelib.host.settings import MEMORY
from aelib.runs import Full, Runs
from aelib.runs.status import Shortage
from aelib.spec.config import RunConfig
from aelib.ui.panels.labels import waiting
from tests.runs.waiting import wait_for, wait_for_rest

# Two of them do not fit into 500 MB.
LARGE = RunConfig(dataset="digits", widths=(1536, 1536), code_size=512, batch_size=64, epochs=500)


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY.variable, "800")
    assert 400 < limits.megabytes_in_all(LARGE) < 800


def test_a_run_that_alone_needs_more_than_there_is_is_refused_in_a_sentence(runs: Runs) -> None:
    with pytest.raises(
        Full, match=r"needs about 1,\d{3} MB of memory, and this server has 800 MB for all runs together"
    ):
        runs.create(replace(LARGE, widths=(3000, 2000)), "me", train=True)
    assert runs.list("me") == []


def test_another_visitor_gets_memory_as_soon_as_the_state_of_a_resting_run_is_saved(runs: Runs) -> None:
    first = runs.create(LARGE, "me", train=True)
    wait_for(first, lambda view: view.step > 0)
    second = runs.create(LARGE, "you", train=False)
    view = wait_for(second, lambda view: view.place == 1)
    assert view.shortage == Shortage.MEMORY
    assert "no memory" in waiting(view.place, view.shortage)
    first.pause()
    wait_for(second, lambda view: view.status == "paused" and view.place == 0)
    assert wait_for_rest(second).newest is not None
    assert not first.view().shortage


def test_a_visitors_second_run_makes_room_for_anothers_first_and_goes_on_later_where_it_was(runs: Runs) -> None:
    small = replace(LARGE, widths=(512,), code_size=64)
    one, two = runs.create(small, "me", train=True), runs.create(LARGE, "me", train=True)
    wait_for(one, lambda view: view.step > 0)
    before = wait_for(two, lambda view: view.step > 0).step
    other = runs.create(LARGE, "you", train=True)
    wait_for(other, lambda view: view.step > 0)
    waiting_run = wait_for(two, lambda view: view.place > 0)
    assert waiting_run.status == "training" and one.view().place == 0
    other.pause()
    after = wait_for(two, lambda view: view.place == 0 and view.step > waiting_run.step).step
    assert after > before
    one.pause()
    two.pause()


def test_a_state_that_made_room_is_brought_back_for_whoever_asks_about_it(runs: Runs) -> None:
    first = runs.create(LARGE, "me", train=False)
    wait_for_rest(first)
    second = runs.create(LARGE, "you", train=False)
    wait_for_rest(second)
    wait_for(first, lambda _: first.reached() is not None)
