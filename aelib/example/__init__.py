"""A run that was trained beforehand, replayed at a first visit: a 2-D code of the built-in digits.

`python -m aelib.example` trains it again and writes `run.json`, `frames.npz` and `images.npz` next to this file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np

from aelib import datasets
from aelib.datasets import Dataset
from aelib.runs import RunView, facts, frames_file
from aelib.runs.history import CurvePoint, PcaBaseline, spread
from aelib.runs.status import Shortage, Status
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.phases import phases
from aelib.spec.serialization import from_json, to_json
from aelib.train.slices import Frame

ID = "example"
FOLDER = Path(__file__).parent
CONFIG = RunConfig(
    dataset="digits",
    widths=(256, 64),
    code_size=2,
    hidden_activation="elu",
    code_activation="linear",
    batch_size=128,
    epochs=30,
)
# So many moments are kept, more of them where the error falls fastest.
MOMENTS = 20
# Reconstructions are kept to every so many of a byte's levels, and what is drawn behind or between others to every so
# many: they take less than half of the room.
FINE, COARSE = 8, 16


@cache
def view() -> RunView:
    """The run at its end, with its recorded moments."""
    known = json.loads((FOLDER / "run.json").read_text("utf-8"))
    config = from_json(known["config"])
    frames = tuple(frames_file.read(FOLDER / "frames.npz", config))
    return RunView(
        id=ID,
        config=config,
        knobs=Knobs.of(config),
        status=Status.FINISHED,
        message="",
        asleep=False,
        place=0,
        shortage=Shortage.NONE,
        step=frames[-1].step,
        budget=frames[-1].step,
        steps_per_epoch=known["steps_per_epoch"],
        rate=None,
        seconds_left=None,
        version=0,
        curve=tuple(facts.rows(known, "curve", CurvePoint)),
        frames=frames,
        newest=frames[-1],
        annotations=(),
        pca=tuple(facts.rows(known, "pca", PcaBaseline)),
        phases=phases(config, 1)[:1],
    )


@cache
def dataset() -> Dataset:
    """The built-in digits that the run was tested on, without those it was trained on: they are there at once."""
    full = next(entry for entry in datasets.entries() if entry.name == CONFIG.dataset)
    with np.load(FOLDER / "images.npz", allow_pickle=False) as file:
        images, labels = file["images"], file["labels"].astype(np.int64)
    return Dataset(
        name=full.name,
        title=full.title,
        source=full.source,
        train_images=images[:0],
        train_labels=labels[:0],
        test_images=images,
        test_labels=labels,
        classes=tuple("0123456789"),
    )


def save(run: RunView, tested: Dataset, folder: Path) -> None:
    """Writes what `view` and `dataset` read, as small as it can be."""
    known = {
        "config": to_json(run.config),
        "steps_per_epoch": run.steps_per_epoch,
        "curve": [list(asdict(point).values()) for point in spread(run.curve, 10 * MOMENTS)],
        "pca": [list(asdict(line).values()) for line in run.pca],
    }
    (folder / "run.json").write_text(json.dumps(known), "utf-8")
    frames_file.write(folder / "frames.npz", [_rounded(frame) for frame in spread(run.frames, MOMENTS)])
    with np.load(folder / "frames.npz", allow_pickle=False) as file:
        columns = dict(file)
    np.savez_compressed(folder / "frames.npz", **columns)
    labels = tested.test_labels.astype(np.uint8)
    np.savez_compressed(folder / "images.npz", images=tested.test_images, labels=labels)


def _rounded(frame: Frame) -> Frame:
    """With codes of half precision, and fewer levels of activations and images: they take less room."""
    activations, grid = frame.images.activations, frame.metrics.grid
    assert activations is not None and grid is not None
    points = frame.metrics.points.astype(np.float16)
    return replace(
        frame,
        images=replace(
            frame.images,
            output=_coarse(frame.images.output, FINE),
            activations=replace(activations, cells=_coarse(activations.cells, COARSE)),
        ),
        metrics=replace(frame.metrics, points=points, grid=replace(grid, images=_coarse(grid.images, COARSE))),
    )


def _coarse(levels: np.ndarray, step: int) -> np.ndarray:
    """Bytes rounded to multiples of `step`, of which 128 is one."""
    return np.asarray((np.rint(levels / step) * step).clip(0, 255)).astype(np.uint8)
