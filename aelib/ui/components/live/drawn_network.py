"""A network as the live view draws it: its stages in numbers and words, from its plan alone."""

from __future__ import annotations

import json
from typing import Any

from aelib.spec.architecture import Layer, Plan
from aelib.spec.stages import Stage, stages
from aelib.ui.components.network import described, network_facts, size_text

# Activations that are never below 0.
_POSITIVE = ("relu", "sigmoid")


def drawn_network(network: Plan) -> dict[str, Any]:
    """What `network.js` draws. Networks of the same `key` have the same cells, with the same meaning."""
    _, *sides = network.input_shape
    return {
        "key": json.dumps([_identity(layer) for layer in network.layers]),
        "facts": network_facts(network),
        "stages": [_drawn(stage) for stage in stages(network)],
        "input": f"input: {size_text(tuple(sides))} pixels",
        "output": described(network.decoder[-1]),
    }


def _identity(layer: Layer) -> list[Any]:
    return [layer.kind, layer.shape_in, layer.shape_out, layer.activation, layer.stride, layer.tied_to]


def _drawn(stage: Stage) -> dict[str, Any]:
    shown = stage.shown
    return {
        "part": stage.part,
        "number": stage.number,
        "code": stage.code,
        "name": _name(stage),
        "size": size_text(stage.shape),
        "tip": described(stage.layer),
        "units": stage.units,
        # Where all are shown, the place is the number.
        "shown": shown.tolist() if len(shown) < stage.units else None,
        "cells": list(stage.cells),
        "signed": stage.layer.activation not in _POSITIVE,
    }


def _name(stage: Stage) -> str:
    if stage.code:
        return "code"
    kind = "layer" if len(stage.shape) == 1 else "feature maps"
    return f"{stage.part} {kind} {stage.number + 1}"
