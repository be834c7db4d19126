"""All runs of a server: who finds which, how many there may be, and what is given back."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
import weakref
from concurrent.futures import Future as Promise
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from aelib.cluster.engine import Engine
from aelib.host.settings import MAX_RUNS, MAX_STORED, MAX_TRAINING
from aelib.runs import Full, Run, Runs, Store, Unreadable, lease
from aelib.runs.record import Record
from aelib.runs.status import Status
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from tests.runs.waiting import PATIENCE, wait_for, wait_for_rest, wait_for_sleep

SMALL = RunConfig(dataset="digits", widths=(), code_size=8, batch_size=128, epochs=2)
LONG = replace(SMALL, epochs=500)


def in_line(runs: Runs) -> list[Run]:
    """Three runs that want to train, one after the other."""
    queue = []
    for _ in range(3):
        queue.append(runs.create(LONG, "me", train=True))
        wait_for(queue[-1], lambda view: view.status == "training" or view.place > 0)
    return queue


def test_the_next_run_waits_in_line_and_is_told_its_place(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_TRAINING.variable, "1")
    first, second, third = in_line(runs)
    assert (second.view().place, third.view().place) == (1, 2)
    assert second.view().step == 0
    first.pause()
    wait_for(second, lambda view: view.step > 0 and view.place == 0)
    wait_for(third, lambda view: view.place == 1)
    second.pause()
    wait_for(third, lambda view: view.step > 0)
    third.pause()


def test_a_waiting_run_that_nobody_looks_at_keeps_nobody_waiting(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_TRAINING.variable, "1")
    monkeypatch.setattr(lease, "LEASE_SECONDS", 1.0)
    first, _, third = in_line(runs)
    for _ in range(15):
        time.sleep(0.1)
        first.touch()
        third.touch()
    runs.sweep()
    wait_for(first, lambda _: third.view().place == 1)
    first.pause()
    wait_for(third, lambda view: view.step > 0)
    third.pause()


def test_a_run_that_nobody_looks_at_leaves_the_memory_and_comes_back_training(
    runs: Runs, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.5)
    run = runs.create(LONG, "me", train=True)
    wait_for(run, lambda view: view.step > 0)
    wait_for_sleep(run)
    assert runs.list("me")[0].status == "asleep"
    slept_at, run_id, gone = run.view().step, run.id, weakref.ref(run)
    runs.sweep()
    del run
    deadline = time.monotonic() + PATIENCE
    while gone() is not None and time.monotonic() < deadline:
        gc.collect()
        time.sleep(0.05)
    assert gone() is None
    assert runs.list("me")[0].status == "asleep"

    again = runs.get(run_id)
    assert (again.view().step, again.view().asleep) == (slept_at, True)
    assert wait_for(again, lambda view: view.step > slept_at).status == "training"
    again.pause()


def test_who_still_holds_a_run_that_was_given_back_does_not_train_it_beside_the_new_one(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.5)
    old = runs.create(LONG, "me", train=True)
    wait_for(old, lambda view: view.step > 0)
    wait_for_sleep(old)
    runs.sweep()
    new = runs.get(old.id)
    assert new is not old
    slept_at = old.view().step
    old.touch()
    wait_for(new, lambda view: view.step > slept_at)
    assert old.view().step == slept_at
    new.pause()


def test_runs_sleep_while_the_server_is_down_and_go_on_when_somebody_looks(
    promised_engine: Promise[Engine], home: Path
) -> None:
    engine: Promise[Engine] = Promise()
    engine.set_result(Engine.in_process())
    runs = Runs(engine, home)
    run = runs.create(LONG, "me", train=True)
    before = wait_for(run, lambda view: view.step > 0)
    runs.close()
    again = Runs(promised_engine, home).get(run.id)
    assert again.view().asleep and again.view().step >= before.step
    wait_for(again, lambda view: view.step > before.step)
    again.pause()


def test_a_deleted_run_takes_nobodys_place_whoever_still_has_it_in_hand(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_TRAINING.variable, "1")
    deleted = runs.create(LONG, "me", train=False)
    wait_for_rest(deleted)
    runs.delete(deleted.id)
    deleted.train()
    run = runs.create(LONG, "me", train=True)
    wait_for(run, lambda view: view.step > 0)
    run.pause()


def test_what_changes_while_a_run_is_being_saved_is_saved_next(
    runs: Runs, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(SMALL, "me", train=False)
    wait_for_rest(run)
    save = Store.save

    def turn_meanwhile(store: Store, record: Record) -> None:
        run.turn(replace(record.knobs, learning_rate=0.5))
        save(store, record)

    monkeypatch.setattr(Store, "save", turn_meanwhile)
    run.step()
    wait_for(run, lambda view: view.step == 1)
    wait_for_rest(run)
    stored = Store(home).load(run.id)
    assert stored.knobs.learning_rate == 0.5 and [mark.after for mark in stored.annotations] == [0.5]


def test_a_run_whose_end_could_not_be_noted_is_at_its_end(
    runs: Runs, promised_engine: Promise[Engine], home: Path
) -> None:
    run = runs.create(SMALL, "me", train=True)
    wait_for(run, lambda view: view.status == "finished")
    wait_for_rest(run)
    store = Store(home)
    store.save(replace(store.load(run.id), status=Status.TRAINING))
    assert Runs(promised_engine, home).get(run.id).status == "finished"


def test_a_run_that_somebody_looks_at_stays_in_memory(runs: Runs) -> None:
    run = runs.create(SMALL, "me", train=False)
    wait_for_rest(run)
    runs.sweep()
    assert runs.get(run.id) is run


def test_a_visitor_may_keep_so_many_runs_and_others_their_own(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_RUNS.variable, "2")
    first, _ = (runs.create(SMALL, "me", train=False) for _ in range(2))
    with pytest.raises(Full, match="You keep 2 runs and have reached the limit of 2"):
        runs.create(SMALL, "me", train=False)
    runs.create(SMALL, "you", train=False)
    runs.delete(first.id)
    runs.create(SMALL, "me", train=False)


def test_all_together_may_keep_so_many_runs(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_rest(runs.create(SMALL, "me", train=False))
    monkeypatch.setenv(MAX_STORED.variable, "1")
    with pytest.raises(Full, match="The server is full \\(1 runs\\)"):
        runs.create(SMALL, "you", train=False)


def test_a_new_cookie_is_no_new_quota_and_other_addresses_have_room(
    runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(MAX_STORED.variable, "4")
    for cookie in range(3):
        wait_for_rest(runs.create(SMALL, f"cookie {cookie}", train=False, address="192.0.2.1"))
    with pytest.raises(Full, match="Visitors from your network address have reached their limit of 3 runs"):
        runs.create(SMALL, "cookie 3", train=False, address="192.0.2.1")
    runs.create(SMALL, "elsewhere", train=False, address="192.0.2.2")


def test_the_data_of_runs_in_memory_and_in_the_store_are_in_use(runs: Runs, promised_engine: Promise[Engine]) -> None:
    for dataset in ("digits", "letters"):
        wait_for_rest(runs.create(replace(SMALL, dataset=dataset), "me", train=False))
    assert runs.data_sets() == {"digits", "letters"}
    after_a_restart = Runs(promised_engine, runs._home)
    assert after_a_restart.data_sets() == {"digits", "letters"}


def test_a_network_beyond_the_limits_is_refused_with_an_estimate(runs: Runs) -> None:
    with pytest.raises(InvalidInput, match=r"^batch_size: .* must fit into 1,500 MB"):
        runs.create(replace(SMALL, family="conv-pool", widths=(64, 64), batch_size=4096), "me", train=True)


def test_a_run_that_is_deleted_while_it_is_saved_stays_deleted(
    runs: Runs, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, run = Store.save, runs.create(SMALL, "me", train=False)
    wait_for_rest(run)

    def slow(store: Store, record: object) -> None:
        runs.delete(run.id)
        save(store, record)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "save", slow)
    run.step()
    wait_for(run, lambda view: view.step == 1)
    wait_for(run, lambda _: run.resting)
    with pytest.raises(Unreadable):
        Store(home).load(run.id)


_SERVER = """
import sys, time
from concurrent.futures import Future
from pathlib import Path
from dataclasses import replace
from aelib.cluster.engine import Engine
from aelib.runs import Runs
from tests.runs.test_registry import LONG, SMALL

