"""Runs on disk: a folder a run with `run.json`, `weights.safetensors` and `frames.npz`.

Each file is replaced as a whole, `run.json` last, and each says for itself which step it is of, so
that whatever a crash leaves behind can be opened. Nothing here is a pickle.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
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

log = logging.getLogger(__name__)

FORMAT = 1
_ID = re.compile(r"[A-Za-z0-9_-]{16}")


class Unreadable(Exception):
    """A stored run that cannot be opened; the message is one sentence for the user."""


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


@dataclass(frozen=True)
class Summary:
    """What a list of runs shows."""

    id: str
    owner: str
    created: float
    config: RunConfig
    status: str
    step: int
    test_mse: float | None


@dataclass(frozen=True)
class StoredState:
    """A state that only the store has: the server's memory is for those that are not there yet. `config`: with the
    knobs of that moment."""

    store: Store
    run_id: str
    config: RunConfig
    step: int

    def load(self) -> State:
        """Raises `Unreadable`."""
        return self.store.load_state(self)


class Store:
    """The folder `runs` under `home`."""

    def __init__(self, home: Path) -> None:
        self._home, self._folder = home, home / "runs"
        self._summaries: dict[str, tuple[int, Summary | None]] = {}
        # Those that were set aside since the server started, and how many of them their owners have not been told of.
        self._damaged: set[str] = set()
        self._untold: Counter[str] = Counter()

    def save(self, record: Record) -> None:
        """Writes the run. Raises `OSError` where the disk does not take it; what was there before stays."""
        folder = self._folder / record.id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        state = record.state
        remove_parts(folder)
        with replacing(folder / "weights.safetensors") as stream:
            stream.write(save(dict(state.arrays), {"step": str(state.step)}))
        with replacing(folder / "frames.npz") as stream:
            frames_file.write(stream, record.frames)
        facts = {
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
            "step": state.step,
            "test_mse": _error(record),
            "curve": [list(asdict(point).values()) for point in record.curve],
            "marks": [list(asdict(mark).values()) for mark in record.annotations],
            "pca": [list(asdict(line).values()) for line in record.pca],
            "findings": [asdict(finding) for finding in record.findings],
        }
        with replacing(folder / "run.json") as stream:
            stream.write(json.dumps(facts).encode())

    def load(self, run_id: str) -> Record:
        """Raises `Unreadable` where there is no such run or its files are damaged."""
        facts = self._facts(run_id)
        folder = self._folder / run_id
        try:
            config = from_json(facts["config"])
            knobs = Knobs.of(from_json({**facts["config"], **facts["knobs"]}))
            step, arrays = _read_arrays(folder, config)
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
                frames=frames_file.read(folder / "frames.npz", config),
                steps_per_epoch=stored.STEPS_PER_EPOCH.parse("steps_per_epoch", facts["steps_per_epoch"]),
                threads=stored.threads(facts),
            )
        except PermissionError as error:
            raise Unreadable(f"The stored run “{run_id}” cannot be read: {error.strerror}.") from error
        except Exception as error:
            raise self._set_aside(run_id, facts) from error

    def load_state(self, of: StoredState) -> State:
        """Raises `Unreadable` where the store has it no more."""
        try:
            step, arrays = _read_arrays(self._folder / of.run_id, of.config)
        except Exception as error:
            raise Unreadable(f"The state of the stored run “{of.run_id}” cannot be read.") from error
        if step != of.step:
            raise Unreadable(f"The state of the stored run “{of.run_id}” is not the one of step {of.step:,}.")
        return State.frozen(of.config, step, arrays)

    def list(self, *owners: str) -> list[Summary]:
        """The runs of these owners, newest first. Damaged ones are left out."""
        summaries = (self._summary(folder) for folder in self._folders())
        mine = [summary for summary in summaries if summary is not None and summary.owner in owners]
        return sorted(mine, key=lambda summary: -summary.created)

    def data_sets(self) -> set[str]:
        """The names of the data that runs use, of all owners."""
        summaries = (self._summary(folder) for folder in self._folders())
        return {summary.config.dataset for summary in summaries if summary is not None}

    def newly_damaged(self, *owners: str) -> int:
        """How many runs of these owners were set aside since this was asked last."""
        return sum(self._untold.pop(owner, 0) for owner in owners)

    def count(self) -> int:
        """How many runs there are, of all owners."""
        return len(self._folders())

    def _folders(self) -> Sequence[Path]:
        return tuple(self._folder.iterdir()) if self._folder.is_dir() else ()

    def _summary(self, folder: Path) -> Summary | None:
        """What `run.json` says in short, read once after every time that it is written; None where it is damaged."""
        try:
            written = (folder / "run.json").stat().st_mtime_ns
        except OSError:
            return None
        known = self._summaries.get(folder.name)
        if known is None or known[0] != written:
            known = self._summaries[folder.name] = written, self._read_summary(folder.name)
        return known[1]

    def _read_summary(self, run_id: str) -> Summary | None:
        try:
            facts = self._facts(run_id)
            return Summary(
                run_id,
                stored.text(facts, "owner"),
                stored.CREATED.parse("created", facts["created"]),
                from_json(facts["config"]),
                stored.STATUS.parse("status", facts["status"]),
                stored.STEP.parse("step", facts["step"]),
                stored.error(facts["test_mse"]),
            )
        except Unreadable:
            return None
        except (LookupError, TypeError, ValueError):
            self._set_aside(run_id, facts)
            return None

    def delete(self, run_id: str) -> None:
        if _ID.fullmatch(run_id):
            self._summaries.pop(run_id, None)
            shutil.rmtree(self._folder / run_id, ignore_errors=True)

    def _set_aside(self, run_id: str, facts: Mapping[str, object]) -> Unreadable:
        """Moves a damaged run out of the way, so that nobody stumbles over it again. Nothing is lost. `facts`: what can
        be read of it."""
        self._damaged.add(run_id)
        known = self._summaries.get(run_id, (0, None))[1]
        owner = known.owner if known is not None else facts.get("owner")
        if isinstance(owner, str):
            self._untold[owner] += 1
        damaged = self._home / "damaged"
        place = damaged / f"{run_id}-{time.time_ns()}"
        self._summaries.pop(run_id, None)
        try:
            damaged.mkdir(exist_ok=True, mode=0o700)
            os.replace(self._folder / run_id, place)
        except OSError as problem:
            log.warning("The damaged run %s… could not be set aside: %s", run_id[:4], problem.strerror)
        else:
            log.warning("The damaged run %s… was moved to the folder “damaged” in AELIB_HOME.", run_id[:4])
        return Unreadable(f"The stored run “{run_id}” is damaged and cannot be opened: it was set aside.")

    def _facts(self, run_id: str) -> dict[str, Any]:
        if not _ID.fullmatch(run_id) or not (self._folder / run_id / "run.json").is_file():
            if run_id in self._damaged:
                raise Unreadable(f"The stored run “{run_id}” was damaged and has been set aside.")
            raise Unreadable("Run not found: it was deleted, or the link is incomplete.")
        try:
            facts = json.loads((self._folder / run_id / "run.json").read_text(encoding="utf-8"))
        except OSError as error:
            raise Unreadable(f"The stored run “{run_id}” cannot be read: {error.strerror}.") from error
        except (ValueError, RecursionError) as error:
            raise self._set_aside(run_id, {}) from error
        if not isinstance(facts, dict) or facts.get("format") != FORMAT:
            raise Unreadable(f"The stored run “{run_id}” was written by another version and cannot be opened.")
        return facts


def _read_arrays(folder: Path, config: RunConfig) -> tuple[int, dict[str, np.ndarray]]:
    """The step of a stored state, and its arrays. Raises whatever is wrong with them."""
    with safe_open(folder / "weights.safetensors", framework="numpy") as file:
        step = stored.STEP.parse("step", file.metadata()["step"])
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    stored.check_arrays(config, arrays)
    return step, arrays


def _error(record: Record) -> float | None:
    """The newest error of a run that goes on; of one that rests, that of its state alone."""
    newest = next((point for point in reversed(record.curve) if point.test_mse is not None), None)
    current = newest is not None and (record.status == Status.TRAINING or newest.step == record.state.step)
    return newest.test_mse if newest is not None and current else None
