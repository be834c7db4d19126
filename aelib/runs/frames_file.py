"""The recorded moments of a run as a file: one column an array, nothing pickled."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from aelib.runs.facts import Damaged
from aelib.runs.history import FRAMES
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.images import GRID_COLUMNS, GRID_ROWS, GRID_SIDE, PIXELS
from aelib.spec.stages import cell_count, stages
from aelib.spec.state import Activations, CodeActivity, DecodedGrid, Reconstructions
from aelib.train.slices import Frame, ProbeMetrics

MOST_FRAMES = 4 * FRAMES
# Far more than as many frames take, so that a small file cannot claim to hold gigabytes.
MOST_BYTES = 200_000_000

_COLUMNS: dict[str, Callable[[Frame], Any]] = {
    "step": lambda frame: frame.step,
    "seen": lambda frame: frame.images.corrupted,
    "output": lambda frame: frame.images.output,
    "test_loss": lambda frame: frame.metrics.test_loss,
    "test_mse": lambda frame: frame.metrics.test_mse,
    "points": lambda frame: frame.metrics.points,
    "seconds": lambda frame: frame.metrics.seconds,
}
# The shape of a frame's part of an array, and its type.
ArrayKind = tuple[tuple[int, ...], type[np.generic]]
# What some frames have and others, of earlier versions or other phases, have not: the names of its arrays, and of the
# places of these frames in the columns.
_ACTIVATIONS, _ACTIVE = ("cells", "scales"), "active"
_GRIDS, _WITH_GRID = ("images", "area"), "gridded"
_ACTIVITIES, _WITH_ACTIVITY = ("shares", "mean"), "sparse"
# A frame's mask, where it has one, is an entry of its own: packed bits, named after the frame's place in the columns.
_MASK = "mask_"


def write(file: Path | IO[bytes], frames: list[Frame]) -> None:
    columns: dict[str, Any] = {name: np.array([column(f) for f in frames]) for name, column in _COLUMNS.items()}
    columns |= _part(_ACTIVE, _ACTIVATIONS, [frame.images.activations for frame in frames])
    columns |= _part(_WITH_GRID, _GRIDS, [frame.metrics.grid for frame in frames])
    columns |= _part(_WITH_ACTIVITY, _ACTIVITIES, [frame.metrics.activity for frame in frames])
    for i, frame in enumerate(frames):
        if frame.images.mask is not None:
            columns[f"{_MASK}{i}"] = np.packbits(frame.images.mask, axis=1)
    np.savez(file, **columns)


def _part(places: str, names: tuple[str, str], parts: list[Any]) -> dict[str, np.ndarray]:
    there = {i: part for i, part in enumerate(parts) if part is not None}
    if not there:
        return {}
    arrays = {name: np.array([getattr(part, name) for part in there.values()]) for name in names}
    return {places: np.array(list(there))} | arrays


def read(path: Path | IO[bytes], config: RunConfig) -> list[Frame]:
    """The frames of a run of `config`. Raises `Damaged`, or whatever NumPy says of a file that it cannot read."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise Damaged("frames")
    with np.load(path, allow_pickle=False) as file:
        table = {name: file[name] for name in _COLUMNS}
        masks = {name: file[name] for name in file.files if name.startswith(_MASK)}
        optional = (_ACTIVE, *_ACTIVATIONS, _WITH_GRID, *_GRIDS, _WITH_ACTIVITY, *_ACTIVITIES)
        kept = {name: file[name] for name in optional if name in file.files}
    _check(table, config)
    count = len(table["step"])
    activations = _parts(kept, count, _ACTIVE, _ACTIVATIONS, _shapes_of_activations(config, table["seen"].shape[1:2]))
    grids = _parts(kept, count, _WITH_GRID, _GRIDS, _shapes_of_grids(config))
    activities = _parts(kept, count, _WITH_ACTIVITY, _ACTIVITIES, _shapes_of_activities(config))
    frames = []
    for i, step in enumerate(table["step"].tolist()):
        metrics = ProbeMetrics(
            step,
            float(table["test_loss"][i]),
            float(table["test_mse"][i]),
            table["points"][i],
            float(table["seconds"][i]),
            grid=DecodedGrid(*grids[i]) if i in grids else None,
            activity=CodeActivity(activities[i][0], float(activities[i][1])) if i in activities else None,
        )
        packed = masks.get(f"{_MASK}{i}")
        mask = None if packed is None else np.unpackbits(packed, axis=1, count=PIXELS).astype(bool)
        active = Activations(*activations[i]) if i in activations else None
        images = Reconstructions(step, table["seen"][i], table["output"][i], mask, activations=active)
        frames.append(Frame(images, metrics))
    return frames


def _shapes_of_activations(config: RunConfig, shown: tuple[int, ...]) -> list[ArrayKind]:
    network = plan(config)
    return [((*shown, cell_count(network)), np.uint8), ((len(stages(network)),), np.float32)]


def _shapes_of_grids(config: RunConfig) -> list[ArrayKind]:
    return [((GRID_ROWS * GRID_COLUMNS, config.planes * GRID_SIDE**2), np.uint8), ((4,), np.float32)]


def _shapes_of_activities(config: RunConfig) -> list[ArrayKind]:
    return [((len(stage.shown),), np.float32) for stage in stages(plan(config)) if stage.code] + [((), np.float64)]


def _parts(
    kept: Mapping[str, np.ndarray], frames: int, places: str, names: tuple[str, str], kinds: list[ArrayKind]
) -> dict[int, list[np.ndarray]]:
    """The arrays of these names and kinds by the place of their frame. None where the file has none, or those of
    another version: they are only looked at."""
    if any(name not in kept for name in (places, *names)):
        return {}
    which = kept[places]
    fits = which.ndim == 1 and which.dtype.kind in "iu" and bool(((which >= 0) & (which < frames)).all())
    for name, (shape, dtype) in zip(names, kinds, strict=True):
        array = kept[name]
        fits = fits and array.shape == (len(which), *shape) and array.dtype == np.dtype(dtype)
        fits = fits and bool(np.isfinite(array).all())
    return {place: [kept[name][i] for name in names] for i, place in enumerate(which.tolist())} if fits else {}


def _check(table: Mapping[str, np.ndarray], config: RunConfig) -> None:
    count = len(table["step"])
    if count > MOST_FRAMES or any(len(column) != count for column in table.values()):
        raise Damaged("frames")
    if not count:
        return
    shown, probes = table["seen"].shape[1], table["points"].shape[1]
    shapes: dict[str, tuple[tuple[int, ...], str]] = {
        "step": ((), "iu"),
        "seen": ((shown, PIXELS), "u"),
        "output": ((shown, config.planes * PIXELS), "u"),
        "points": ((probes, 2), "f"),
        **dict.fromkeys(("test_loss", "test_mse", "seconds"), ((), "f")),
    }
    for name, (shape, kind) in shapes.items():
        if table[name].shape[1:] != shape or table[name].dtype.kind not in kind:
            raise Damaged(name)
    unseen = np.isnan(table["points"])
    placed = np.isfinite(table["points"]) | unseen.all(axis=2, keepdims=True)
    if not placed.all() or unseen.all(axis=(1, 2)).any() or (np.diff(table["step"].astype(np.int64)) < 0).any():
        raise Damaged("frames")