if __name__ == "__main__":
    promise = Future()
    promise.set_result(Engine.in_process())
    runs = Runs(promise, Path(sys.argv[1]))
    paused, training = runs.create(SMALL, "me", train=False), runs.create(replace(LONG, seed=1), "me", train=True)
    print(paused.id, training.id, flush=True)
    while True:
        training.touch()
        print(training.view().step, flush=True)
        time.sleep(0.1)
"""


def test_a_server_that_is_killed_loses_seconds_and_its_runs_end_as_they_would_have(
    promised_engine: Promise[Engine], home: Path, runs: Runs
) -> None:
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(home)], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    paused, training = server.stdout.readline().split()
    saved = home / "runs" / training / "run.json"
    deadline = time.monotonic() + PATIENCE
    while not (saved.exists() and Store(home).load(training).state.step > 0) and time.monotonic() < deadline:
        server.stdout.readline()
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    server.stdout.close()

    assert runs.get(paused).view().status == "paused"
    back = runs.get(training)
    record = Store(home).load(training)
    assert back.view().asleep and record.state.step > 0
    wait_for(back, lambda view: view.step > record.state.step)
    back.pause()
    wait_for_rest(back)

    undisturbed = runs.create(replace(LONG, seed=1), "me", train=False)
    wait_for_rest(undisturbed)
    a = Store(home).load(training).state
    undisturbed._budget = a.step
    undisturbed.train()
    wait_for(undisturbed, lambda view: view.step == a.step)
    wait_for_rest(undisturbed)
    b = Store(home).load(undisturbed.id).state
    assert all(np.array_equal(a.arrays[name], b.arrays[name]) for name in a.arrays)
