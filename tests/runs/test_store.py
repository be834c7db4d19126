from __future__ import annotations

import json
import math
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from aelib.runs.history import Annotation, CurvePoint, PcaBaseline
from aelib.runs.record import Record
from aelib.runs.status import Status
from aelib.runs.store import Label, Store, Unreadable
from aelib.spec.config import with_knobs
from aelib.spec.state import Activations, CodeActivity, DecodedGrid, Reconstructions
from aelib.train.slices import Frame, ProbeMetrics
from aelib.train.trainer import advance, init
from tests.samples import assert_same_state, digits, knobs_of, settings

ID, OTHER = "0123456789abcdef", "ABCDEFGHIJ-_klmn"
FILES = ("run.json", "weights.safetensors", "frames.npz")


def points(step: int, rng: np.random.Generator) -> np.ndarray:
    """Of all images or, at odd steps, of every second one."""
    placed = rng.normal(size=(20, 2)).astype(np.float32)
    if step % 2:
        placed[1::2] = np.nan
    return placed


def activations(rng: np.random.Generator) -> Activations:
    """Of a network with a code of four numbers and no other layer."""
    return Activations(rng.integers(1, 256, (12, 4), np.uint8), rng.random(1).astype(np.float32))


def activity(rng: np.random.Generator) -> CodeActivity:
    return CodeActivity(rng.random(4).astype(np.float32), 1.5)


def grid(rng: np.random.Generator) -> DecodedGrid:
    return DecodedGrid(rng.integers(0, 256, (144, 196), np.uint8), rng.normal(size=4).astype(np.float32))


@cache
def record(steps: int = 2) -> Record:
    config, data = settings(code_size=4), digits()
    knobs = knobs_of(config, learning_rate=0.1, corruption_level=0.2, regularizer_weight=1 / 3)
    state, _ = advance(init(config, data), data, knobs, steps)
    rng = np.random.default_rng(steps)
    frames = [
        Frame(
            Reconstructions(
                step,
                rng.integers(0, 256, (12, 784), np.uint8),
                rng.integers(0, 256, (12, 784), np.uint8),
                # There may be frames from a time when masks were not kept.
                rng.random((12, 784)) < 0.5 if step else None,
                # Nor activations.
                activations=activations(rng) if step else None,
            ),
            ProbeMetrics(
                step,
                0.5 / (step + 1),
                0.1,
                points(step, rng),
                0.01,
                grid=grid(rng) if step == 1 else None,
                activity=activity(rng) if step == 2 else None,
            ),
        )
        for step in range(steps + 1)
    ]
    return Record(
        id=ID,
        owner="owner",
        created=1000.5,
        config=config,
        knobs=knobs,
        status=Status.PAUSED,
        message="“Ünïcode”, and a\nsecond line",
        budget=99,
        train_seconds=1.25,
        state=state,
        curve=[
            CurvePoint(0, None, None, 0.3, 0.5),
            CurvePoint(steps, 0.1, 0.05, None, None),
            CurvePoint(steps, None, None, 0.2, 1 / 3),
        ],
        annotations=[Annotation(1, "learning_rate", 0.1, 0.001)],
        pca=[PcaBaseline(0, 0.03)],
        frames=frames,
        threads=[1, 2],
    )


def assert_same_record(ours: Record, theirs: Record) -> None:
    assert replace(ours, state=theirs.state, frames=[]) == replace(theirs, frames=[])
    assert_same_state(ours.state, theirs.state)
    assert len(ours.frames) == len(theirs.frames)
    for one, other in zip(ours.frames, theirs.frames, strict=True):
        assert (
            replace(one.metrics, points=other.metrics.points, grid=other.metrics.grid, activity=other.metrics.activity)
            == other.metrics
        )
        assert one.step == other.step == one.metrics.step
        ours_shown, theirs_shown = one.images, other.images
        arrays = [
            (ours_shown.corrupted, theirs_shown.corrupted),
            (ours_shown.output, theirs_shown.output),
            (one.metrics.points, other.metrics.points),
        ]
        for part, same, names in (
            (ours_shown.activations, theirs_shown.activations, ("cells", "scales")),
            (one.metrics.grid, other.metrics.grid, ("images", "area")),
            (one.metrics.activity, other.metrics.activity, ("shares",)),
        ):
            assert (part is None) == (same is None)
            if part is not None and same is not None:
                arrays += [(getattr(part, name), getattr(same, name)) for name in names]
        for a, b in arrays:
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
        assert (ours_shown.mask is None) == (theirs_shown.mask is None)
        if ours_shown.mask is not None and theirs_shown.mask is not None:
            assert theirs_shown.mask.dtype == bool
            np.testing.assert_array_equal(ours_shown.mask, theirs_shown.mask)


