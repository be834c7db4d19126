"""What a first visit begins with, without a browser."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from aelib.runs import Run, Runs
from aelib.ui.panels.welcome import STARTS
from tests.pages.visit import opened, query, sound


def starts(app: AppTest) -> list[str]:
    return [str(button.key) for button in app.button if str(button.key).startswith("welcome.")]


def test_a_first_visit_is_offered_three_starts(runs: Runs) -> None:
    assert starts(opened()) == [f"welcome.{name}" for name in STARTS]


def test_whoever_comes_by_a_link_or_has_runs_is_not(runs: Runs, trained: Run) -> None:
    assert starts(opened(recipe="vanilla-64")) == []
    assert starts(opened()) == []


@pytest.mark.parametrize(
    ("name", "settings"), [("bottleneck", {"code_size": "2"}), ("noise", {"corruption": "gaussian"})]
)
def test_a_start_sets_the_controls_and_begins_a_run(runs: Runs, name: str, settings: dict[str, str]) -> None:
    app = opened()
    sound(app.button(key=f"welcome.{name}").click().run())
    assert settings.items() <= query(app).items()
    run = runs.get(query(app)["run"])
    assert run.status in ("starting", "training", "finished")
    assert starts(app) == []
    runs.delete(run.id)


def test_drawing_a_digit_opens_the_page_where_it_is_reconstructed(runs: Runs) -> None:
    app = opened()
    sound(app.button(key="welcome.draw").click().run())
    run = runs.get(query(app)["run"])
    assert any(heading.value == "Try your own drawing" for heading in app.subheader) or app.selectbox(key="look.run")
    runs.delete(run.id)
