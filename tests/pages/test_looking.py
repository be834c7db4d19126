"""What all pages that look into a run have in common."""

from __future__ import annotations

import pytest

from aelib.runs import Run, Runs, lease
from aelib.runs.status import Status
from tests.pages.conftest import Grids
from tests.pages.visit import opened, query, sound, wait_until
from tests.runs.waiting import wait_for_rest

PAGES = [
    "pages/reconstructions.py",
    "pages/denoising.py",
    "pages/latent_space.py",
    "pages/decode.py",
    "pages/classify.py",
    "pages/anomalies.py",
]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_run_a_page_offers_to_train_one(runs: Runs, page: str) -> None:
    app = opened(page)
    assert app.button(key="train.starter").label == "Train one for me"


def test_the_starter_trains_a_run_and_the_page_follows_it_to_its_end(runs: Runs) -> None:
    app = opened("pages/reconstructions.py")
    sound(app.button(key="train.starter").click().run())
    run = runs.get(query(app)["run"])
    assert wait_for_rest(run).status == Status.FINISHED
    wait_until(app, lambda app: any(button.label == "Continue training" for button in app.button))


def test_a_run_that_left_memory_meanwhile_trains_on(runs: Runs, trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened("pages/reconstructions.py", run=trained.id)
    wait_for_rest(trained)
    with monkeypatch.context() as patched:
        patched.setattr(lease, "LEASE_SECONDS", 0.0)
        runs.sweep()
    sound(next(button for button in app.button if button.label == "Continue training").click().run())
    again = runs.get(trained.id)
    assert again is not trained
    assert again.view().budget == 2 * trained.view().budget


@pytest.mark.parametrize("page", ["reconstructions", "latent_space", "classify", "anomalies"])
def test_a_browser_that_missed_the_first_run_of_a_page_shows_what_is_chosen(
    trained: Run, grids: Grids, page: str
) -> None:
    """A widget without a default would show its first option there, whatever the page goes by."""
    app = wait_until(
        opened(f"pages/{page}.py", run=trained.id), lambda app: len(app.selectbox) + len(app.select_slider) > 1
    )
    for box in app.selectbox:
        assert box.key == "look.run" or box.options[box.proto.default] == box.format_func(box.value), box.key
    for slider in app.select_slider:
        assert slider.options[int(slider.proto.default[0])] == str(slider.value), slider.key


def test_the_run_of_the_train_page_is_the_one_that_is_looked_into(trained: Run) -> None:
    app = opened("pages/reconstructions.py", run=trained.id)
    assert app.selectbox(key="look.run").value == trained.id
    assert query(app)["run"] == trained.id


def test_another_run_can_be_picked(runs: Runs, trained: Run) -> None:
    other = runs.create(trained.config, trained.owner, train=False)
    wait_for_rest(other)
    app = opened("pages/reconstructions.py", run=trained.id)
    sound(app.selectbox(key="look.run").set_value(other.id).run())
    assert query(app)["run"] == other.id
    assert any("is untrained" in info.value for info in app.info)


def test_a_visitor_with_runs_but_none_shown_sees_the_latest(runs: Runs, trained: Run) -> None:
    app = opened("pages/reconstructions.py", run=trained.id)
    app.session_state["run_id"] = None
    sound(app.run())
    assert app.selectbox(key="look.run").value == trained.id


def test_a_run_that_was_deleted_is_told_and_another_one_offered(runs: Runs, trained: Run) -> None:
    app = opened("pages/reconstructions.py", run=trained.id)
    runs.delete(trained.id)
    sound(app.run())
    assert any("Run not found" in warning.value for warning in app.warning)
    assert app.button(key="train.starter")


def test_a_run_whose_data_are_gone_says_so(monkeypatch: pytest.MonkeyPatch, trained: Run) -> None:
    app = opened("pages/reconstructions.py", run=trained.id)
    monkeypatch.setattr("aelib.ui.session.run_page.loaded_dataset", lambda name: None)
    monkeypatch.setattr("aelib.datasets.is_available", lambda name: False)
    sound(app.run())
    assert any("no longer on the server" in warning.value for warning in app.warning)
