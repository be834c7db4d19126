"""Runs on disk: a folder for each (see `aelib.runs.record`), with `label.json` where its owner gave it a name."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from aelib.host.files import replacing
from aelib.runs import facts as stored
from aelib.runs import frames_file
from aelib.runs import record as records
from aelib.runs.history import PcaBaseline
from aelib.runs.record import Record
from aelib.spec.config import RunConfig
from aelib.spec.serialization import from_json
from aelib.spec.state import State
from aelib.train.slices import Frame

log = logging.getLogger(__name__)

_LABEL = "label.json"
_ID = re.compile(r"[A-Za-z0-9_-]{16}")


class Unreadable(Exception):
    """A stored run that cannot be opened; the message is one sentence for the user."""


class Missing(Unreadable):
    """There is no such run."""


@dataclass(frozen=True)
class Label:
    """What its owner calls a run, "" for what the app calls it, and the owner's note on it."""

    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Summary:
    """What a list of runs shows. `config`: with the knobs that the run has where it rests."""

    id: str
    owner: str
    created: float
    config: RunConfig
    status: str
    step: int
    test_mse: float | None
    # PCA's error with the knobs of this moment, and for how many seconds the run trained.
    pca_mse: float | None = None
    train_seconds: float = 0.0
    label: Label = Label()


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
        self._labels: dict[str, tuple[int, Label]] = {}
        # Those that were set aside since the server started, and how many of them their owners have not been told of.
        self._damaged: set[str] = set()
        self._untold: Counter[str] = Counter()

    def save(self, record: Record) -> None:
        """Writes the run. Raises `OSError` where the disk does not take it; what was there before stays."""
        records.write(record, self._folder / record.id)

    def load(self, run_id: str) -> Record:
        """Raises `Unreadable` where there is no such run or its files are damaged."""
        facts = self._facts(run_id)
        try:
            return records.read(run_id, facts, self._folder / run_id)
        except PermissionError as error:
            raise Unreadable(f"The stored run “{run_id}” cannot be read: {error.strerror}.") from error
        except Exception as error:
            raise self._set_aside(run_id, facts) from error

    def load_state(self, of: StoredState) -> State:
        """Raises `Unreadable` where the store has it no more."""
        try:
            step, arrays = records.read_arrays(self._folder / of.run_id, of.config)
        except Exception as error:
            raise Unreadable(f"The state of the stored run “{of.run_id}” cannot be read.") from error
        if step != of.step:
            raise Unreadable(f"The state of the stored run “{of.run_id}” is not the one of step {of.step:,}.")
        return State.frozen(of.config, step, arrays)

    def list(self, *owners: str) -> list[Summary]:
        """The runs of these owners, newest first. Damaged ones are left out."""
        summaries = (self._summary(folder) for folder in self._folders())
        mine = [
            replace(summary, label=self.label(summary.id))
            for summary in summaries
            if summary is not None and summary.owner in owners
        ]
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
            written = (folder / records.FACTS).stat().st_mtime_ns
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
                from_json({**facts["config"], **facts["knobs"]}),
                stored.STATUS.parse("status", facts["status"]),
                stored.STEP.parse("step", facts["step"]),
                stored.error(facts["test_mse"]),
                baselines[-1].mse if (baselines := stored.rows(facts, "pca", PcaBaseline)) else None,
                stored.SECONDS.parse("train_seconds", facts["train_seconds"]),
            )
        except Unreadable:
            return None
        except (LookupError, TypeError, ValueError):
            self._set_aside(run_id, facts)
            return None

    def label(self, run_id: str) -> Label:
        """What the owner calls it. A label that cannot be read is none."""
        file = self._folder / run_id / _LABEL
        try:
            written = file.stat().st_mtime_ns
            known = self._labels.get(run_id)
            if known is None or known[0] != written:
                facts = json.loads(file.read_text("utf-8"))
                known = self._labels[run_id] = written, Label(stored.text(facts, "name"), stored.text(facts, "note"))
            return known[1]
        except (OSError, LookupError, TypeError, ValueError, RecursionError):
            return Label()

    def set_label(self, run_id: str, label: Label) -> None:
        """Keeps a label beside the run. Raises `Unreadable` where there is no such run, and `OSError`."""
        if not _ID.fullmatch(run_id) or not (self._folder / run_id).is_dir():
            raise Unreadable("Run not found: it was deleted, or it has not been saved yet.")
        with replacing(self._folder / run_id / _LABEL) as stream:
            stream.write(json.dumps(asdict(label)).encode())

    def newest_frame(self, run_id: str) -> Frame | None:
        """The last recorded moment of a stored run; None where there is none that can be read."""
        try:
            config = from_json(self._facts(run_id)["config"])
            frames = frames_file.read(self._folder / run_id / records.FRAMES, config)
        except Exception:  # noqa: BLE001 - whoever opens the run is told what is wrong with it
            return None
        return frames[-1] if frames else None

    def delete(self, run_id: str) -> None:
        if _ID.fullmatch(run_id):
            self._summaries.pop(run_id, None)
            self._labels.pop(run_id, None)
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
        if not _ID.fullmatch(run_id) or not (self._folder / run_id / records.FACTS).is_file():
            if run_id in self._damaged:
                raise Unreadable(f"The stored run “{run_id}” was damaged and has been set aside.")
            raise Missing("Run not found: it was deleted, or the link is incomplete.")
        try:
            return read_facts(self._folder / run_id, f"stored run “{run_id}”")
        except ValueError as error:
            raise self._set_aside(run_id, {}) from error


def read_facts(folder: Path, called: str) -> dict[str, Any]:
    """What the `run.json` of a folder says, which is `called` so in sentences. Raises `ValueError` for a damaged one,
    and `Unreadable`."""
    try:
        facts = json.loads((folder / records.FACTS).read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(f"The {called} cannot be read: {error.strerror}.") from error
    except RecursionError as error:
        raise ValueError from error
    if not isinstance(facts, dict) or facts.get("format") != records.FORMAT:
        raise Unreadable(f"The {called} was written by another version and cannot be opened.")
    return facts


def find(run: str, home: Path) -> Record:
    """The run with this id in the store of `home`, or in a folder that `train --out` wrote. Raises `Unreadable`."""
    folder = Path(os.path.expanduser(run))
    # Unlike pathlib, os.path has an answer for every text.
    if not os.path.lexists(f"{folder}{os.sep}{records.FACTS}"):
        return Store(home).load(run)
    called = f"run in “{folder.name or folder}”"
    try:
        facts = read_facts(folder, called)
        return records.read(str(facts["id"]), facts, folder)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"The {called} is damaged and cannot be opened.") from error
