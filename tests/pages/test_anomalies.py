"""The Anomalies page without a browser."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from streamlit.testing.v1 import AppTest

from aelib import datasets
from aelib.analysis.anomalies import scores
from aelib.analysis.anomalies.groups import group_of
from aelib.analysis.anomalies.ranking import Ranking
from aelib.analysis.anomalies.thresholds import USUAL, By, Rule
from aelib.datasets import Part
from aelib.runs import Run, Runs
from aelib.spec.recipes import RECIPES
from aelib.train.projection import fit_pca
from aelib.train.trainer import prepare
from aelib.ui.pages.anomalies.choosing import KIND, NORMAL, RUN
from tests.datasets.samples import npz
from tests.pages.conftest import VISITOR, Grids
from tests.pages.visit import opened, query, sound, wait_until
from tests.runs.waiting import wait_for_rest

PAGE = "pages/anomalies.py"
WITHOUT_9 = "digits:0,1,2,3,4,5,6,7,8"


def markdown(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption))


def small(runs: Runs, recipe: str = "multilayer-64", **settings: object) -> Run:
    config = replace(RECIPES[recipe].config, dataset="digits", code_size=8, widths=(64,), epochs=1)
    run = runs.create(replace(config, **settings), VISITOR, train=True)  # type: ignore[arg-type]
    wait_for_rest(run)
    return run


def visit(run: Run, kind: str = "", normal: str | None = None) -> AppTest:
    """The page, with a choice of anomalies and of normal digits."""
    app = opened(run=run.id)
    if kind:
        app.session_state[KIND] = kind
    if normal is not None:
        # Else the page begins with what the run was trained on.
        app.session_state[RUN], app.session_state[NORMAL] = run.id, list(normal)
    return sound(app.switch_page(PAGE).run())


def measured(app: AppTest) -> AppTest:
    return wait_until(app, lambda app: "An anomaly's encoding lies far from the others”: **" in markdown(app))


def rankings(app: AppTest) -> dict[str, Ranking]:
    return {
        name: found for name, found in app.session_state["anomalies.known"][1].items() if isinstance(found, Ranking)
    }


def test_all_scores_are_measured_on_the_same_images_and_the_claims_judged(trained: Run, grids: Grids) -> None:
    app = measured(visit(trained))
    found, said = rankings(app), markdown(app)
    assert list(found) == [*scores.of_network(trained.config), *scores.RIVALS]
    for name, ranking in found.items():
        assert (len(ranking.normal), len(ranking.anomalous)) == (397, 1000)
        truth = np.repeat([0, 1], (397, 1000))
        oracle = roc_auc_score(truth, np.concatenate([ranking.normal, ranking.anomalous]))
        assert f"| {name} |" in said and f"{oracle:.3f}" in next(
            line for line in said.splitlines() if line.startswith(f"| {name} |")
        )
    assert "The code reveals anomalies better" in said and "The network reveals anomalies better than PCA" in said
    assert "397 normal images (Digits" in said and "seed 0, step 50" in said
    assert len(app.get("plotly_chart")) == 1
    assert [row.label for row in grids["anomalies.suspicious"]] == ["image", "reconstruction", "difference"]


def test_the_page_and_scikit_learn_agree_on_the_pca_residual(trained: Run, grids: Grids) -> None:
    app = measured(visit(trained))
    data = prepare(datasets.load("digits"))
    images = group_of(datasets.load("digits")).images, group_of(datasets.load("letters")).images
    oracle = scores.by_rival(data, fit_pca(data), scores.RESIDUAL, 8, *images)
    assert rankings(app)[scores.RESIDUAL].auroc == oracle.auroc


def test_images_are_sorted_by_the_score_chosen_and_missed_ones_are_below_the_threshold(
    trained: Run, grids: Grids
) -> None:
    app = measured(visit(trained))
    app.session_state["anomalies.score"] = scores.NEAREST
    sound(app.run())
    ranking = rankings(app)[scores.NEAREST]
    suspicious, missed = (grids[f"anomalies.{name}"][1].captions for name in ("suspicious", "missed"))
    highest = np.sort(np.concatenate([ranking.normal, ranking.anomalous]))[::-1][:12]
    assert suspicious == [f"{value:.3g}" for value in highest]
    assert missed == [f"{value:.3g}" for value in np.sort(ranking.anomalous)[: len(missed)]]
    app.session_state["anomalies.detector.rule"] = Rule(By.HAND, float(ranking.anomalous.min()) - 1)
    sound(app.run())
    assert "none at this threshold" in markdown(app)


def test_the_settings_of_the_run_shown_are_trained_without_a_class_in_one_click(runs: Runs, grids: Grids) -> None:
    shown = small(runs, corruption="gaussian", corruption_level=0.5, learning_rate=0.002)
    # As long as the one shown, which was continued.
    shown.train()
    wait_for_rest(shown)
    app = visit(shown, kind="left out", normal="012345678")
    assert any("was trained on 9 as well" in warning.value for warning in app.warning)
    wait_until(app, lambda app: "Claims about anomalies are not judged" in markdown(app))
    button = app.button(key="anomalies.train")
    assert "with the same settings, except for the training images (about" in button.help
    sound(button.click().run())
    run = runs.get(query(app)["run"])
    assert run.config == replace(shown.config, dataset=WITHOUT_9, epochs=2)
    assert app.session_state["config"] == run.config
    run.pause()
    wait_for_rest(run)
    wait_until(app, lambda app: any(box.key == KIND for box in app.selectbox))
    assert app.selectbox(key=KIND).value == "left out"
    assert app.session_state[NORMAL] == list("012345678")
    assert not app.warning


def test_classes_and_titles_are_shown_letter_by_letter(runs: Runs, grids: Grids) -> None:
    whole = datasets.load("digits")
    strange = {"x_train": whole.train_images[:200], "x_test": whole.test_images[:60]}
    strange |= {"y_train": np.where(whole.train_labels[:200] == 9, "**9**", "$0$")}
    strange |= {"y_test": np.where(whole.test_labels[:60] == 9, "**9**", "$0$")}
    name = datasets.import_upload([("*my* data.npz", npz(**strange))], owner=VISITOR).name
    app = measured(visit(small(runs, dataset=Part(name, ("$0$",)).name)))
    assert app.button_group(key=NORMAL).options
    assert r"\*\*9\*\*" in app.button(key="anomalies.train").label
    assert "**9**" not in markdown(app) and r"\*my\*" in markdown(app)
    assert set(grids["anomalies.suspicious"][0].captions) <= {"**9** · anomalous", "$0$ · normal"}


def test_verdicts_say_what_the_network_was_trained_to_do(runs: Runs, grids: Grids) -> None:
    said = markdown(measured(visit(small(runs, corruption="gaussian", corruption_level=0.5), kind="shuffled")))
    assert "trained to remove Gaussian noise 0.5 on Digits" in said and "its input is not corrupted here" in said


def test_contamination_is_part_of_the_run(runs: Runs, grids: Grids) -> None:
    run = small(runs, dataset=f"{WITHOUT_9}:5")
    app = measured(visit(run))
    assert "5 % of this network's training images belong to the other classes" in markdown(app)
    ranking = rankings(app)[scores.ERROR]
    labels = datasets.load("digits").test_labels
    assert (len(ranking.normal), len(ranking.anomalous)) == ((labels < 9).sum(), (labels == 9).sum())


@pytest.mark.parametrize(
    ("kind", "normal", "said"),
    [
        ("left out", "0123456789", "All classes are normal"),
        ("left out", "", "at least one normal class"),
        ("shuffled", "", "at least one normal class"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(trained: Run, grids: Grids, kind: str, normal: str, said: str) -> None:
    app = visit(trained, kind, normal)
    assert [said in info.value for info in app.info] == [True]


def test_without_a_drawing_the_page_asks_for_one(trained: Run, grids: Grids) -> None:
    app = visit(trained, kind="own")
    assert "Draw or upload an image" in markdown(app)


def test_a_drawing_is_ranked_among_the_normal_images(trained: Run, grids: Grids) -> None:
    app = opened(run=trained.id)
    app.session_state[KIND] = "own"
    drawing = np.zeros((112, 112), np.uint8)
    drawing[20:90, 50:60] = 255
    app.session_state["anomalies.own.pad.kept"] = base64.b64encode(drawing.tobytes()).decode()
    sound(app.switch_page(PAGE).run())
    wait_until(app, lambda app: "| … |" not in markdown(app) and "Its reconstruction error" in markdown(app))
    ranking, said = rankings(app)[scores.ERROR], markdown(app)
    below = f"{(ranking.normal < ranking.anomalous[0]).mean():.1%}".replace("%", "\N{NO-BREAK SPACE}%")
    assert f"Its reconstruction error is larger than that of **{below}** of the 397 normal images." in said
    assert f"| reconstruction error | network: output | {below} |" in said
    assert "not on one" in said and "AUROC |" not in said and "Missed" not in said
    # It may as well be a normal image.
    assert grids["anomalies.single"][0].captions == ["your image"] and "anomalies.missed" not in grids
    score = float(ranking.anomalous[0])
    for limit, answer in ((score - 1e-3, "flagged"), (score + 1e-3, "not flagged")):
        app.session_state["anomalies.detector.rule"] = Rule(By.HAND, limit)
        assert f"Your image: {answer} at this threshold" in markdown(sound(app.run()))
    app.session_state["anomalies.detector.rule"] = Rule(By.COST, 1)
    assert sound(app.run()).session_state["anomalies.detector.rule"] == USUAL


def test_a_run_in_colour_has_no_reconstruction_error(runs: Runs, grids: Grids) -> None:
    app = measured(visit(small(runs, colour=True), kind="inverted"))
    assert list(rankings(app)) == [*scores.OF_CODE, *scores.RIVALS]
    assert "it has no reconstruction error here" in markdown(app)
    assert [row.kind for row in grids["anomalies.suspicious"]] == ["grey", "colour"]


def test_a_variational_run_has_its_bound(runs: Runs, grids: Grids) -> None:
    app = measured(visit(small(runs, "vae"), kind="noise"))
    assert rankings(app)[scores.ELBO].auroc.value > 0.9


def test_while_a_run_trains_its_scores_follow(runs: Runs, grids: Grids) -> None:
    config = replace(RECIPES["vanilla-64"].config, dataset="digits", epochs=500)
    run = runs.create(config, VISITOR, train=True)
    app = wait_until(visit(run, kind="noise"), lambda app: "anomalies.known" in app.session_state and rankings(app))
    assert "Claims are judged when" in markdown(app)
    first = rankings(app)[scores.ERROR]
    wait_until(app, lambda app: rankings(app)[scores.ERROR] is not first)
    run.pause()
    wait_for_rest(run)
    measured(app)
