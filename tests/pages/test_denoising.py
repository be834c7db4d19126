"""The Denoising page without a browser."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from aelib.runs import Run, Runs
from aelib.spec.recipes import RECIPES
from aelib.ui.server import hand
from aelib.ui.server.channel import CHANNEL
from aelib.ui.session.quick_runs import Quick
from tests.pages.conftest import Grids
from tests.pages.visit import opened, query, sound, wait_until
from tests.runs.waiting import wait_for_rest

PAGE = "pages/denoising.py"
CURVE, SCRIPTS, TASKS = "Noise-level curve", "Transfer to another dataset", "Train a network for a task"


def markdown(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption))


def labels(grids: Grids, key: str = "denoising.grid") -> list[str]:
    return [row.label for row in grids.get(key, [])]


def small(runs: Runs, **settings: object) -> Run:
    config = replace(RECIPES["multilayer-64"].config, dataset="digits", code_size=8, widths=(64,), epochs=1)
    run = runs.create(replace(config, **settings), "somebody", train=True)  # type: ignore[arg-type]
    wait_for_rest(run)
    return run


def visit(run: Run, grids: Grids, last: str, tab: str = TASKS) -> AppTest:
    """The page once the row `last` is there, with a tab open that asks nothing more."""
    app = opened(run=run.id)
    app.session_state["denoising.tab"] = tab
    sound(app.switch_page(PAGE).run())
    return wait_until(app, lambda app: last in labels(grids) and "Computing" not in markdown(app))


def test_a_network_that_never_saw_noise_says_so_and_meets_some(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids, "TV denoising")
    assert "trained on clean images only" in markdown(app)
    assert labels(grids) == [
        *("clean", "corrupted", "autoencoder"),
        *("median filter", "PCA", "non-local means", "TV denoising"),
    ]
    assert app.session_state["denoising.level"] == 0.5
    assert "| autoencoder |" in markdown(app)
    wait_until(app, lambda app: "removes noise better than the other methods”: **" in markdown(app))
    for condition in ("397 test images of", "at 0.5 changes", "seed 0, step 50", "trained on clean images", "Student"):
        assert condition in markdown(app)


def test_the_figures_under_the_pictures_are_in_the_label_and_in_the_table(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids, "TV denoising")
    row = next(row for row in grids["denoising.grid"] if row.label == "median filter")
    mean = np.mean([float(caption) for caption in row.captions])
    said, _ = row.note.split(" dB · ")
    assert float(said) == pytest.approx(mean, abs=0.1)
    assert said in next(line for line in markdown(app).splitlines() if line.startswith("| median filter"))


def test_more_noise_is_seen_at_once(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids, "TV denoising")
    before = {row.label: row.images for row in grids["denoising.grid"]}
    app.session_state["denoising.level"] = 0.9
    sound(app.run())
    wait_until(app, lambda app: (grids["denoising.grid"][2].images != before["autoencoder"]).any())
    after = {row.label: row.images for row in grids["denoising.grid"]}
    np.testing.assert_array_equal(before["clean"], after["clean"])
    assert (before["corrupted"] != after["corrupted"]).any()


def test_while_the_hand_moves_the_other_methods_wait_and_when_it_rests_all_are_of_its_level(
    trained: Run, grids: Grids, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = visit(trained, grids, "TV denoising")
    monkeypatch.setattr(hand, "REST_SECONDS", math.inf)
    app.session_state[CHANNEL].hand.moves()
    app.session_state["denoising.level"] = 0.87
    sound(app.run())
    wait_until(app, lambda app: "Computing the baselines" in markdown(app))
    assert {row.note for row in grids["denoising.grid"][3:]} == {"…"}
    monkeypatch.setattr(hand, "REST_SECONDS", 0.0)
    wait_until(app, lambda app: "at 0.87 changes" in markdown(app))
    assert "Computing" not in markdown(app)
    assert "…" not in {row.note for row in grids["denoising.grid"]}


def test_the_runs_own_damage_is_where_the_page_begins(runs: Runs, grids: Grids) -> None:
    app = visit(small(runs, corruption="block", corruption_level=0.4), grids, "biharmonic inpainting")
    assert app.selectbox(key="denoising.corruption").value == "block"
    assert app.session_state["denoising.level"] == 0.4
    assert labels(grids) == ["clean", "corrupted", "autoencoder", "PCA", "biharmonic inpainting"]
    assert "trained on a different corruption" not in markdown(app)
    sound(app.selectbox(key="denoising.corruption").set_value("low-resolution").run())
    wait_until(app, lambda app: "bicubic" in labels(grids))
    assert app.session_state["denoising.coarse"] == 0.5
    assert "trained on a different corruption" in markdown(app)


def test_a_network_that_colours_is_shown_in_colour_with_its_target(runs: Runs, grids: Grids) -> None:
    app = visit(small(runs, colour=True), grids, "target")
    wait_until(app, lambda app: "is that of the right class" in markdown(app))
    rows = {row.label: row for row in grids["denoising.grid"]}
    assert [rows[label].kind for label in ("input", "autoencoder", "target")] == ["grey", "colour", "colour"]
    assert {caption.removesuffix(" ✗") for caption in rows["autoencoder"].captions} <= set("0123456789")


def test_the_curve_is_measured_to_its_end(runs: Runs, grids: Grids, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aelib.ui.panels.tasks.COARSE_LEVELS", (0.5, 0.75))
    run = small(runs, corruption="low-resolution", corruption_level=0.5)
    app = visit(run, grids, "bicubic", tab=CURVE)
    wait_until(app, lambda app: "confidence" in markdown(app) and "Measuring" not in markdown(app))
    assert "397 test images" in markdown(app)
    assert len(app.get("plotly_chart")) == 1


def test_networks_meet_another_script(runs: Runs, grids: Grids) -> None:
    run = small(runs, corruption="gaussian", corruption_level=0.5)
    app = visit(run, grids, "autoencoder", tab=SCRIPTS)
    wait_until(app, lambda app: "dense 64-8" in labels(grids, "denoising.across"))
    assert app.selectbox(key="denoising.foreign").value == "letters"
    assert app.multiselect(key="denoising.networks").value == [run.id]
    assert "| no processing |" in markdown(app)
    assert "Train side by side" in markdown(app)
    runs.delete(run.id)
    sound(app.run())


def test_networks_are_trained_side_by_side_on_the_damage_chosen_until_the_quicker_had_as_much_time(
    runs: Runs, trained: Run, grids: Grids, monkeypatch: pytest.MonkeyPatch
) -> None:
    corrupted_images = "masking"
    tiny = replace(RECIPES["vanilla-64"].config, code_size=4)
    conv = replace(RECIPES["conv-pool"].config, widths=(4,), batch_size=128, precision="float32")
    monkeypatch.setattr("aelib.ui.pages.denoising.side_by_side.SIDE_BY_SIDE", (Quick(tiny, 12), Quick(conv, 12)))
    app = visit(trained, grids, "autoencoder", tab=SCRIPTS)
    sound(app.selectbox(key="denoising.corruption").set_value(corrupted_images).run())
    sound(app.button(key="denoising.side_by_side").click().run())
    wait_until(app, lambda app: "Fully convolutional networks denoise best" in markdown(app))
    wait_until(app, lambda app: labels(grids, "denoising.across").count("dense 4") == 2)
    *again, slow, quick = [runs.get(summary.id) for summary in runs.list(trained.owner) if summary.id != trained.id]
    assert [run.config.family for run in (slow, quick, *again)] == ["conv-pool", "dense", "dense"]
    assert {run.config.corruption for run in (slow, quick, *again)} == {corrupted_images}
    assert all(run.config.corruption_level > 0.2 for run in (slow, quick, *again))
    assert again[0].train_seconds >= slow.train_seconds > quick.train_seconds
    wait_until(app, lambda app: "| … |" not in markdown(app))
    for said in ("weights", "images seen", "seconds", "| dense 4 | 7,060 | 12,"):
        assert said in markdown(app)
    assert query(app)["run"] == trained.id


@pytest.mark.parametrize(
    ("task", "corruption", "colour"),
    [
        ("noise", "gaussian", False),
        ("gap", "block", False),
        ("resolution", "low-resolution", False),
        ("colour", "none", True),
    ],
)
def test_a_quick_run_for_a_task_is_started_and_shown(
    runs: Runs, trained: Run, grids: Grids, task: str, corruption: str, colour: bool
) -> None:
    app = visit(trained, grids, "autoencoder")
    sound(app.button(key=f"denoising.task.{task}").click().run())
    run = runs.get(query(app)["run"])
    assert run.id != trained.id
    assert (run.config.corruption, run.config.colour, run.config.dataset) == (corruption, colour, "digits")
    run.pause()
    wait_until(app, lambda app: app.session_state["denoising.run"] == run.id)
