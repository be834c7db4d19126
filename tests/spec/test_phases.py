from __future__ import annotations

from dataclasses import replace

import pytest

from aelib.spec.config import RunConfig
from aelib.spec.phases import phase_at, phases, stretches

STACK = RunConfig(widths=(20, 10), code_size=5, method="stacked", pretrain_epochs=2, batch_size=50)
COUNT = 200  # 4 batches an epoch, 8 a layer


@pytest.mark.parametrize("method", ["backprop", "recirculation"])
def test_what_learns_at_once_is_one_phase(method: str) -> None:
    (only,) = phases(RunConfig(method=method, widths=()), COUNT)
    assert (only.begin, only.layers, only.title) == (0, 1, "")


def test_a_stack_learns_layer_by_layer_and_then_as_a_whole() -> None:
    found = phases(STACK, COUNT)
    assert [phase.begin for phase in found] == [0, 8, 16, 24]
    assert [phase.layers for phase in found] == [1, 2, 3, 3]
    assert [phase.rule for phase in found] == ["stacked"] * 3 + ["backprop"]
    assert [phase.rule for phase in phases(replace(STACK, method="rbm"), COUNT)] == ["rbm"] * 3 + ["backprop"]


@pytest.mark.parametrize(("step", "layers"), [(0, 1), (1, 1), (8, 1), (9, 2), (16, 2), (17, 3), (24, 3), (1000, 3)])
def test_a_state_belongs_to_the_phase_that_taught_it(step: int, layers: int) -> None:
    assert phase_at(STACK, COUNT, step).layers == layers


@pytest.mark.parametrize(("first", "steps"), [(0, 3), (0, 8), (5, 6), (7, 30), (24, 5), (0, 100), (3, 21)])
def test_stretches_cover_every_step_once_each_in_its_phase(first: int, steps: int) -> None:
    covered = [
        (step, phase)
        for phase, begin, length in stretches(STACK, COUNT, first, steps)
        for step in range(begin, begin + length)
    ]
    assert [step for step, _ in covered] == list(range(first, first + steps))
    assert all(phase == phase_at(STACK, COUNT, step + 1) for step, phase in covered)
