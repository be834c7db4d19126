"""The app on the tests' engine, without MNIST, and a trained run to look into."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from aelib.runs import Run, Runs
from aelib.spec.recipes import RECIPES
from aelib.ui.components.image_grid import Row
from aelib.ui.panels import data_panel
from aelib.ui.server.visitors import Visitor
from aelib.workshop import Rooms
from aelib.workshop.board import Board
from tests.runs.waiting import wait_for_rest

Grids = dict[str, list[Row]]
VISITOR = "somebody"


@pytest.fixture
def runs(runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    monkeypatch.setenv("AELIB_DATA_DIR", str(tmp_path))
    for module in (
        "session.session",
        "session.run_page",
        "panels.run_list",
        "panels.exporting",
        "panels.importing",
        "pages.denoising.transfer",
        "pages.denoising.side_by_side",
        "pages.runs.table",
    ):
        monkeypatch.setattr(f"aelib.ui.{module}.server_runs", lambda: runs)
    rooms = Rooms(tmp_path, runs)
    monkeypatch.setattr("aelib.ui.session.workshop.server_rooms", lambda: rooms)
    monkeypatch.setattr("aelib.ui.session.workshop.server_board", lambda: Board(rooms))
    # Whatever is opened is opened by the person whose runs there are.
    monkeypatch.setattr("aelib.ui.session.session.visitor", lambda: Visitor((VISITOR,), lasting=True))
    yield runs
    data_panel._downloads().clear()


@pytest.fixture
def trained(runs: Runs) -> Run:
    """A small network that has learnt the bundled digits for a moment."""
    config = replace(RECIPES["multilayer-64"].config, dataset="digits", code_size=8, widths=(64,), epochs=1)
    run = runs.create(config, VISITOR, train=True)
    wait_for_rest(run)
    return run


@pytest.fixture
def grids(monkeypatch: pytest.MonkeyPatch) -> Grids:
    """The rows that the page drew last, by the grid's key."""
    drawn: Grids = {}

    def image_grid(rows: list[Row], *, key: str, **_: object) -> None:
        drawn[key] = list(rows)

    for module in (
        "components.image_grid",
        "pages.denoising.transfer",
        "pages.latent_space.unit_weights",
        "pages.reconstructions.beside",
        "pages.anomalies.examples",
        "pages.runs.comparison",
    ):
        monkeypatch.setattr(f"aelib.ui.{module}.image_grid", image_grid)
    return drawn
