"""No run is forgotten, whatever goes wrong, and whenever."""

from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import pytest

from aelib.runs import Runs, RunView, Store, backoff
from aelib.runs.history import History
from aelib.runs.measurements import UNMEASURED
from aelib.runs.run import Run
from aelib.runs.status import Status
from aelib.spec.config import RunConfig
from aelib.train import slices
from aelib.train.slices import Frame
from tests.runs.unreliable import Room, error_at
from tests.runs.waiting import sweep_until, wait_for, wait_for_rest

SHORT = RunConfig(dataset="digits", widths=(), code_size=2, batch_size=512, epochs=1)
# `SUPERVISED_RUNS=2000 pytest tests/runs/test_supervisor.py` looks for rarer courses of events.
RUNS = int(os.environ.get("SUPERVISED_RUNS", "50"))
# Long enough for a run to be trained several times over.
EVENTS = 20_000


@pytest.mark.parametrize("seed", range(RUNS))
def test_a_run_is_stored_whole_or_says_why_not_whatever_goes_wrong(
    seed: int, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(SHORT, home, seed, monkeypatch)
    for _ in range(room.chance.randrange(300)):
        room.pass_time()
        if room.chance.random() < 0.03:
            room.misfortune()
        if room.chance.random() < 0.02:
            room.chance.choice((room.run.pause, room.run.step, room.run.train))()
    room.all_is_well_again()
    for _ in range(EVENTS):
        room.pass_time()
        run = room.run
        if run.status in (Status.PAUSED, Status.FAILED):
            # Only the person at the button can have it go on, and is told so.
            assert run.status == Status.PAUSED or "Press Train" in run.view().message
            run.train()
        if ended(run):
            break
    assert ended(run), f"{run.status} at step {run.view().step}: {run.view().message}"
    stored = room.store.load(run.id)
    assert (stored.status, stored.state.step) == (Status.FINISHED, run.view().budget)
    assert all((array == stored.state.step).all() for array in stored.state.arrays.values())
    assert stored.frames[-1].step == stored.curve[-1].step == stored.state.step
    assert room.store.list("me")[0].test_mse == error_at(stored.state.step)
    assert len(stored.pca) == 1


def ended(run: Run) -> bool:
    return run.status == Status.FINISHED and run.resting and not run.view().message


def test_an_unforeseen_exception_costs_a_run_no_more_than_what_was_not_saved_and_one_line_without_ids(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = runs.create(SHORT, "me", train=False)
    wait_for_rest(run)
    note, faults = History.note_measured, [KeyError(f"/home/somebody/{run.id}")]

    def faulty(self: History, frame: Frame) -> None:
        note(self, frame)
        if faults:
            raise faults.pop()

    monkeypatch.setattr(History, "note_measured", faulty)
    run.train()
    wait_for(run, ended_view)
    assert not faults
    (queue,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert re.fullmatch(
        rf"Run {re.escape(run.id[:4])}… met an unforeseen exception: KeyError in faulty \(.*\.py, line \d+\)", queue
    )


def ended_view(view: RunView) -> bool:
    return view.status == Status.FINISHED and view.frames[-1].step == view.budget


def test_a_run_that_fails_again_and_again_says_so(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(SHORT, "me", train=False)
    wait_for_rest(run)

    def faulty(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr(History, "note_slice", faulty)
    run.train()
    assert "Press Train to resume" in wait_for(run, lambda view: view.status == Status.FAILED).message
    monkeypatch.undo()
    run.train()
    wait_for(run, ended_view)


def test_a_look_that_was_lost_is_taken_later(runs: Runs, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 0.2)
    run = runs.create(SHORT, "me", train=False)
    wait_for_rest(run)
    with monkeypatch.context() as patched:
        patched.setattr(slices, "measure", broken)
        run.step()
        wait_for(run, lambda view: view.message == UNMEASURED)
    sweep_until(runs, lambda: not run.view().message, run)
    wait_for_rest(run)
    assert Store(home).load(run.id).frames[-1].step == 1


def broken(*_: object) -> None:
    raise MemoryError
