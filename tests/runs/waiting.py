"""Waiting for a run, or for anything else, as a person would: until it has got somewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from aelib.runs import Run, Runs, RunView

PATIENCE = 60.0


def wait_until(seen: Callable[[], object]) -> None:
    """Until `seen` is true of something that another thread brings about."""
    deadline = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.01)


def wait_for(run: Run, condition: Callable[[RunView], bool], watch: bool = True) -> RunView:
    """The first view of the run that meets the condition."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if watch:
            run.touch()
        view = run.view()
        if condition(view):
            return view
        time.sleep(0.02)
    raise AssertionError(f"waited in vain: {run.status} at step {run.view().step}, {run.view().message}")


def wait_for_rest(run: Run) -> RunView:
    """The run once it is in the store and nothing is on its way."""
    wait_for(run, lambda _: run.resting)
    return run.view()


def wait_for_sleep(run: Run) -> RunView:
    """The run once nobody has looked at it for so long that it rests."""
    return wait_for(run, lambda view: view.asleep and run.resting, watch=False)


def sweep_until(runs: Runs, seen: Callable[[], object], *watched: Run) -> None:
    """Until `seen` is true, while the server looks after its runs and somebody watches some of them."""

    def swept() -> object:
        runs.sweep()
        for run in watched:
            run.touch()
        return seen()

    wait_until(swept)
