"""The page of a visitor's runs."""

from __future__ import annotations

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aelib.runs import Label, Run, Runs, Unreadable
from aelib.ui.components.png import grid_png
from tests.pages.conftest import VISITOR, Grids
from tests.pages.visit import opened, sound
from tests.runs.waiting import wait_for_rest

PAGE = "pages/runs.py"


@pytest.fixture
def another(runs: Runs, trained: Run) -> Run:
    run = runs.create(replace(trained.config, code_size=3, seed=7), VISITOR, train=True)
    wait_for_rest(run)
    return run


def selecting(*chosen: Run) -> AppTest:
    app = opened()
    app.session_state["runs.selected"] = tuple(run.id for run in chosen)
    return sound(app.switch_page(PAGE).run())


def test_without_runs_the_page_says_how_to_get_one(runs: Runs) -> None:
    app = opened(PAGE)
    assert "no runs yet" in app.info[0].value and not app.dataframe


def test_the_table_holds_each_run_with_its_settings_errors_and_images(trained: Run, another: Run) -> None:
    table = opened(PAGE).dataframe[0].value
    assert list(table.index) == [another.id, trained.id]
    first = table.iloc[0]
    newest = another.view().newest
    assert newest is not None
    assert (first["Code"], first["Status"], first["Step"]) == (3, "finished", another.view().step)
    assert first["Test MSE"] == pytest.approx(newest.metrics.test_mse)
    assert first["Against PCA"] == pytest.approx(100 * (newest.metrics.test_mse / another.view().pca[-1].mse - 1))
    image = Image.open(io.BytesIO(base64.b64decode(first["Reconstructions"].partition(",")[2])))
    ink = np.asarray(image)[:, :, 1].reshape(28, 5, 28).swapaxes(0, 1).reshape(5, 784)
    assert np.array_equal(ink, newest.images.output[:5])


@pytest.mark.parametrize(("words", "found"), [("digits SEED", 1), ("DIGITS", 2), ("nowhere", 0)])
def test_the_filter_keeps_the_runs_that_have_all_its_words(trained: Run, another: Run, words: str, found: int) -> None:
    app = opened(PAGE)
    sound(app.text_input(key="runs.filter").set_value(words).run())
    assert (len(app.dataframe[0].value) if app.dataframe else 0) == found
    assert bool(app.info) == (found == 0)


def test_a_run_is_named_and_the_name_is_its_own_everywhere(runs: Runs, trained: Run) -> None:
    app = selecting(trained)
    sound(app.text_input(key=f"runs.name.{trained.id}").set_value(" Mine ").run())
    sound(app.text_input(key=f"runs.note.{trained.id}").set_value("the first").run())
    assert [summary.label for summary in runs.list(VISITOR)] == [Label("Mine", "the first")]
    assert app.dataframe[0].value["Name"].tolist() == ["Mine"]
    with pytest.raises(Unreadable):
        runs.set_label(trained.id, Label("Yours"), "somebody else")


def test_two_runs_are_compared_on_the_same_images(trained: Run, another: Run, grids: Grids) -> None:
    app = selecting(trained, another)
    rows = grids["runs.images.digits"]
    assert [row.label for row in rows] == ["original", "3 latent dimensions; seed 7", "8 latent dimensions; seed 0"]
    for row, run in zip(rows[1:], (another, trained), strict=True):
        newest = run.view().newest
        assert newest is not None and np.array_equal(row.images, newest.images.output)
    assert app.get("plotly_chart")


def test_more_than_six_are_too_many(runs: Runs, trained: Run) -> None:
    others = [runs.create(replace(trained.config, seed=seed), VISITOR, train=False) for seed in range(1, 7)]
    for run in others:
        wait_for_rest(run)
    assert any("at most 6" in info.value for info in selecting(trained, *others).info)


def test_deleting_takes_only_what_is_selected(runs: Runs, trained: Run, another: Run) -> None:
    app = selecting(trained)
    sound(app.button(key="runs.delete").click().run())
    assert [summary.id for summary in runs.list(VISITOR)] == [another.id]


def test_a_saved_grid_shows_every_pixel_as_it_is() -> None:
    rng = np.random.default_rng(0)
    grey, colour = rng.integers(0, 256, (3, 784), np.uint8), rng.integers(0, 256, (2, 2352), np.uint8)
    drawn = np.asarray(Image.open(io.BytesIO(grid_png([grey, colour]))))[::4, ::4]
    assert drawn.shape == (56, 84, 3)
    assert np.array_equal(drawn[:28, 28:56], np.repeat(grey[1].reshape(28, 28, 1), 3, axis=2))
    assert np.array_equal(drawn[28:, :28], colour[0].reshape(3, 28, 28).transpose(1, 2, 0))
