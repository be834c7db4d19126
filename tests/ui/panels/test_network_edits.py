"""The network is edited in its drawing, and the settings follow."""

from __future__ import annotations

from typing import Any

import pytest

from aelib.analysis.diagnosis import DEEPEN
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig, with_changes
from aelib.spec.constraints import repaired
from aelib.spec.recipes import RECIPES
from aelib.spec.stages import stages
from aelib.ui.panels.network_edits import ACTIONS, offered, read

DENSE = RunConfig(widths=(256, 64), code_size=4)


def done(config: RunConfig, column: int, action: str) -> dict[str, Any] | None:
    return read(config, {"column": column, "action": action})


@pytest.mark.parametrize(
    ("column", "action", "changes"),
    [
        (0, "add", {"widths": (512, 256, 64)}),
        (1, "widen", {"widths": (512, 64)}),
        (1, "narrow", {"widths": (128, 64)}),
        (1, "add", {"widths": (256, 128, 64)}),
        (1, "remove", {"widths": (64,)}),
        (2, "add", {"widths": (256, 64, 16)}),
        (3, "widen", {"code_size": 6}),
        (3, "narrow", {"code_size": 3}),
        (3, "add", {"widths": (256, 64, 16)}),
        (3, "remove", None),
        # The decoder is the encoder's mirror image.
        (4, "widen", {"widths": (256, 128)}),
        (4, "remove", {"widths": (256,)}),
        (4, "add", {"widths": (256, 128, 64)}),
        (5, "narrow", {"widths": (128, 64)}),
        (5, "add", {"widths": (512, 256, 64)}),
        (6, "add", None),
        (0, "remove", None),
    ],
)
def test_settings_follow_the_drawing(column: int, action: str, changes: dict[str, Any] | None) -> None:
    assert done(DENSE, column, action) == changes


def test_a_decoder_of_its_own_is_edited_by_itself() -> None:
    config = RunConfig(widths=(128,), code_size=8, decoder_widths=(32, 300))
    assert done(config, 3, "widen") == {"decoder_widths": (64, 300)}
    assert done(config, 3, "add") == {"decoder_widths": (32, 128, 300)}
    assert done(config, 4, "remove") == {"decoder_widths": (32,)}


def test_channels_are_edited_where_the_network_is_convolutional() -> None:
    config = RunConfig(family="conv-pool", widths=(16, 8))
    assert done(config, 2, "widen") == {"widths": (16, 16)}
    assert done(config, 2, "add") == {"widths": (16, 8, 8)}
    assert done(RunConfig(family="conv-pool", widths=(16,)), 1, "remove") is None
    assert done(RunConfig(family="conv-pool", widths=(256,)), 1, "widen") is None


def test_hidden_layers_are_added_at_one_press() -> None:
    changes = read(RunConfig(widths=(), code_size=2), {"action": DEEPEN})
    assert changes is not None
    changed, problems = repaired(with_changes(RunConfig(widths=(), code_size=2), changes))
    assert problems == [] and changed.widths == (256, 64) and changed.code_activation == "linear"


@pytest.mark.parametrize("name", RECIPES)
def test_whatever_is_offered_gives_settings_that_go_together(name: str) -> None:
    config = RECIPES[name].config
    columns = offered(config)
    assert len(columns) == len(stages(plan(config))) + 2
    for column, actions in enumerate(columns):
        for action in ACTIONS:
            changes = done(config, column, action)
            assert (changes is not None) == actions[action]
            if changes is not None:
                changed, _ = repaired(with_changes(config, changes))
                assert plan(changed) != plan(config)


@pytest.mark.parametrize(
    "told",
    [
        None,
        "add",
        {},
        {"column": 1},
        {"column": 1, "action": "explode"},
        {"column": -1, "action": "add"},
        {"column": 99, "action": "add"},
        {"column": True, "action": "add"},
        {"column": "1", "action": "add"},
    ],
)
def test_what_makes_no_sense_changes_nothing(told: object) -> None:
    assert read(DENSE, told) is None
