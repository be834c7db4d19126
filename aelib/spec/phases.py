"""The phases of a run, in which different layers are trained.

Methods that build a network layer by layer begin with a phase for each layer; everything else is one phase.
"""

from __future__ import annotations

from dataclasses import dataclass

from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.methods import BACKPROP, METHODS


@dataclass(frozen=True)
class Phase:
    """From step `begin` on, the learning rule of the method named `rule` trains the encoder's outermost `layers` layers
    and their mirror images. `title` is shown on the pages; "" if the run has a single phase."""

    title: str
    rule: str
    layers: int
    begin: int


def phases(config: RunConfig, train_count: int) -> tuple[Phase, ...]:
    """All phases of a run on `train_count` images, first to last."""
    depth = len(plan(config).encoder)
    if not METHODS[config.method].layerwise:
        return (Phase("", config.method, depth, 0),)
    each = config.steps(train_count, config.pretrain_epochs)
    layers = [Phase(f"pretraining layer {k + 1} of {depth}", config.method, k + 1, k * each) for k in range(depth)]
    return (*layers, Phase("fine-tuning", BACKPROP, depth, depth * each))


def phase_at(config: RunConfig, train_count: int, step: int) -> Phase:
    """The phase that a run is in after `step` batches: the one of its last batch."""
    begun = [phase for phase in phases(config, train_count) if phase.begin < max(step, 1)]
    return begun[-1]


def stretches(config: RunConfig, train_count: int, first: int, steps: int) -> list[tuple[Phase, int, int]]:
    """(phase, step it is entered or gone on with, how many steps of it) for `steps` batches from `first` on."""
    found = []
    all_phases = phases(config, train_count)
    ends = [*(phase.begin for phase in all_phases[1:]), first + steps]
    for phase, end in zip(all_phases, ends, strict=True):
        begin, end = max(phase.begin, first), min(end, first + steps)
        if begin < end:
            found.append((phase, begin, end - begin))
    return found
