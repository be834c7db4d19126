"""The recorded moments of a run as a file: one column an array, nothing pickled."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from aelib.runs.facts import Damaged
from aelib.runs.history import FRAMES
from aelib.spec.config import RunConfig
from aelib.spec.images import PIXELS
from aelib.spec.state import Reconstructions
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
# A frame's mask, where it has one, is an entry of its own: packed bits, named after the frame's place in the columns.
_MASK = "mask_"


def write(file: Path | IO[bytes], frames: list[Frame]) -> None:
    columns: dict[str, Any] = {name: np.array([column(f) for f in frames]) for name, column in _COLUMNS.items()}
    for i, frame in enumerate(frames):
        if frame.images.mask is not None:
            columns[f"{_MASK}{i}"] = np.packbits(frame.images.mask, axis=1)
    np.savez(file, **columns)


def read(path: Path, config: RunConfig) -> list[Frame]:
    """The frames of a run of `config`. Raises `Damaged`, or whatever NumPy says of a file that it cannot read."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise Damaged("frames")
    with np.load(path, allow_pickle=False) as file:
        table = {name: file[name] for name in _COLUMNS}
        masks = {name: file[name] for name in file.files if name.startswith(_MASK)}
    _check(table, config)
    frames = []
    for i, step in enumerate(table["step"].tolist()):
        metrics = ProbeMetrics(
            step,
            float(table["test_loss"][i]),
            float(table["test_mse"][i]),
            table["points"][i],
            float(table["seconds"][i]),
        )
        packed = masks.get(f"{_MASK}{i}")
        mask = None if packed is None else np.unpackbits(packed, axis=1, count=PIXELS).astype(bool)
        frames.append(Frame(Reconstructions(step, table["seen"][i], table["output"][i], mask), metrics))
    return frames


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
