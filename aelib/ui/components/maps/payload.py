"""What the three maps are sent (packed as `aelib.ui.components.packing` says)."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from aelib.ui.components.packing import Packer
from aelib.ui.components.parts import Parts


@dataclass(frozen=True)
class Value:
    """A figure under a map: its name, itself with its unit, and what it means."""

    label: str
    value: str
    help: str


@dataclass(frozen=True, eq=False)
class Part:
    """Arrays, and images (uint8 [N, planes × 784]), that are sent when `key`, which says what they are, is not
    the one sent before."""

    key: Hashable
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    images: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Panel:
    """One map. `points`: an array "points", float32 [N, 2 or 3], or None; then `hint` stands in its place.

    `progress`: from 0 to 1, or None at rest. `own`: where the image from outside is, [dims], or None; `own_note`:
    what stands beside it. `column`: how its coordinates are headed in a table, where not by the panel's own name.
    """

    title: str
    key: str
    hint: str
    points: Part | None
    values: tuple[Value, ...] = ()
    note: str = ""
    progress: float | None = None
    own: np.ndarray | None = None
    own_note: str = ""
    column: str = ""


@dataclass(frozen=True, eq=False)
class Shown:
    """Everything to be seen. Images uint8 [N, 784], their `indices` among the test images and labels [N].

    `looks`: the images "reconstructions" [N, 784 or 3 × 784] and "errors" float32 [N]. `colour`: "values" float32 [N]
    which the points are coloured by, or None for their classes. `own`: the images "image" and "reconstruction" of one
    image from outside, with `own_text` beside it.
    """

    scene: str
    images: np.ndarray
    indices: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    looks: Part | None
    colour: Part | None
    colour_title: str
    panels: dict[str, Panel]
    own: Part | None = None
    own_text: str = ""


@dataclass
class Viewer:
    """One browser tab: what it already has, so that only news is sent."""

    _parts: Parts = field(default_factory=Parts)
    _header: str = ""
    _bytes: bytes = b""

    def forget(self) -> None:
        """The tab asked for everything, having lost or never had it."""
        self._parts.forget()

    def payload(self, shown: Shown) -> bytes:
        """What changed since the last payload; where nothing did, the same bytes again, which cost nobody anything."""
        packer = Packer()
        scene = self._parts.scene(shown.scene, lambda: _scene(packer, shown))
        parts = {name: panel.points for name, panel in shown.panels.items()}
        parts |= {"looks": shown.looks, "colour": shown.colour, "own": shown.own}
        header = {
            "scene": scene,
            "parts": {name: self._part(packer, name, part) for name, part in parts.items()},
            "colour": {"title": shown.colour_title},
            "ownText": shown.own_text,
            "panels": {name: _words(panel) for name, panel in shown.panels.items()},
        }
        text = json.dumps(header)
        if text != self._header:
            self._header, self._bytes = text, packer.pack(header)
        return self._bytes

    def _part(self, packer: Packer, name: str, part: Part | None) -> dict[str, Any] | None:
        if part is None:
            return self._parts.part(name, None, dict)
        return self._parts.part(name, part.key, lambda: _arrays(packer, part))


def _scene(packer: Packer, shown: Shown) -> dict[str, Any]:
    return {
        "images": packer.add_images(shown.images),
        "indices": packer.add(shown.indices.astype(np.int32)),
        "labels": packer.add(shown.labels.astype(np.uint16)),
        "classes": list(shown.classes),
    }


def _arrays(packer: Packer, part: Part) -> dict[str, Any]:
    points = part.arrays.get("points")
    return {
        "arrays": {name: packer.add(array) for name, array in part.arrays.items()},
        "images": {name: packer.add_images(images) for name, images in part.images.items()},
        "dims": None if points is None else points.shape[1],
    }


def _words(panel: Panel) -> dict[str, Any]:
    return {
        "title": panel.title,
        "about": panel.key,
        "hint": panel.hint,
        "values": [asdict(value) for value in panel.values],
        "note": panel.note,
        "progress": panel.progress,
        "own": None if panel.own is None else [round(float(x), 5) for x in panel.own],
        "ownNote": panel.own_note,
        "column": panel.column,
    }
