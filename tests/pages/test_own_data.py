"""A visitor's own data sets on the Train page: found again, renamed, deleted."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from aelib import datasets
from aelib.runs import Runs
from aelib.spec.recipes import RECIPES
from tests.datasets.samples import blank_pages, drawings, npz, zipped
from tests.pages.conftest import VISITOR
from tests.pages.visit import opened, sound, wait_until
from tests.processes import readers
from tests.runs.waiting import wait_for_rest


def test_own_data_sets_are_listed_for_their_owner_and_renamed(runs: Runs) -> None:
    own = datasets.import_upload([("cats.npz", npz(images=drawings()))], owner=VISITOR)
    datasets.import_upload([("dogs.npz", npz(images=drawings(seed=1)))], owner="somebody else")
    app = opened(dataset="digits")
    assert "cats.npz" in app.selectbox(key="setting.dataset").options
    assert "dogs.npz" not in app.selectbox(key="setting.dataset").options
    sound(app.selectbox(key="setting.dataset").set_value(own.name).run())
    app.session_state["data.about"] = True
    sound(app.run())
    assert any("120 images of 28×28 pixels" in caption.value for caption in app.caption)
    sound(app.text_input(key=f"data.title.{own.name}").set_value("My cats").run())
    assert "My cats" in app.selectbox(key="setting.dataset").options
    sound(app.text_input(key=f"data.title.{own.name}").set_value(" ").run())
    assert any("at least one letter" in warning.value for warning in app.warning)
    assert datasets.title(own.name) == "My cats"


def test_a_run_whose_data_set_was_deleted_keeps_its_results_and_says_why_it_cannot_go_on(runs: Runs) -> None:
    own = datasets.import_upload([("cats.npz", npz(images=drawings()))], owner=VISITOR)
    run = runs.create(replace(RECIPES["vanilla-64"].config, dataset=own.name, epochs=1), VISITOR, train=True)
    wait_for_rest(run)
    error = run.summary().test_mse
    app = opened(dataset=own.name, run=run.id)
    app.session_state["data.about"] = True
    sound(app.run())
    assert any("1 run trained on these images" in text.value for text in app.markdown)
    sound(app.button(key="data.delete").click().run())
    assert app.selectbox(key="setting.dataset").value == "digits"
    assert not datasets.is_available(own.name)
    assert [summary.test_mse for summary in runs.list(VISITOR)] == [error]
    # As after a restart: nothing of the run is in memory.
    sound(opened(run=run.id, dataset=own.name))
    page = opened("pages/reconstructions.py", run=run.id)
    assert any("no longer on the server" in warning.value for warning in page.warning)


def test_files_are_read_beside_the_page_which_goes_on_with_them_or_says_what_was_wrong(runs: Runs) -> None:
    app = opened(dataset="digits")
    files = app.file_uploader(key="upload.files.0")
    sound(files.upload("few.npz", npz(images=drawings(5)), "application/zip").run())
    sound(next(button for button in app.button if button.label == "Use these images").click().run())
    wait_until(app, lambda app: app.error)
    assert "at least 100 images, and 5 can be used" in app.error[0].value
    files = app.file_uploader(key="upload.files.0")
    sound(files.set_value(None).upload("cats.npz", npz(images=drawings()), "application/zip").run())
    sound(next(button for button in app.button if button.label == "Use these images").click().run())
    wait_until(app, lambda app: str(app.selectbox(key="setting.dataset").value).startswith("own-"))
    assert [datasets.title(name) for name in datasets.own_names(VISITOR)] == ["cats.npz"]


def test_a_reading_that_takes_long_shows_that_it_goes_on_and_can_be_cancelled(runs: Runs) -> None:
    app = opened(dataset="digits")
    files = app.file_uploader(key="upload.files.0")
    sound(files.upload("pages.zip", zipped(blank_pages(100)), "application/zip").run())
    sound(next(button for button in app.button if button.label == "Use these images").click().run())
    assert any(re.match(r"Reading images … \d+ s", caption.value) for caption in app.caption)
    sound(app.button(key="upload.cancel").click().run())
    wait_until(app, lambda app: not any(button.key == "upload.cancel" for button in app.button))
    assert not app.error and app.selectbox(key="setting.dataset").value == "digits"
    assert readers() == []


def test_a_wrong_guess_about_the_images_is_corrected_by_hand(runs: Runs) -> None:
    own = datasets.import_upload([("cats.npz", npz(images=drawings()))], owner=VISITOR)
    app = opened(dataset=own.name)
    app.session_state["data.about"] = True
    sound(app.run())
    sound(app.button(key="data.transpose").click().run())
    sound(app.button(key="data.invert").click().run())
    name = str(app.selectbox(key="setting.dataset").value)
    assert name.startswith("own-") and name != own.name
    assert datasets.title(name) == "cats.npz"
    images = datasets.load(name).train_images
    np.testing.assert_array_equal(images, 255 - own.train_images.swapaxes(1, 2))
    app.session_state["data.about"] = True
    sound(app.run())
    assert any("Inverted by hand" in caption.value for caption in app.caption)
