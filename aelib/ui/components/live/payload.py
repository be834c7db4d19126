"""What the live view is sent (packed as `aelib.ui.components.packing` says)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any

import numpy as np

from aelib import example
from aelib.analysis.diagnosis import Finding
from aelib.datasets import Dataset, class_hues
from aelib.runs import RunView
from aelib.runs.history import Annotation, CurvePoint
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig, with_knobs
from aelib.spec.images import GRID_COLUMNS, GRID_SIDE, PIXELS, SHOWN, probe_indices
from aelib.spec.state import DecodedGrid
from aelib.train.slices import Frame, ProbeMetrics
from aelib.ui.components.live.drawn_network import drawn_network
from aelib.ui.components.packing import Packer
from aelib.ui.panels.labels import LABELS, difference, number, option_title, waiting
from aelib.ui.server.drawings import Drawing

EXAMPLE = "replay of a network that learned to encode digits with 2 numbers"
_FIELDS = [field.name for field in fields(CurvePoint)]
_VALUES = attrgetter(*_FIELDS)


@dataclass
class Viewer:
    """One live view: what it already has of which images, so that only news is sent."""

    scene: str | None = None
    frames: dict[int, Frame] = field(default_factory=dict)
    metrics: ProbeMetrics | None = None
    drawings: tuple[Drawing, ...] = ()
    preview: tuple[np.ndarray, np.ndarray | None] | None = None

    def payload(
        self,
        view: RunView | None,
        dataset: Dataset | None,
        beside: RunView | None = None,
        drawings: tuple[Drawing, ...] = (),
        preview: tuple[np.ndarray, np.ndarray | None] | None = None,
        *,
        mine: str = "",
        outdated: bool = False,
    ) -> bytes:
        """Everything that changed since the last payload, for a run or (None) for data not trained on yet. The curve
        of the run `beside` is drawn along; `drawings` are those on the run's pages, of which one may be `mine`.
        `preview`: the images shown with the corruption of settings that no run has yet, and which pixels were removed.
        `outdated`: the page around the view has to be drawn again."""
        packer = Packer()
        header: dict[str, Any] = {
            "scene": f"{view.id if view else ''}/{dataset.name if dataset else ''}",
            "outdated": outdated,
        }
        if header["scene"] != self.scene:
            self.scene, self.frames, self.metrics = header["scene"], {}, None
            self.drawings, self.preview = (), None
            if view is not None:
                header["network"] = drawn_network(plan(view.config))
            if dataset is not None:
                header["pictures"] = _images(packer, dataset, view is not None and view.config.colour)
        if drawings != self.drawings:
            self.drawings = drawings
            header["drawings"] = _drawings(packer, drawings, mine)
        if preview is not self.preview:
            self.preview = preview
            header["preview"] = None if preview is None else _preview(packer, *preview)
        if view is not None:
            header["run"] = _facts(view, () if dataset is None else dataset.classes)
            header["curve"] = _curve(packer, view)
            if beside is not None:
                header["beside"] = {
                    "title": difference(_settings(beside), _settings(view)),
                    "curve": _curve(packer, beside),
                }
            # A step may be measured again, when a knob has changed what the network is given.
            header["frames"] = [_frame(packer, f) for f in view.frames if self.frames.get(f.step) is not f]
            self.frames = {frame.step: frame for frame in view.frames}
            header["recorded"] = sorted(self.frames)
            if view.newest is not None:
                header["newest"] = _frame(packer, view.newest, with_points=view.newest.metrics is not self.metrics)
                self.metrics = view.newest.metrics
        return packer.pack(header)


def _preview(packer: Packer, corrupted: np.ndarray, mask: np.ndarray | None) -> dict[str, Any]:
    return {"corrupted": packer.add_images(corrupted), "mask": None if mask is None else packer.add_images(mask)}


def _drawings(packer: Packer, drawings: tuple[Drawing, ...], mine: str) -> dict[str, Any]:
    images = np.array([drawing.image for drawing in drawings], np.uint8).reshape(-1, PIXELS)
    return {
        "key": " ".join(str(drawing.number) for drawing in drawings),
        "names": [drawing.name for drawing in drawings],
        "mine": mine,
        "images": packer.add_images(images),
    }


def _settings(view: RunView) -> RunConfig:
    return with_knobs(view.config, view.knobs)


def _images(packer: Packer, dataset: Dataset, coloured: bool) -> dict[str, Any]:
    which = probe_indices(len(dataset.test_images))
    return {
        "target": packer.add_images(_coloured(dataset, which[:SHOWN]))
        if coloured and len(dataset.classes) > 1
        else None,
        "probe": packer.add_images(dataset.test_images[which].reshape(len(which), -1)),
        "labels": packer.add(dataset.test_labels[which].astype(np.uint16)),
        "classes": list(dataset.classes),
        "shown": min(SHOWN, len(which)),
    }


def _coloured(dataset: Dataset, which: np.ndarray) -> np.ndarray:
    """Test images in the hues of their classes, uint8 [images, 3 × 784]."""
    hues = class_hues(len(dataset.classes))[dataset.test_labels[which]]
    grey = dataset.test_images[which].reshape(len(which), 1, -1)
    return np.asarray((hues[:, :, None] * grey).round().astype(np.uint8).reshape(len(which), -1))


def _notice(finding: Finding, classes: Sequence[str]) -> dict[str, Any]:
    hardest = finding.hardest
    known = hardest is not None and hardest < len(classes)
    text = f"{finding.text} Hardest class: {classes[hardest]}." if hardest is not None and known else finding.text
    return {"text": text, "serious": finding.serious, "remedy": finding.remedy}


def _facts(view: RunView, classes: Sequence[str]) -> dict[str, Any]:
    config, network, phase = view.config, plan(view.config), view.phases[-1]
    return {
        "status": view.status,
        "place": view.place,
        "example": EXAMPLE if view.id == example.ID else "",
        "message": waiting(view.place, view.shortage) if view.place else view.message,
        "findings": [_notice(finding, classes) for finding in view.findings],
        "step": view.step,
        "budget": view.budget,
        "stepsPerEpoch": view.steps_per_epoch,
        "budgetInSteps": not view.config.applies("epochs"),
        "rate": view.rate,
        "secondsLeft": view.seconds_left,
        "loss": option_title(config.loss) + (", noisy target" if _noisy_target(config) else ""),
        # Loss and error are the same only for the squared error of outputs in [0, 1] against the clean image.
        "lossIsError": config.loss == "mse" and config.output_activation == "sigmoid" and not _noisy_target(config),
        "corrupted": config.corruption != "none",
        "codeUnits": network.code_units,
        # While layer after layer learns, the newest one's numbers are shown.
        "mapUnits": network.encoder[phase.layers - 1].units,
        "penalty": option_title(config.regularizer) if config.has_penalty else "",
        "phase": phase.title,
        "marks": [
            *({"step": phase.begin, "text": phase.title} for phase in view.phases if phase.title),
            *(
                {"step": m.step, "text": f"{LABELS[m.knob].lower()} {number(m.before)} → {number(m.after)}"}
                for m in _distinct(view.annotations, view.budget)
            ),
        ],
        "pca": [{"step": line.step, "mse": line.mse} for line in view.pca],
    }


# Labels of a knob that is turned step by step, nearer to each other than this part of the budget, would overlap.
APART = 0.05


def _distinct(annotations: Iterable[Annotation], budget: int) -> list[Annotation]:
    """The annotations, those of one knob that follow each other closely as one: from its first value to its last."""
    distinct: list[Annotation] = []
    for one in annotations:
        last = next((index for index in reversed(range(len(distinct))) if distinct[index].knob == one.knob), None)
        if last is not None and one.step - distinct[last].step <= APART * budget:
            one = replace(one, before=distinct.pop(last).before)
        if one.before != one.after:
            distinct.append(one)
    return distinct


def _noisy_target(config: RunConfig) -> bool:
    return config.noisy_target and config.applies("noisy_target")


def _curve(packer: Packer, view: RunView) -> dict[str, Any]:
    """The curve's points column by column, by the name of the field of `CurvePoint`: "step" int32 [points], the others
    float32 [points], NaN where not measured."""
    # Not by `dataclasses.astuple`, which copies deeply: ten times as slow, for every viewer four times a second.
    rows = np.array([_VALUES(point) for point in view.curve], np.float64).reshape(-1, len(_FIELDS))
    types = {name: np.int32 if name == "step" else np.float32 for name in _FIELDS}
    return {name: packer.add(rows[:, k].astype(types[name])) for k, name in enumerate(_FIELDS)}


def _frame(packer: Packer, frame: Frame, with_points: bool = True) -> dict[str, Any]:
    activations, metrics = frame.images.activations, frame.metrics
    grid, activity = (metrics.grid, metrics.activity) if with_points else (None, None)
    return {
        "step": frame.step,
        "corrupted": packer.add_images(frame.images.corrupted),
        "output": packer.add_images(frame.images.output),
        "mask": None if frame.images.mask is None else packer.add_images(frame.images.mask),
        "points": packer.add(frame.metrics.points.astype(np.float32)) if with_points else None,
        "grid": None if grid is None else _grid(packer, grid),
        "activity": None if activity is None else {"shares": packer.add(activity.shares), "mean": activity.mean},
        "cells": None if activations is None else packer.add(activations.cells),
        "scales": None if activations is None else packer.add(activations.scales),
    }


def _grid(packer: Packer, grid: DecodedGrid) -> dict[str, Any]:
    images = grid.images.reshape(len(grid.images), -1, GRID_SIDE, GRID_SIDE)
    return {"images": packer.add(images), "area": grid.area.tolist(), "columns": GRID_COLUMNS}
