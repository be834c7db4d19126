"""The network is edited in its drawing: which settings follow."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal, get_args

from aelib.analysis.diagnosis import DEEPEN
from aelib.spec.architecture import plan
from aelib.spec.config import KINDS, RunConfig, with_changes
from aelib.spec.constraints import MAX_CHANNELS, MAX_CONV_LAYERS, repaired
from aelib.spec.fields import Widths
from aelib.spec.images import PIXELS
from aelib.spec.stages import Stage, stages

Action = Literal["widen", "narrow", "add", "remove"]
ACTIONS: tuple[Action, ...] = get_args(Action)
CODE_SIZES = (2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 784, 1024)
# What a small code without hidden layers gets, see `aelib.analysis.diagnosis`.
HIDDEN_LAYERS = {"widths": (256, 64), "hidden_activation": "elu", "code_activation": "linear"}
# Of hidden layers, and channels.
SIZES = tuple(1 << power for power in range(13))


def offered(config: RunConfig) -> list[dict[str, bool]]:
    """What can be done at each column of the drawing: the input, the stages, and the output."""
    columns = (None, *stages(plan(config)))
    edits: list[dict[str, bool]] = [
        {action: _kept(config, edited(config, stage, action)) is not None for action in ACTIONS} for stage in columns
    ]
    return [*edits, dict.fromkeys(ACTIONS, False)]


def edited(config: RunConfig, stage: Stage | None, action: Action) -> dict[str, Any] | None:
    """The settings that change where this is done to a stage, or (None) to the input, after which a layer can be added.
    None where it cannot be done."""
    if stage is not None and stage.code and config.vector_code and action in ("widen", "narrow"):
        size = _next(config.code_size, CODE_SIZES, action)
        return None if size is None else {"code_size": size}
    field, place = _place(config, stage)
    widths = getattr(config, field)
    mirrored = stage is not None and stage.part == "decoder" and field == "widths"
    if action == "add":
        # In a mirrored decoder, what follows a layer stands before it in the encoder.
        at = place if mirrored or (stage is not None and stage.code and config.vector_code) else place + 1
        return _checked(config, field, (*widths[:at], _between(config, field, at), *widths[at:]))
    if not 0 <= place < len(widths):
        return None
    if action == "remove":
        return _checked(config, field, (*widths[:place], *widths[place + 1 :]))
    size = _next(widths[place], SIZES, action)
    return None if size is None else _checked(config, field, (*widths[:place], size, *widths[place + 1 :]))


def read(config: RunConfig, told: object) -> dict[str, Any] | None:
    """The settings that change for what a browser said was done; None where it makes no sense."""
    if told == {"action": DEEPEN}:
        return HIDDEN_LAYERS
    if not isinstance(told, dict) or told.get("action") not in ACTIONS:
        return None
    column, found = told.get("column"), [None, *stages(plan(config))]
    if not isinstance(column, int) or isinstance(column, bool) or not 0 <= column < len(found):
        return None
    return _kept(config, edited(config, found[column], told["action"]))


def _kept(config: RunConfig, changes: dict[str, Any] | None) -> dict[str, Any] | None:
    """The changes, unless another setting forbids them."""
    if changes is None:
        return None
    changed, _ = repaired(with_changes(config, changes))
    return changes if all(getattr(changed, name) == value for name, value in changes.items()) else None


def _place(config: RunConfig, stage: Stage | None) -> tuple[str, int]:
    """The setting that has the width of a stage, and where in it; -1 for the input, one more than the last for a code
    with a size of its own."""
    if stage is None:
        return "widths", -1
    if stage.part == "encoder":
        return "widths", stage.number
    if config.decoder_widths is not None:
        return "decoder_widths", stage.number
    return "widths", len(config.widths) - 1 - stage.number


def _between(config: RunConfig, field: str, at: int) -> int:
    """The width of a layer to be added at this place: in the middle of its neighbours, on the scale of sizes."""
    widths: tuple[int, ...] = getattr(config, field)
    if config.convolutional:
        around = (widths[0], *widths, config.code_size if config.vector_code else widths[-1])
    elif field == "widths":
        around = (PIXELS, *widths, config.code_size)
    else:
        around = (config.code_size, *widths, PIXELS)
    middle = math.sqrt(around[at] * around[at + 1])
    return min(SIZES, key=lambda size: abs(math.log(size / middle)))


def _next(size: int, scale: Iterable[int], action: Action) -> int | None:
    if action == "widen":
        return min((one for one in scale if one > size), default=None)
    return max((one for one in scale if one < size), default=None)


def _checked(config: RunConfig, field: str, widths: tuple[int, ...]) -> dict[str, Any] | None:
    kind = KINDS["widths"]
    assert isinstance(kind, Widths)
    longest, widest = (MAX_CONV_LAYERS, MAX_CHANNELS) if config.convolutional else (kind.longest, kind.widest)
    fits = int(config.convolutional) <= len(widths) <= longest and max(widths, default=0) <= widest
    return {field: widths} if fits else None
