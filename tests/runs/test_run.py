"""A run from the outside: what the buttons promise."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future as Promise
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from distributed import Future

from aelib import datasets
from aelib.cluster.engine import Engine
from aelib.runs import Run, Runs, Store, Unreadable, checkpoints, history, lease
from aelib.runs.history import FIRST_STEPS
from aelib.runs.measurements import Measurements
from aelib.runs.store import StoredState
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.state import State
from aelib.train import pace
from tests.datasets.samples import npz
from tests.runs.waiting import wait_for, wait_for_rest, wait_for_sleep

SMALL = RunConfig(dataset="digits", widths=(), code_size=8, batch_size=128, epochs=2)
NOISY = replace(SMALL, corruption="gaussian", corruption_level=0.3, regularizer="l1")


def final_state(run: Run, home: Path) -> State:
    wait_for_rest(run)
    return Store(home).load(run.id).state


def test_a_run_trains_until_its_budget_is_used_up(runs: Runs) -> None:
    run = runs.create(SMALL, "me", train=True)
    wait_for(run, lambda view: view.status == "finished")
    view = wait_for_rest(run)
    assert view.step == view.budget == SMALL.steps(12_600)
    newest = view.frames[-1]
    assert newest.step == view.step
    assert newest.metrics.test_mse < view.frames[0].metrics.test_mse / 2


def test_a_run_is_stored_with_the_numbers_of_threads_that_trained_it(
    runs: Runs, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(replace(SMALL, epochs=1), "me", train=True)
    wait_for(run, lambda view: view.status == "finished")
    monkeypatch.setenv("AELIB_THREADS", "2")
    run.train()
    wait_for(run, lambda view: view.status == "finished" and view.step > SMALL.steps(12_600) * 0.9)
    wait_for_rest(run)
    assert Store(home).load(run.id).threads == [1, 2]


def test_train_on_a_finished_run_gives_it_the_budget_once_more(runs: Runs) -> None:
    run = runs.create(replace(SMALL, epochs=1), "me", train=True)
    first = wait_for(run, lambda view: view.status == "finished")
    run.train()
    second = wait_for(run, lambda view: view.status == "finished" and view.step > first.step)
    assert second.step == 2 * first.step


def test_no_answer_is_fetched_where_others_wait(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dask tells everybody in one thread. An answer whose worker has just died comes when there is another worker, and
    after a server's end never: whoever fetched it there held everybody up."""
    fetching, genuine = set(), Future.result

    def result(future: Future, timeout: float | None = None) -> object:
        fetching.add(threading.current_thread().name.split("_")[0])
        return genuine(future, timeout)

    monkeypatch.setattr(Future, "result", result)
    run = runs.create(NOISY, "me", train=True)
    wait_for(run, lambda view: view.status == "finished" and bool(view.pca))
    assert len(wait_for_rest(run).frames) > 1
    assert fetching <= {"runs"}


def test_a_new_run_can_wait_at_step_0_and_shows_its_pictures(runs: Runs) -> None:
    run = runs.create(SMALL, "me", train=False)
    view = wait_for_rest(run)
    assert (view.status, view.step) == ("paused", 0)
    assert view.newest is not None
    assert view.newest.images.output.shape == (12, 784)
    assert view.newest.metrics.points.shape == (397, 2)


def test_step_trains_a_single_batch(runs: Runs) -> None:
    run = runs.create(SMALL, "me", train=False)
    wait_for_rest(run)
    run.step()
    assert wait_for(run, lambda view: view.step > 0).step == 1
    view = wait_for_rest(run)
    assert (view.status, view.step) == ("paused", 1)


def test_pausing_and_going_on_equals_an_uninterrupted_run(runs: Runs, home: Path) -> None:
    straight = runs.create(NOISY, "me", train=True)
    halting = runs.create(NOISY, "me", train=True)
    for _ in range(3):
        wait_for(halting, lambda view: view.step > 0)
        halting.pause()
        wait_for_rest(halting)
        halting.step()
        wait_for_rest(halting)
        halting.train()
    a, b = final_state(straight, home), final_state(halting, home)
    assert a.step == b.step
    assert all(np.array_equal(a.arrays[name], b.arrays[name]) for name in a.arrays)


def test_pause_stops_soon_and_keeps_the_state(runs: Runs) -> None:
    run = runs.create(replace(SMALL, epochs=500), "me", train=True)
    wait_for(run, lambda view: view.step > 20)
    run.pause()
    assert run.status == "paused"
    view = wait_for_rest(run)
    time.sleep(0.3)
    assert run.view().step == view.step
    assert view.newest is not None
    assert view.newest.metrics.step == view.newest.step


