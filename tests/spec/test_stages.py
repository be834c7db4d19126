"""The stages of a network as it is drawn."""

from __future__ import annotations

from math import prod

import numpy as np
import pytest

from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES
from aelib.spec.stages import MOST_MAPS, MOST_SMALL_MAPS, MOST_UNITS, WIDEST_MAP, cell_count, stages


@pytest.mark.parametrize("name", RECIPES)
def test_every_layer_with_weights_but_the_last_is_a_stage_and_one_of_them_is_the_code(name: str) -> None:
    network = plan(RECIPES[name].config)
    found = stages(network)
    assert [stage.layer for stage in found] == [layer for layer in network.layers if layer.weights][:-1]
    (code,) = (stage for stage in found if stage.code)
    assert code.shape == network.code_shape
    for stage in found:
        layers = network.encoder if stage.part == "encoder" else network.decoder
        assert layers[stage.after - 1].shape_out == stage.shape
        assert len(np.unique(stage.shown)) == len(stage.shown) and stage.shown.max() < stage.units


@pytest.mark.parametrize("name", RECIPES)
def test_what_is_shown_of_a_stage_is_small(name: str) -> None:
    network = plan(RECIPES[name].config)
    for stage in stages(network):
        if len(stage.shape) == 1:
            assert stage.cells == (min(stage.units, MOST_UNITS),)
        else:
            maps, side, _ = stage.cells
            assert maps <= (MOST_SMALL_MAPS if stage.shape[1] <= 7 else MOST_MAPS)
            assert side <= WIDEST_MAP
    assert cell_count(network) == sum(prod(stage.cells) for stage in stages(network)) < 5_000


def test_pooling_and_flattening_are_no_stages() -> None:
    shapes = [stage.shape for stage in stages(plan(RunConfig(family="conv-dense", widths=(16, 8), code_size=20)))]
    assert shapes == [(16, 14, 14), (8, 7, 7), (20,)]
