"""A run that is trained on the command line is recorded as the app records its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from aelib.runs import record as records
from aelib.runs.recording import Recording
from aelib.runs.store import Missing, Store, Unreadable, find
from aelib.spec.config import Knobs
from aelib.train.loop import trained
from aelib.train.trainer import advance, init
from tests.samples import assert_same_state, digits, settings

STEPS = 30


def recorded() -> records.Record:
    data, config = digits(), settings()
    recording = Recording(config, data, STEPS)
    for link in trained(config, data, STEPS, recording.next_stop):
        recording.note(link)
    return recording.record(link.state, ())


def test_the_moments_are_those_of_the_schedule_and_training_is_the_same() -> None:
    record, data = recorded(), digits()
    steps = [frame.step for frame in record.frames]
    assert {0, 1, 2, 5, 10, 20} <= set(steps) and steps[-1] == STEPS
    assert [point.step for point in record.curve if point.test_mse is not None] == steps
    assert record.frames[-1].metrics.images == len(data.probe)
    assert record.pca and record.budget == STEPS
    assert record.steps_per_epoch == pytest.approx(300 / 32)
    state, _ = advance(init(record.config, data), data, Knobs.of(record.config), STEPS)
    assert_same_state(record.state, state)


def test_a_run_is_found_by_its_folder_and_by_its_id(tmp_path: Path) -> None:
    record, home = recorded(), tmp_path / "home"
    records.write(record, tmp_path / "kept")
    Store(home).save(record)
    for name in (str(tmp_path / "kept"), record.id):
        found = find(name, home)
        assert_same_state(found.state, record.state)
        assert [frame.step for frame in found.frames] == [frame.step for frame in record.frames]
    for nothing in ("", "nowhere", str(tmp_path), "\0", "x" * 5_000):
        with pytest.raises(Missing):
            find(nothing, home)


def test_a_damaged_folder_is_one_sentence_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    records.write(recorded(), folder)
    for name, contents in (("weights.safetensors", b"no"), ("run.json", b"{"), ("run.json", b'{"format": 7}')):
        (folder / name).write_bytes(contents)
        with pytest.raises(Unreadable, match=r"^The run in “kept” (is damaged|was written by another version)"):
            find(str(folder), tmp_path)
        assert (folder / name).exists()