def test_knobs_act_on_the_running_network_and_are_marked(runs: Runs) -> None:
    run = runs.create(replace(NOISY, epochs=500), "me", train=True)
    before = wait_for(run, lambda view: view.step > 0 and view.newest is not None and len(view.pca) == 1)
    run.turn(replace(Knobs.of(NOISY), corruption_level=0.9, learning_rate=0.002))
    view = wait_for(run, lambda view: len(view.pca) == 2)
    run.pause()
    assert {mark.knob for mark in view.annotations} == {"corruption_level", "learning_rate"}
    assert all(mark.step >= before.step for mark in view.annotations)
    assert view.pca[1].mse > view.pca[0].mse
    assert run.settings == replace(NOISY, epochs=500, corruption_level=0.9, learning_rate=0.002)
    after = wait_for_rest(run)
    assert after.newest is not None and before.newest is not None
    assert not np.array_equal(after.newest.images.corrupted, before.newest.images.corrupted)


def test_turning_the_noise_of_a_paused_run_changes_its_pictures_and_its_name_at_once(runs: Runs, home: Path) -> None:
    run = runs.create(NOISY, "me", train=False)
    before = wait_for_rest(run).newest
    run.turn(replace(Knobs.of(NOISY), corruption_level=0.0))
    wait_for(run, lambda view: view.newest is not None and before is not None and view.newest is not before)
    after = wait_for_rest(run).newest
    assert before is not None and after is not None
    assert np.abs(after.images.corrupted.astype(int) - before.images.corrupted).mean() > 5
    listed = runs.list("me"), Store(home).list("me")
    assert [summary.config.corruption_level for summaries in listed for summary in summaries] == [0.0, 0.0]


def test_an_exploding_run_stops_with_a_sentence_and_keeps_the_last_good_state(runs: Runs, home: Path) -> None:
    wild = replace(SMALL, output_activation="linear", learning_rate=10.0)
    run = runs.create(wild, "me", train=True)
    view = wait_for(run, lambda view: view.status == "diverged")
    assert "learning rate" in view.message
    state = final_state(run, home)
    assert all(np.isfinite(array).all() for array in state.arrays.values())
    run.turn(replace(Knobs.of(wild), learning_rate=1e-3))
    run.train()
    assert wait_for(run, lambda view: view.status == "finished").message == ""


def test_a_run_that_ends_above_its_start_says_so_and_says_it_after_a_restart(
    runs: Runs, promised_engine: Promise[Engine], home: Path
) -> None:
    run = train_to_the_end(runs, replace(SMALL, learning_rate=10.0))
    found = wait_for_rest(run).findings
    assert "above the" in found[0].text and found[0].serious
    assert Runs(promised_engine, home).get(run.id).view().findings == found
    run.train()
    assert run.view().findings == ()
    run.pause()


def test_a_run_nobody_looks_at_falls_asleep_and_wakes(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.5)
    run = runs.create(replace(SMALL, epochs=500), "me", train=True)
    wait_for(run, lambda view: view.step > 0)
    asleep = wait_for_sleep(run)
    time.sleep(0.3)
    assert run.view().step == asleep.step
    assert wait_for(run, lambda view: view.step > asleep.step).status == "training"
    run.pause()


