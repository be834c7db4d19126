"""A disk that is full, or that nobody may write: one sentence each, and everything else goes on."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from concurrent.futures import Future as Promise
from contextlib import contextmanager
from pathlib import Path

import pytest

from aelib import datasets
from aelib.cluster.engine import Engine
from aelib.runs import Runs, Store, backoff, lease
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import drawings, npz, pngs
from tests.runs.waiting import sweep_until, wait_for, wait_for_rest, wait_until

CONFIG = RunConfig(dataset="digits", widths=(), code_size=4, batch_size=512, epochs=1)
# Nobody may make folders here, not even root, whom a folder's mode does not stop.
READ_ONLY = Path("/proc/autoencoder-lab")


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """The system lets no file of this process grow beyond `size` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_an_upload_that_the_disk_does_not_take_leaves_nothing_and_works_once_there_is_room(home: Path) -> None:
    for upload in (pngs(), [("a.npz", npz(images=drawings()))]):
        with no_room_beyond(1_000), pytest.raises(InvalidInput, match=r"^AELIB_HOME: [^\n]+\.$"):
            datasets.import_upload(upload)
        assert files_below(home) == {}
    assert datasets.load(datasets.import_upload(pngs()).name).classes == ("all",)


def test_a_run_goes_on_while_the_disk_is_full_and_is_kept_once_there_is_room(
    promised_engine: Promise[Engine], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.5)
    runs = Runs(promised_engine, home)
    with no_room_beyond(1_000):
        run = runs.create(CONFIG, "me", train=True)
        view = wait_for(run, lambda view: view.status == "finished" and bool(view.message))
        assert view.message.startswith("This run could not be saved (") and "\n" not in view.message
        wait_for_rest(run)
        assert files_below(home) == {}
        # There is no other copy of it, so it stays although nobody looks.
        wait_until(lambda: not run.watched)
        runs.sweep()
        assert runs.get(run.id) is run
    run.step()
    wait_for(run, lambda after: after.step == view.step + 1)
    assert wait_for_rest(run).message == ""
    assert Runs(promised_engine, home).get(run.id).view().step == view.step + 1


def test_a_run_that_rests_is_saved_once_there_is_room_again_without_anybody_doing_anything(
    promised_engine: Promise[Engine], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "FIRST_SECONDS", 0.1)
    runs = Runs(promised_engine, home)
    with no_room_beyond(1_000):
        run = runs.create(CONFIG, "me", train=True)
        wait_for(run, lambda view: view.status == "finished" and bool(view.message))
        wait_for_rest(run)
    sweep_until(runs, lambda: not run.view().message)
    wait_for_rest(run)
    assert Store(home).load(run.id).state.step == run.view().budget


def test_a_full_disk_leaves_the_run_as_it_was_saved_before(promised_engine: Promise[Engine], home: Path) -> None:
    runs = Runs(promised_engine, home)
    run = runs.create(CONFIG, "me", train=False)
    wait_for_rest(run)
    before = files_below(home)
    with no_room_beyond(1_000):
        run.step()
        wait_for(run, lambda view: view.step == 1 and bool(view.message))
        wait_for_rest(run)
    assert files_below(home) == before
    assert Runs(promised_engine, home).get(run.id).view().step == 0


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that not even root can write")
def test_a_home_that_cannot_be_written_is_named_and_runs_go_on(promised_engine: Promise[Engine]) -> None:
    with pytest.raises(InvalidInput, match=r"^AELIB_HOME: “autoencoder-lab” [^\n/]+\.$"):
        datasets.import_upload(pngs(), READ_ONLY)
    runs = Runs(promised_engine, READ_ONLY)
    run = runs.create(CONFIG, "me", train=True)
    view = wait_for(run, lambda view: view.status == "finished" and bool(view.message))
    assert view.message.startswith("This run could not be saved (")
    assert [summary.id for summary in runs.list("me")] == [run.id]


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that not even root can write")
def test_a_data_folder_that_cannot_be_written_is_named_by_a_download() -> None:
    download = datasets.Download("mnist", READ_ONLY).start()
    assert download.wait(30) and not download.ok
    assert download.error is not None and "AELIB_DATA_DIR" in download.error and "\n" not in download.error
    assert str(READ_ONLY) not in download.error
    assert datasets.load("digits").name == "digits"
