"""A run is taken home from every page, and brought back; settings are shown as code."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from aelib.export.network_code import network_code
from aelib.runs import Run, Runs
from tests.pages.conftest import VISITOR, Grids
from tests.pages.visit import opened, sound, wait_until
from tests.samples import assert_same_arrays


def prepared(app: AppTest, to: str) -> tuple[str, bytes]:
    """The name and the contents of the download of this form."""
    app.session_state["export"] = True
    sound(app.run())
    sound(app.selectbox(key="export.to").set_value(to).run())
    sound(app.button(key="export.start").click().run())
    wait_until(app, lambda app: app.session_state["export.job"].ready)
    name, contents = app.session_state["export.job"].ready
    assert isinstance(name, str) and isinstance(contents, bytes)
    return name, contents


@pytest.mark.parametrize("page", ["", "pages/latent_space.py"])
def test_a_run_is_downloaded_and_opened_again(runs: Runs, trained: Run, grids: Grids, page: str) -> None:
    app = opened(page, run=trained.id)
    name, contents = prepared(app, "safetensors")
    assert name == "multilayer-64-safetensors.zip"
    archive = zipfile.ZipFile(io.BytesIO(contents))
    arrays = load(archive.read("multilayer-64-safetensors/weights.safetensors"))
    state = runs._store.load(trained.id).state
    names = network_code(trained.config).names
    assert_same_arrays({ours: arrays[theirs] for ours, theirs in names.items()}, state.weights)
    # The form of a run that has been prepared is there at once when the page is drawn again.
    sound(app.run())
    assert not [button for button in app.button if button.key == "export.start"]

    home = opened(run=trained.id)
    home.session_state["runs"] = True
    sound(home.run())
    sound(home.file_uploader(key="import.files.0").upload(name, contents, "application/zip").run())
    sound(home.button(key="import.start").click().run())
    wait_until(home, lambda app: app.session_state["run_id"] != trained.id)
    taken = runs.get(home.session_state["run_id"])
    assert (taken.owner, taken.settings) == (VISITOR, trained.settings)
    assert runs._store.load(taken.id).state.step == state.step
    wait_until(home, lambda app: taken.reached() is not None)


def test_what_is_no_export_is_one_sentence(runs: Runs, trained: Run) -> None:
    app = opened(run=trained.id)
    app.session_state["runs"] = True
    sound(app.run())
    sound(app.file_uploader(key="import.files.0").upload("cat.zip", b"no zip", "application/zip").run())
    sound(app.button(key="import.start").click().run())
    wait_until(app, lambda app: any("is not valid; use a bundle" in one.value for one in app.error))
    assert app.session_state["run_id"] == trained.id


def test_what_a_form_has_no_words_for_is_said(runs: Runs, trained: Run) -> None:
    tied = runs.create(replace(trained.config, tied=True), VISITOR, train=False)
    app = opened(run=tied.id)
    app.session_state["export"] = True
    sound(app.run())
    sound(app.selectbox(key="export.to").set_value("keras").run())
    assert any("tied weights" in info.value for info in app.info)
    sound(app.selectbox(key="export.to").set_value("pytorch").run())
    sound(app.button(key="export.start").click().run())
    wait_until(app, lambda app: any("no trained weights yet" in one.value for one in app.warning))


def test_the_settings_of_the_moment_are_shown_as_code(runs: Runs) -> None:
    app = opened(dataset="digits", recipe="vae", code_size="7")
    sound(app.button(key="code").click().run())
    (code,) = (code.value for code in app.code if "nn.Module" in code.value)
    assert "nn.Linear(256, 7)" in code and "data.npz" in code
    compile(code, "model.py", "exec")


def test_without_a_run_there_is_nothing_to_take_home(runs: Runs, trained: Run) -> None:
    def offered(app: AppTest) -> bool:
        return any("Export" in str(block.proto) for block in app.get("popover"))

    assert not offered(opened(dataset="digits"))
    assert offered(opened(run=trained.id))
