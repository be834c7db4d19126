"""The Decode page without a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from aelib.runs import Run, Runs
from aelib.spec.recipes import RECIPES
from tests.pages.visit import opened, wait_until
from tests.runs.waiting import wait_for_rest
from tests.ui.components.test_live_payload import unpack

PAGE = "pages/decode.py"


def mapped(app: AppTest) -> bool:
    if "decode.bytes" not in app.session_state:
        return False
    header, _ = unpack(app.session_state["decode.bytes"])
    return "map" in header


def test_without_a_run_a_good_one_is_offered(runs: Runs) -> None:
    app = opened(PAGE)
    assert app.button(key="train.starter")
    assert "Move over the map" in app.markdown[0].value


def test_a_trained_run_is_mapped(trained: Run) -> None:
    app = wait_until(opened(PAGE, run=trained.id), mapped)
    assert not app.warning


def test_feature_maps_are_mapped_too(runs: Runs) -> None:
    config = replace(RECIPES["conv-pool"].config, dataset="digits")
    run = runs.create(config, "somebody", train=False)
    wait_for_rest(run)
    app = wait_until(opened(PAGE, run=run.id), mapped)
    assert any("is untrained" in info.value for info in app.info)


def test_a_code_too_long_to_move_through_is_told(runs: Runs) -> None:
    config = replace(RECIPES["fully-conv"].config, dataset="digits", widths=(16,))
    run = runs.create(config, "somebody", train=False)
    wait_for_rest(run)
    app = wait_until(opened(PAGE, run=run.id), lambda app: any("12,544 dimensions" in info.value for info in app.info))
    assert not mapped(app)


@pytest.mark.parametrize("run_id", ["AAAAAAAAAAAAAAAA", "../../etc/passwd", "<b>"])
def test_a_run_that_is_not_there_is_told_and_a_new_one_offered(runs: Runs, run_id: str) -> None:
    app = opened(PAGE, run=run_id)
    assert "Run not found" in app.warning[0].value
    assert app.button(key="train.starter")
