"""What a worker is asked for: the files of a run whose state it has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from aelib.datasets import Dataset
from aelib.export.formats import Files, exported
from aelib.export.subject import subject
from aelib.runs.record import Record
from aelib.runs.run import Run
from aelib.spec.images import IMAGE_SIDE
from aelib.spec.state import State
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.train.resident import Data


@dataclass(frozen=True)
class About:
    """What is said of a data set, whose images the worker has."""

    title: str
    source: str
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, dataset: Dataset) -> About:
        return cls(dataset.title, dataset.source, dataset.classes, dataset.notes)


def story(run: Run) -> Record:
    """All of a run but its weights, which are on a worker."""
    view = run.view()
    return Record(
        id="",
        owner="",
        created=run.created,
        config=view.config,
        knobs=view.knobs,
        status=view.status,
        message="",
        budget=view.budget,
        train_seconds=run.train_seconds,
        state=State(view.config, view.step, {}),
        curve=list(view.curve),
        annotations=list(view.annotations),
        pca=list(view.pca),
        findings=view.findings,
        frames=list(view.frames),
        steps_per_epoch=view.steps_per_epoch,
    )


def exported_on_worker(link: Slice, data: Data, told: Record, about: About, to: str) -> Files:
    """The files of the state that `link` reached; `told` is the run's `story`. Raises `CannotExport`."""
    step = link.state.step
    record = replace(
        told,
        state=link.state,
        curve=[point for point in told.curve if point.step <= step],
        frames=[frame for frame in told.frames if frame.step <= step],
    )

    def images(tensor: Tensor) -> np.ndarray:
        return np.asarray(tensor.cpu().numpy()).reshape(-1, IMAGE_SIDE, IMAGE_SIDE)

    dataset = Dataset(
        data.name,
        about.title,
        about.source,
        images(data.train),
        data.train_labels.cpu().numpy(),
        images(data.test),
        data.test_labels.cpu().numpy(),
        about.classes,
        about.notes,
    )
    return exported(subject(record, dataset, data), to)