def saved(home: Path, **changes: Any) -> tuple[Store, Path]:
    store, one = Store(home), replace(record(), **changes)
    store.save(one)
    return store, home / "runs" / one.id


def test_a_run_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    assert_same_record(store.load(ID), record())
    assert sorted(file.name for file in folder.iterdir()) == sorted(FILES)
    assert not any(array.flags.writeable for array in store.load(ID).state.arrays.values())


def test_a_run_without_history_comes_back(tmp_path: Path) -> None:
    bare = replace(record(), curve=[], annotations=[], pca=[], frames=[], message="")
    Store(tmp_path).save(bare)
    assert_same_record(Store(tmp_path).load(ID), bare)


def test_saving_again_replaces_the_run(tmp_path: Path) -> None:
    store, _ = saved(tmp_path)
    store.save(record(3))
    assert_same_record(store.load(ID), record(3))


def test_convolutions_come_back_bit_by_bit(tmp_path: Path) -> None:
    config, data = settings("conv-pool", widths=(3, 2)), digits()
    state, _ = advance(init(config, data), data, knobs_of(config), 1)
    store, _ = saved(tmp_path, config=config, knobs=knobs_of(config), state=state)
    assert_same_state(store.load(ID).state, state)


def test_a_resumed_run_equals_one_that_was_never_paused(tmp_path: Path) -> None:
    config, data = settings(corruption="masking"), digits()
    whole, _ = advance(init(config, data), data, knobs_of(config), 14)
    half, _ = advance(init(config, data), data, knobs_of(config), 6)
    store, _ = saved(tmp_path, config=config, knobs=knobs_of(config), state=half)
    resumed, _ = advance(store.load(ID).state, data, knobs_of(config), 8)
    assert_same_state(resumed, whole)


