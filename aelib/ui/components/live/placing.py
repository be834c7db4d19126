"""Where what visitors drew lies in a code of two numbers, and what is decoded there: asked by the live view."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from aelib.analysis.placing import Placed, placed
from aelib.runs import Run, Runs
from aelib.spec.architecture import plan
from aelib.ui.components.packing import Packer
from aelib.ui.server.drawings import all_drawings
from aelib.ui.server.preview import Preview, offer

NAME = "drawings"
UNITS = 2


def offer_placing(runs: Runs, run: Run | None) -> None:
    """Answers where the drawings on the page of this run lie (see `drawn.js`), once it has a state."""
    if run is None or plan(run.config).code_units != UNITS or run.reached() is None or runs.engine is None:
        return
    offer(Preview(runs.engine, lambda message: _question(run, message), _block), runs, NAME, "")


def _question(run: Run, message: str) -> tuple[Callable[..., Placed], *tuple[Any, ...]] | None:
    """For {name: [x, y], …}: where drawings were moved to; all others lie where the encoder places them."""
    reached, moved = run.reached(), _read(message)
    drawings = all_drawings().of(run.id)
    if reached is None or moved is None or not drawings:
        return None
    names = tuple(drawing.name for drawing in drawings)
    codes = np.array([moved.get(name, (math.nan, math.nan)) for name in names], np.float32)
    images = np.stack([drawing.image for drawing in drawings])
    return placed, reached.link, reached.ready.data, names, images, codes


def _read(message: str) -> dict[str, tuple[float, float]] | None:
    try:
        moved = {name: (float(x), float(y)) for name, (x, y) in json.loads(message).items()}
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError):
        return None
    return moved if np.isfinite(np.array(list(moved.values()), np.float32)).all() else None


def _block(message: str, found: Placed) -> bytes:
    packer = Packer()
    header = {"asked": message, "step": found.step, "names": found.names}
    return packer.pack(
        header | {"codes": packer.add(found.codes.astype(np.float32)), "images": packer.add_images(found.images)}
    )
