"""A run at rest, and the folder that it is written to: `run.json`, `weights.safetensors` and `frames.npz`.

Each file is replaced as a whole, `run.json` last, and each says for itself which step it is of, so
that whatever a crash leaves behind can be opened. Nothing here is a pickle.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from aelib.analysis.diagnosis import Finding
from aelib.host.files import remove_parts, replacing
from aelib.runs import facts as stored
from aelib.runs import frames_file
from aelib.runs.history import Annotation, CurvePoint, PcaBaseline
from aelib.runs.status import Status
from aelib.spec.config import Knobs, RunConfig, with_knobs
from aelib.spec.serialization import from_json, to_json
from aelib.spec.state import State
from aelib.train.slices import Frame

FORMAT = 1
FACTS, ARRAYS, FRAMES = "run.json", "weights.safetensors", "frames.npz"


@dataclass(frozen=True)
class Record:
    """A run at rest: everything needed to show it and to train it further. `threads`: the numbers of threads that its
    slices were computed with, rising; empty where that is not known."""

    id: str
    owner: str
    created: float
    config: RunConfig
    knobs: Knobs
    status: Status
    message: str
    budget: int
    train_seconds: float
    state: State
    curve: list[CurvePoint] = field(default_factory=list)
    annotations: list[Annotation] = field(default_factory=list)
    pca: list[PcaBaseline] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    frames: list[Frame] = field(default_factory=list)
    steps_per_epoch: float = 1.0
    threads: list[int] = field(default_factory=list)

    @property
    def settings(self) -> RunConfig:
        """The config, with the knobs as they were last."""
        return with_knobs(self.config, self.knobs)


def write(record: Record, folder: Path) -> None:
    """Writes a run into a folder, which is made if it is not there. Raises `OSError`; what was there before stays."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    state = record.state
    remove_parts(folder)
    with replacing(folder / ARRAYS) as stream:
        stream.write(save(dict(state.arrays), {"step": str(state.step)}))
    with replacing(folder / FRAMES) as stream:
        frames_file.write(stream, record.frames)
    with replacing(folder / FACTS) as stream:
        stream.write(json.dumps(facts_of(record)).encode())


def facts_of(record: Record) -> dict[str, Any]:
    """What `run.json` says of a run."""
    return {
        "format": FORMAT,
        "id": record.id,
        "owner": record.owner,
        "created": record.created,
        "config": to_json(record.config),
        "knobs": asdict(record.knobs),
        "status": record.status,
        "message": record.message,
        "budget": record.budget,
        "train_seconds": record.train_seconds,
        "steps_per_epoch": record.steps_per_epoch,
        "threads": record.threads,
        "step": record.state.step,
        "test_mse": _error(record),
        "curve": [list(asdict(point).values()) for point in record.curve],
        "marks": [list(asdict(mark).values()) for mark in record.annotations],
        "pca": [list(asdict(line).values()) for line in record.pca],
        "findings": [asdict(finding) for finding in record.findings],
    }


def read(run_id: str, facts: Mapping[str, Any], folder: Path) -> Record:
    """The run that a folder holds, given what its `run.json` says. Raises whatever is wrong with its files."""
    config = from_json(facts["config"])
    step, arrays = read_arrays(folder, config)
    return of(run_id, facts, step, arrays, frames_file.read(folder / FRAMES, config))


def of(
    run_id: str, facts: Mapping[str, Any], step: int, arrays: Mapping[str, np.ndarray], frames: list[Frame]
) -> Record:
    """The run of these `facts`, each of which is checked; `arrays` are checked already (`facts.check_arrays`)."""
    config = from_json(facts["config"])
    knobs = Knobs.of(from_json({**facts["config"], **facts["knobs"]}))
    return Record(
        id=run_id,
        owner=stored.text(facts, "owner"),
        created=stored.CREATED.parse("created", facts["created"]),
        config=config,
        knobs=knobs,
        status=Status(stored.STATUS.parse("status", facts["status"])),
        message=stored.text(facts, "message"),
        budget=stored.STEP.parse("budget", facts["budget"]),
        train_seconds=stored.SECONDS.parse("train_seconds", facts["train_seconds"]),
        state=State.frozen(with_knobs(config, knobs), step, arrays),
        curve=stored.rows(facts, "curve", CurvePoint),
        annotations=stored.rows(facts, "marks", Annotation),
        pca=stored.rows(facts, "pca", PcaBaseline),
        findings=stored.findings(facts),
        frames=frames,
        steps_per_epoch=stored.STEPS_PER_EPOCH.parse("steps_per_epoch", facts["steps_per_epoch"]),
        threads=stored.threads(facts),
    )


def read_arrays(folder: Path, config: RunConfig) -> tuple[int, dict[str, np.ndarray]]:
    """The step of a stored state, and its arrays. Raises whatever is wrong with them."""
    with safe_open(os.fspath(folder / ARRAYS), framework="numpy") as file:
        step = stored.STEP.parse("step", file.metadata()["step"])
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    stored.check_arrays(config, arrays)
    return step, arrays


def _error(record: Record) -> float | None:
    """The newest error of a run that goes on; of one that rests, that of its state alone."""
    newest = next((point for point in reversed(record.curve) if point.test_mse is not None), None)
    current = newest is not None and (record.status == Status.TRAINING or newest.step == record.state.step)
    return newest.test_mse if newest is not None and current else None
