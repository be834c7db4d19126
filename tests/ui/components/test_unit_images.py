"""What the live view may ask about units."""

from __future__ import annotations

import json

import numpy as np

from aelib.analysis import units
from aelib.analysis.units import UnitImage
from aelib.runs import Run, Runs
from aelib.spec.config import RunConfig
from aelib.ui.components.live import unit_images
from tests.runs.waiting import wait_for_rest
from tests.ui.components.test_live_payload import unpack


def asked(run: Run, **wish: object) -> object:
    question = unit_images._question(run, json.dumps(wish))
    return question and question[0]


def test_weights_of_the_first_layer_and_directions_of_the_code_are_answered_and_nothing_else(runs: Runs) -> None:
    run = runs.create(RunConfig(dataset="digits", widths=(40,), code_size=4, epochs=1), "owner", train=False)
    wait_for_rest(run)
    assert asked(run, stage=0, unit=39, image=0) is units.weights_of
    assert asked(run, stage=1, unit=3, image=11) is units.direction_of
    for stage, unit, image in [(2, 0, 0), (9, 0, 0), (0, 40, 0), (0, -1, 0), (1, 0, 12), (0.0, 0, 0), (True, 0, 0)]:
        assert asked(run, stage=stage, unit=unit, image=image) is None
    for message in ("", "nonsense", "[]", "7", '{"unit": 0}', "[" * 10_000):
        assert unit_images._question(run, message) is None
    runs.delete(run.id)


def test_an_answer_says_what_was_asked() -> None:
    image = np.linspace(-1, 1, 784, dtype=np.float32)
    header, array = unpack(unit_images._block("the question", UnitImage(7, image, 0.5)))
    assert (header["asked"], header["step"], header["largest"]) == ("the question", 7, 0.5)
    np.testing.assert_allclose((array(header["image"]).ravel().astype(float) - 128) / 127, image, atol=0.51 / 127)
