"""The Experiments page without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from aelib.experiments import EXPERIMENTS, Asked, Experiment, Experiments, Results
from aelib.experiments.expectations import Expectations
from aelib.runs import Runs
from aelib.ui.pages.experiments import state
from tests.experiments.conftest import small
from tests.pages.conftest import VISITOR
from tests.pages.visit import opened, query, sound, wait_until

__all__ = ["small"]
PAGE = "pages/experiments.py"


@pytest.fixture(autouse=True)
def experiments(runs: Runs, home: Path, small: Experiment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Experiments]:
    """Those of the tests' server."""
    found = Experiments(lambda: runs, home)
    for module in ("state", "one", "measured", "own"):
        monkeypatch.setattr(f"aelib.ui.pages.experiments.{module}.server_experiments", lambda: found)
    monkeypatch.setattr(state, "expectations", lambda: Expectations(home))
    yield found
    found.stop(Asked(small, "digits", 2))


def text(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.subheader))


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def visit(id: str = "") -> AppTest:
    app = wait_until(opened(PAGE), lambda app: "are answered" in text(app))
    if id:
        app.button(key=f"open.{id}").click()
        sound(app.run())
    return app


def test_all_claims_are_listed_by_article_with_their_state() -> None:
    app = visit()
    said = text(app)
    assert all(one.claim in said for one in EXPERIMENTS.values())
    assert said.count("not run") == len(EXPERIMENTS)
    assert "0 of 45 are answered on this server" in said
    assert labels(app).count("Open") == len(EXPERIMENTS)


def test_an_experiment_is_run_and_judged_and_the_expectation_kept(home: Path) -> None:
    app = visit("C99")
    assert query(app)["experiment"] == "C99" and "C99: Wider is better" in text(app)
    assert "4 runs · about 2 s on two idle cores" in text(app)
    app.button_group(key="expect.C99").set_value("refuted")
    sound(app.run())
    assert Expectations(home).of(VISITOR) == {"C99": "refuted"}
    next(button for button in app.button if button.label == "Run").click()
    sound(app.run())
    wait_until(app, lambda app: "Wider is better”: **" in text(app))
    assert "You expected: refuted" in text(app) and "Run" not in labels(app) and "Stop" not in labels(app)
    # It is known to the next who comes, and to the list of all.
    other = visit()
    assert "1 of 45 are answered on this server" in text(other)


def test_a_running_experiment_is_stopped_and_continued(
    experiments: Experiments, small: Experiment, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    asked = Asked(small, "digits", 2)
    experiments.results.put(asked.question(small.arms[0], 0), {"mse": 0.05})
    monkeypatch.setattr(
        "aelib.experiments.server._ExperimentRun.values", lambda run: [run._look() for _ in range(10**6)]
    )
    app = visit("C99")
    assert "1 of 4 runs are measured" in text(app)
    next(button for button in app.button if button.label == "Continue").click()
    sound(app.run())
    assert "Stop" in labels(app)
    assert experiments.progress(asked) is not None
    next(button for button in app.button if button.label == "Stop").click()
    wait_until(app, lambda app: "Continue" in labels(app))
    assert Results(home).get(asked.question(small.arms[0], 0)) == {"mse": 0.05}


def test_an_arm_is_opened_on_the_train_page(small: Experiment) -> None:
    app = visit("C99")
    app.button(key="train.C99.1").click()
    sound(app.run())
    config = app.session_state["config"]
    assert config == small.arms[1].on("digits", 0)
    assert "Train" in labels(app)


def test_a_link_opens_an_experiment_and_a_wrong_one_shows_all() -> None:
    app = opened(PAGE)
    app.query_params["experiment"] = "C99"
    assert "C99: Wider is better" in text(sound(app.run()))
    app.query_params["experiment"] = "C9"
    wait_until(sound(app.run()), lambda app: "are answered on this server" in text(app))


def test_ones_own_settings_are_varied_and_what_is_not_valid_is_said(experiments: Experiments) -> None:
    app = wait_until(visit("own"), lambda app: "Run" in labels(app))
    assert "12 runs, of which 0 are measured" in text(app)
    app.text_input(key="own.values.code_size").set_value("2, many")
    assert "Latent dimensions: “many” is not valid" in sound(app.run()).warning[0].value.replace("\\", "")
    app.text_input(key="own.values.code_size").set_value("2, 4")
    app.number_input(key="own.steps").set_value(10)
    app.number_input(key="own.seeds").set_value(2)
    sound(app.run())
    next(button for button in app.button if button.label == "Run").click()
    sound(app.run())
    wait_until(app, lambda app: "Stop" not in labels(app) and "Run" not in labels(app))
    assert not app.warning