def test_history_stays_bounded_however_long_a_run_is(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SLICE_SECONDS", 0.002)
    monkeypatch.setattr(history, "FRAMES", 10)
    monkeypatch.setattr(history, "CURVE_POINTS", 20)
    run = runs.create(replace(SMALL, epochs=3), "me", train=True)
    wait_for(run, lambda view: view.status == "finished")
    view = wait_for_rest(run)
    assert len(view.frames) <= 11
    assert len(view.curve) <= 2 * 21
    assert view.frames[0].step == view.curve[0].step == 0
    assert view.frames[-1].step == view.curve[-1].step == view.step


def test_a_run_of_300_batches_has_twenty_moments_that_are_looked_at_each(runs: Runs) -> None:
    run = runs.create(replace(SMALL, batch_size=84, epochs=2), "me", train=True)
    wait_for(run, lambda view: view.status == "finished")
    view = wait_for_rest(run)
    steps = [frame.step for frame in view.frames]
    assert view.step == 300
    assert set(FIRST_STEPS) <= set(steps) and len(steps) >= 20
    assert all(frame.metrics.step == frame.step for frame in view.frames)
    assert [point.step for point in view.curve if point.test_mse is not None] == steps
    # Where it rests, all test images were looked at.
    assert view.frames[0].metrics.images == view.frames[-1].metrics.images == 397


def test_a_run_is_the_same_to_the_bit_however_often_it_is_looked_at(
    runs: Runs, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    often = final_state(train_to_the_end(runs, NOISY), home)
    monkeypatch.setattr(Measurements, "measure", lambda *_: None)
    never = runs.create(NOISY, "me", train=True)
    wait_for(never, lambda view: view.status == "finished")
    link = never.reached()
    assert link is not None
    state = link.link.result().state
    assert state.step == often.step
    assert all(np.array_equal(state.arrays[name], often.arrays[name]) for name in often.arrays)


def train_to_the_end(runs: Runs, config: RunConfig) -> Run:
    run = runs.create(config, "me", train=True)
    wait_for(run, lambda view: view.status == "finished")
    return run


def test_a_run_survives_a_restart_of_the_server(runs: Runs, promised_engine: Promise[Engine], home: Path) -> None:
    run = runs.create(NOISY, "me", train=True)
    wait_for(run, lambda view: view.step > 5)
    run.pause()
    before = wait_for_rest(run)

    again = Runs(promised_engine, home).get(run.id)
    after = again.view()
    assert (after.status, after.step, after.budget) == (before.status, before.step, before.budget)
    assert after.curve == before.curve
    assert [frame.step for frame in after.frames] == [frame.step for frame in before.frames]
    again.train()
    a = final_state(again, home)
    run.train()
    b = final_state(run, home)
    assert a.step == b.step == before.budget
    assert all(np.array_equal(a.arrays[name], b.arrays[name]) for name in a.arrays)


def test_a_run_that_was_stored_before_it_was_looked_at_trains_on(
    runs: Runs, promised_engine: Promise[Engine], home: Path
) -> None:
    run = runs.create(SMALL, "me", train=False)
    run.step()
    wait_for(run, lambda view: view.step == 1)
    wait_for_rest(run)
    store = Store(home)
    store.save(replace(store.load(run.id), frames=[], curve=[]))
    again = Runs(promised_engine, home).get(run.id)
    again.train()
    view = wait_for(again, lambda view: view.status == "finished")
    assert wait_for_rest(again).frames[-1].step == view.budget


def test_a_stored_run_that_explodes_after_its_last_look_stays_at_its_state(
    runs: Runs, promised_engine: Promise[Engine], home: Path
) -> None:
    wild = replace(SMALL, output_activation="linear")
    run = runs.create(wild, "me", train=False)
    for step in range(1, 4):
        run.step()
        wait_for(run, lambda view, step=step: view.step == step)  # type: ignore[misc]
    wait_for_rest(run)
    store = Store(home)
    record = store.load(run.id)
    store.save(replace(record, frames=record.frames[:1], knobs=replace(record.knobs, learning_rate=10.0), budget=500))
    again = Runs(promised_engine, home).get(run.id)
    again.train()
    wait_for(again, lambda view: view.status == "diverged")
    stored_step = wait_for_rest(again).step
    assert store.load(run.id).state.step == stored_step >= 3


def test_a_run_saves_itself_while_it_trains(runs: Runs, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "CHECKPOINT_SECONDS", 0.2)
    run = runs.create(replace(SMALL, epochs=500), "me", train=True)
    wait_for(run, lambda view: view.step > 0)

    def saved_step() -> int:
        try:
            return Store(home).load(run.id).state.step
        except Unreadable:
            return 0

    wait_for(run, lambda _: saved_step() > 0)
    first = saved_step()
    wait_for(run, lambda _: saved_step() > first)
    assert run.status == "training"
    run.pause()


def test_the_server_holds_no_state_of_a_run_that_rests_in_the_store(runs: Runs, home: Path) -> None:
    run = runs.create(SMALL, "me", train=True)
    rested = wait_for_rest(run)
    wait_for(
        run, lambda _: isinstance(run._training.tip, StoredState) and isinstance(run._checkpoints.last, StoredState)
    )
    run.step()
    wait_for(run, lambda view: view.step == rested.step + 1)
    wait_for_rest(run)
    assert Store(home).load(run.id).state.step == rested.step + 1


def test_a_run_goes_on_from_the_store_to_where_it_would_have_come_from_memory(runs: Runs, home: Path) -> None:
    whole = runs.create(replace(SMALL, max_steps=40), "me", train=True)
    wait_for(whole, lambda view: view.status == "finished")
    parts = runs.create(replace(SMALL, max_steps=20), "me", train=True)
    wait_for(parts, lambda view: view.status == "finished")
    wait_for_rest(parts)
    wait_for(parts, lambda _: isinstance(parts._training.tip, StoredState))
    parts.train()
    wait_for(parts, lambda view: view.step == 40 and view.status == "finished")
    for run in (whole, parts):
        wait_for_rest(run)
    one, other = (Store(home).load(run.id).state for run in (whole, parts))
    assert all(np.array_equal(one.arrays[name], other.arrays[name]) for name in one.arrays)


def test_a_state_that_the_store_has_no_more_is_told_of_in_a_sentence(runs: Runs, home: Path) -> None:
    run = runs.create(SMALL, "me", train=True)
    wait_for_rest(run)
    wait_for(run, lambda _: isinstance(run._training.tip, StoredState))
    (home / "runs" / run.id / "weights.safetensors").unlink()
    run.train()
    view = wait_for(run, lambda view: view.status == "failed")
    assert view.message


def test_a_full_disk_does_not_stop_a_run(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Store, "save", full)
    run = runs.create(SMALL, "me", train=True)
    view = wait_for(run, lambda view: view.status == "finished" and bool(view.message))
    assert "No space left on device" in view.message


def test_data_that_are_not_there_fail_the_run_with_a_sentence(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AELIB_DATA_DIR", str(tmp_path))
    run = runs.create(replace(SMALL, dataset="fashionmnist"), "me", train=True)
    view = wait_for(run, lambda view: view.status == "failed")
    assert view.message.startswith("dataset: ")
    # Trying again is possible, and says the same as long as nothing has changed.
    run.train()
    assert wait_for(run, lambda view: view.status == "failed").message == view.message


def test_an_engine_that_cannot_be_reached_fails_the_run_with_a_sentence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promise: Promise[Engine] = Promise()
    monkeypatch.setenv("AELIB_SCHEDULER", "nonsense")
    try:
        Engine.start()
    except Exception as problem:  # noqa: BLE001 - whatever it is, the run has to say it
        promise.set_exception(problem)
    run = Runs(promise, home).create(SMALL, "me", train=True)
    view = wait_for(run, lambda view: view.status == "failed")
    assert "AELIB_SCHEDULER" in view.message


def test_runs_are_listed_by_owner_and_deleted_for_good(runs: Runs, home: Path) -> None:
    mine = runs.create(SMALL, "me", train=False)
    yours = runs.create(SMALL, "you", train=False)
    wait_for_rest(mine)
    wait_for_rest(yours)
    assert [summary.id for summary in runs.list("me")] == [mine.id]
    runs.delete(mine.id)
    assert runs.list("me") == []
    with pytest.raises(Unreadable):
        runs.get(mine.id)
    assert runs.get(yours.id) is yours


def test_run_ids_are_unguessable(runs: Runs) -> None:
    ids = {runs.create(SMALL, "me", train=False).id for _ in range(5)}
    assert len(ids) == 5
    assert all(len(run_id) == 16 for run_id in ids)


COLOUR = replace(SMALL, colour=True, epochs=1)


def test_a_coloured_run_keeps_its_colours_in_the_store_and_has_no_line_of_pca(runs: Runs, home: Path) -> None:
    run = runs.create(COLOUR, "me", train=True)
    wait_for(run, lambda view: view.status == "finished")
    view = wait_for_rest(run)
    assert view.pca == ()
    stored = Store(home).load(run.id)
    assert stored.config.colour
    assert view.newest is not None and view.newest.images.output.shape == (12, 3 * 784)
    np.testing.assert_array_equal(stored.frames[-1].images.output, view.newest.images.output)


def test_colouring_pictures_without_classes_is_refused_in_a_sentence(runs: Runs) -> None:
    rng = np.random.default_rng(0)
    images = npz(images=rng.integers(0, 255, (120, 28, 28), np.uint8))
    dataset = datasets.import_upload([("pictures.npz", images)])
    run = runs.create(replace(COLOUR, dataset=dataset.name), "me", train=True)
    view = wait_for(run, lambda view: view.status == "failed")
    assert view.message.startswith("colour: ") and "class labels" in view.message
