"""While a hand is on the network of the live view, the images of units are asked for by a WebSocket of its tab."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aelib.analysis import units
from aelib.analysis.units import UnitImage
from aelib.runs import Run, Runs
from aelib.spec.architecture import plan
from aelib.spec.config import Knobs
from aelib.spec.images import SHOWN
from aelib.spec.stages import stages
from aelib.ui.components.packing import Packer, signed_bytes
from aelib.ui.server.preview import Preview, offer

NAME = "unit"


def offer_unit_images(runs: Runs, run: Run | None) -> None:
    """Answers what the live view asks of this run (see `unit_images.js`), once it has a state."""
    if run is None or run.reached() is None or runs.engine is None:
        return
    offer(Preview(runs.engine, lambda message: _question(run, message), _block), runs, NAME, "")


def _question(run: Run, message: str) -> tuple[Callable[..., UnitImage], *tuple[Any, ...]] | None:
    """For {"stage", "unit", "image"}: weights of the first stage, or a direction of the code for one of the images
    shown."""
    reached, wish = run.reached(), _read(message)
    if reached is None or wish is None:
        return None
    place, unit, image = wish
    found = stages(plan(run.config))
    if not (0 <= place < len(found) and 0 <= unit < found[place].units and 0 <= image < SHOWN):
        return None
    if found[place].code:
        return units.direction_of, reached.link, reached.ready.data, Knobs.of(run.settings), unit, image
    return (units.weights_of, reached.link, unit) if place == 0 else None


def _read(message: str) -> tuple[int, int, int] | None:
    try:
        wish = json.loads(message)
        place, unit, image = (wish[name] for name in ("stage", "unit", "image"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (place, unit, image))
    return (place, unit, image) if whole else None


def _block(message: str, found: UnitImage) -> bytes:
    packer = Packer()
    header = {"asked": message, "step": found.step, "largest": found.largest}
    return packer.pack(header | {"image": packer.add_images(signed_bytes(found.image[None]))})