def test_a_run_of_an_older_version_that_knows_no_threads_opens(tmp_path: Path) -> None:
    store, _ = saved(tmp_path)
    file = tmp_path / "runs" / ID / "run.json"
    file.write_bytes(edited(lambda facts: facts.pop("threads"))(file.read_bytes()))
    assert store.load(ID).threads == []


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def edit(content: bytes) -> bytes:
        facts = json.loads(content)
        change(facts)
        return json.dumps(facts).encode()

    return edit


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "its first byte": lambda content: content[:1],
    "half of it": lambda content: content[: len(content) // 2],
    "all but its end": lambda content: content[:-7],
    "another format": lambda content: b"\x80\x04K\x01." * 99,
    "zeros": lambda content: bytes(len(content)),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("fault", DAMAGE)
def test_a_damaged_file_gives_one_sentence(name: str, fault: str, tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    file = folder / name
    file.write_bytes(DAMAGE[fault](file.read_bytes()))
    with pytest.raises(Unreadable, match=r"^[^\n]+\.$"):
        store.load(ID)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_gives_one_sentence(name: str, tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    (folder / name).unlink()
    with pytest.raises(Unreadable, match=r"^[^\n]+\.$"):
        store.load(ID)


FACTS: dict[str, Callable[[bytes], bytes]] = {
    "no object": lambda content: b"[]",
    "nested too deep": lambda content: b"[" * 100_000,
    "config with nonsense": edited(lambda facts: facts["config"].update(code_size=-1)),
    "config that is a list": edited(lambda facts: facts.update(config=[])),
    "config that is nothing": edited(lambda facts: facts.update(config=None)),
    "no config": edited(lambda facts: facts.pop("config")),
    "knobs that are a list": edited(lambda facts: facts.update(knobs=[])),
    "knobs of another kind": edited(lambda facts: facts["knobs"].update(learning_rate="fast")),
    "budget that is no number": edited(lambda facts: facts.update(budget="much")),
    "curve of another shape": edited(lambda facts: facts.update(curve=[[1, 2]])),
    "curve that is a number": edited(lambda facts: facts.update(curve=3)),
}


@pytest.mark.parametrize("fault", FACTS)
def test_damaged_facts_give_one_sentence_and_are_not_listed_wrongly(fault: str, tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    saved(tmp_path, id=OTHER)
    file = folder / "run.json"
    file.write_bytes(FACTS[fault](file.read_bytes()))
    with pytest.raises(Unreadable, match=r"^[^\n]+\.$"):
        store.load(ID)
    assert OTHER in [summary.id for summary in store.list("owner")]


NONSENSE: tuple[Any, ...] = (
    None,
    "",
    "x",
    -1,
    1e300,
    float("nan"),
    float("inf"),
    "9" * 400,
    [],
    [[]],
    {},
    True,
    "\0",
    ["a"] * 3,
)
VALUES = ("id", "owner", "created", "status", "message", "budget", "train_seconds", "steps_per_epoch", "step")


@pytest.mark.parametrize("name", [*VALUES, "test_mse", "curve", "marks", "pca", "config", "knobs"])
def test_a_run_with_any_nonsense_is_opened_as_one_that_can_be_or_is_set_aside(name: str, tmp_path: Path) -> None:
    for number, value in enumerate(NONSENSE):
        store, folder = saved(tmp_path / str(number))
        saved(tmp_path / str(number), id=OTHER)
        file = folder / "run.json"
        file.write_bytes(edited(lambda facts, value=value: facts.update({name: value}))(file.read_bytes()))  # type: ignore[misc]
        listed = [summary for summary in store.list("owner") if summary.id == ID]
        for summary in listed:
            assert 0 <= summary.created < 5e9 and summary.status in tuple(Status) and summary.step >= 0
            assert summary.test_mse is None or math.isfinite(summary.test_mse)
        try:
            opened = store.load(ID)
        except Unreadable as problem:
            assert re.fullmatch(r"[^\n]+\.", str(problem))
            assert not folder.exists() and len(list((tmp_path / str(number) / "damaged").iterdir())) == 1
        else:
            assert 0 <= opened.created < 5e9 and opened.steps_per_epoch > 0 and opened.budget >= 0
        assert OTHER in [summary.id for summary in store.list("owner")]


def test_a_point_beyond_all_bounds_is_no_error_that_was_measured(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    file = folder / "run.json"
    file.write_bytes(edited(lambda facts: facts["curve"][0].__setitem__(3, math.nan))(file.read_bytes()))
    assert all(
        value is None or math.isfinite(value) for point in store.load(ID).curve for value in asdict(point).values()
    )


ARRAYS: dict[str, Callable[[dict[str, np.ndarray]], object]] = {
    "one is missing": lambda arrays: arrays.popitem(),
    "one is too many": lambda arrays: arrays.update({"weights/extra": np.zeros(3, np.float32)}),
    "of other shapes": lambda arrays: arrays.update({name: array.reshape(1, -1) for name, array in arrays.items()}),
    "of another type": lambda arrays: arrays.update({name: array.astype(np.int64) for name, array in arrays.items()}),
    "not finite": lambda arrays: arrays.update({name: np.full_like(array, np.inf) for name, array in arrays.items()}),
    "of no weights": lambda arrays: arrays.clear(),
}


@pytest.mark.parametrize("fault", ARRAYS)
def test_weights_that_are_not_the_networks_are_set_aside(fault: str, tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    file = folder / "weights.safetensors"
    arrays = load_arrays(file.read_bytes())
    ARRAYS[fault](arrays)
    file.write_bytes(save_arrays(arrays, {"step": "2"}))
    with pytest.raises(Unreadable, match="set aside"):
        store.load(ID)
    with pytest.raises(Unreadable, match="has been set aside"):
        store.load(ID)
    with pytest.raises(Unreadable, match="Run not found"):
        Store(tmp_path).load(ID)


def test_an_owner_is_told_once_of_each_run_that_was_set_aside(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    assert store.newly_damaged("owner") == 0
    (folder / "weights.safetensors").write_bytes(b"")
    with pytest.raises(Unreadable):
        store.load(ID)
    assert store.newly_damaged("somebody else") == 0
    assert (store.newly_damaged("owner"), store.newly_damaged("owner")) == (1, 0)


def test_an_owner_is_told_although_nothing_can_be_read_of_a_run_that_was_listed_before(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    assert len(store.list("owner")) == 1
    (folder / "run.json").write_bytes(b"{")
    assert store.list("owner") == []
    assert store.newly_damaged("owner") == 1


FRAME_COLUMNS: dict[str, Callable[[dict[str, np.ndarray]], object]] = {
    "images of another size": lambda table: table.update(output=table["output"][:, :, :10]),
    "images of another type": lambda table: table.update(seen=table["seen"].astype(np.float32)),
    "points beyond all bounds": lambda table: table.update(points=table["points"] * np.inf),
    "half a point": lambda table: table["points"].__setitem__((1, 2, 0), np.nan),
    "points nowhere": lambda table: table.update(points=table["points"] * np.nan),
    "steps in no order": lambda table: table.update(step=table["step"][::-1]),
    "steps that are names": lambda table: table.update(step=np.array(["a", "b", "c"])),
    "far too many": lambda table: table.update({name: np.repeat(array, 999, 0) for name, array in table.items()}),
    "a column is missing": lambda table: table.pop("points"),
}


@pytest.mark.parametrize("fault", FRAME_COLUMNS)
def test_frames_that_no_run_has_are_set_aside(fault: str, tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    with np.load(folder / "frames.npz") as file:
        table = dict(file)
    FRAME_COLUMNS[fault](table)
    np.savez(folder / "frames.npz", **table)  # type: ignore[arg-type]
    with pytest.raises(Unreadable, match="set aside"):
        store.load(ID)


def test_a_small_file_of_frames_that_claims_gigabytes_is_not_unpacked(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    np.savez_compressed(folder / "frames.npz", step=np.zeros(300_000_000, np.uint8))
    with pytest.raises(Unreadable, match="set aside"):
        store.load(ID)


def test_frames_of_different_counts_give_one_sentence(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    with np.load(folder / "frames.npz") as file:
        table = dict(file)
    np.savez(folder / "frames.npz", **table | {"seen": table["seen"][:1]})
    with pytest.raises(Unreadable):
        store.load(ID)


def test_another_versions_run_is_said_to_be_one(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    file = folder / "run.json"
    file.write_bytes(edited(lambda facts: facts.update(format=2))(file.read_bytes()))
    with pytest.raises(Unreadable, match="another version"):
        store.load(ID)
    assert store.list("owner") == []


@pytest.mark.parametrize(
    "name",
    [
        "",
        "../x",
        "..",
        ".",
        "../../../../etc",
        "a/../../b/c/d/e/f",
        "x" * 17,
        ID + "\n",
        "/etc/passwd12345",
        "0" * 15 + "é",
    ],
)
def test_ids_that_are_paths_are_refused(name: str, tmp_path: Path) -> None:
    store, folder = saved(tmp_path / "home")
    (tmp_path / "home" / "x").mkdir()
    (tmp_path / "home" / "x" / "run.json").write_bytes((folder / "run.json").read_bytes())
    with pytest.raises(Unreadable, match="Run not found"):
        store.load(name)
    store.delete(name)
    assert (tmp_path / "home" / "x" / "run.json").exists() and (folder / "run.json").exists()


def test_lists_hold_the_owners_runs_newest_first_without_damaged_ones(tmp_path: Path) -> None:
    ids = [f"{number:016}" for number in range(6)]
    for number, created in enumerate((3.0, 1.0, 5.0, 2.0, 4.0, 6.0)):
        saved(tmp_path, id=ids[number], created=created, owner="other" if number == 5 else "owner")
    (tmp_path / "runs" / ids[3] / "run.json").write_bytes(b"{")
    (tmp_path / "runs" / "not-a-run").mkdir()
    (tmp_path / "runs" / "a-file").touch()
    listed = Store(tmp_path).list("owner")
    assert [summary.id for summary in listed] == [ids[2], ids[4], ids[0], ids[1]]
    assert [summary.created for summary in listed] == [5, 4, 3, 1]
    config = with_knobs(record().config, record().knobs)
    assert {(s.config, s.status, s.step, s.test_mse) for s in listed} == {(config, "paused", 2, 1 / 3)}
    assert {(s.pca_mse, s.train_seconds, s.label) for s in listed} == {(record().pca[-1].mse, 1.25, Label())}
    assert Store(tmp_path).list("nobody") == []
    assert Store(tmp_path / "nowhere").list("owner") == []


def test_a_run_keeps_the_name_that_its_owner_gave_until_it_is_deleted(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    label = Label("A “good” one", "Tried with ß and <b>")
    store.set_label(ID, label)
    store.save(record(3))
    assert [summary.label for summary in Store(tmp_path).list("owner")] == [label]
    store.set_label(ID, Label())
    assert store.label(ID) == Label()
    store.delete(ID)
    assert not folder.exists() and store.label(ID) == Label()
    for unknown in (ID, "../../etc/passwd"):
        with pytest.raises(Unreadable, match="not found"):
            store.set_label(unknown, label)


@pytest.mark.parametrize("written", [b"", b"[]", b'{"name": 1, "note": ""}', b'{"name": "a"}', b"[" * 100_000])
def test_a_label_that_is_damaged_is_none_and_harms_nothing(written: bytes, tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    (folder / "label.json").write_bytes(written)
    assert [summary.label for summary in store.list("owner")] == [Label()]


def test_the_newest_recorded_moment_is_found_without_the_weights(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    (folder / "weights.safetensors").unlink()
    frame = store.newest_frame(ID)
    assert frame is not None and np.array_equal(frame.images.output, record().frames[-1].images.output)
    (folder / "frames.npz").write_bytes(b"PK")
    assert store.newest_frame(ID) is None and store.newest_frame(OTHER) is None


@pytest.mark.parametrize("file", [1, 2, 3])
def test_a_save_that_fails_half_way_leaves_a_run_that_can_be_opened(
    file: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, folder = saved(tmp_path)
    real, calls = os.replace, []

    def full_disk(*arguments: Any) -> None:
        calls.append(arguments)
        if len(calls) == file:
            raise OSError("No space left on device")
        real(*arguments)

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        store.save(record(3))
    assert sorted(entry.name for entry in folder.iterdir()) == sorted(FILES)
    reached = store.load(ID)
    # Whatever was replaced says for itself which step it is of.
    assert_same_state(reached.state, record(2 if file == 1 else 3).state)
    assert len(reached.frames) == len(record(3 if file == 3 else 2).frames)
    assert reached.curve == record(2).curve
    if file == 1:
        assert_same_record(reached, record())


def test_a_first_save_that_fails_leaves_nothing_to_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*arguments: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        Store(tmp_path).save(record())
    assert not [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert Store(tmp_path).list("owner") == []


def test_a_deleted_run_is_gone(tmp_path: Path) -> None:
    store, folder = saved(tmp_path)
    saved(tmp_path, id=OTHER)
    store.delete(ID)
    assert not folder.exists()
    assert [summary.id for summary in store.list("owner")] == [OTHER]
    with pytest.raises(Unreadable, match="Run not found"):
        store.load(ID)
    store.delete(ID)


def test_nothing_is_pickled(tmp_path: Path) -> None:
    _, folder = saved(tmp_path)
    with np.load(folder / "frames.npz", allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)
    assert zipfile.is_zipfile(folder / "frames.npz")
    json.loads((folder / "run.json").read_text(encoding="utf-8"))
