"""The Latent space page without a browser."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aelib import datasets
from aelib.analysis.latent_space import tsne
from aelib.runs import Run, Runs, lease
from aelib.runs.embedding import Embedding, Embeddings, MapStatus
from aelib.runs.status import Status
from tests.pages.conftest import Grids
from tests.pages.visit import opened, query, sound, wait_until, widget_labels

PAGE = "pages/latent_space.py"


@pytest.fixture
def page(trained: Run) -> AppTest:
    return wait_until(opened(PAGE, run=trained.id), lambda app: app.selectbox(key="latent.count"))


def embedding(app: AppTest) -> Embedding:
    maps: Embeddings = app.session_state["latent.maps"]
    return next(iter(maps._maps.values()))


def said(app: AppTest) -> str:
    return " ".join(part.value for part in (*app.markdown, *app.caption))


def test_without_a_run_a_good_one_is_offered_and_trained(runs: Runs) -> None:
    app = opened(PAGE)
    assert "Each dot is a test image" in said(app)
    sound(app.button(key="train.starter").click().run())
    run = runs.get(query(app)["run"])
    assert run.config.code_size == 2
    run.pause()


def test_figures_are_compared_in_words(page: AppTest) -> None:
    wait_until(page, lambda app: "with 2 principal components" in said(app))
    assert "predict the class of" in said(page)
    assert "in all 784 pixels" in said(page)
    assert "in the 8-D code" in said(page)
    wait_until(page, lambda app: "keeps the classes apart better than PCA's”: **" in said(app))
    assert "“Codes may classify better than pixels”: **" in said(page)
    assert "397 test images of" in said(page) and "seed 0" in said(page)


def test_units_are_described_and_the_dead_are_named(page: AppTest) -> None:
    wait_until(page, lambda app: "a unit of the code is inactive on" in said(app))
    assert "dead" in said(page)
    assert len(page.dataframe[0].value) == 8


def test_a_code_wider_than_the_map_has_to_be_laid_out(page: AppTest) -> None:
    sound(page.selectbox(key="latent.layout").set_value("units").run())
    assert {"x: unit", "y: unit"} <= widget_labels(page)
    sound(page.segmented_control(key="latent.dims").set_value(3).run())
    assert "z: unit" in widget_labels(page)
    sound(page.number_input(key="latent.axis1.8").set_value(8).run())


def test_colouring_by_a_unit_asks_which(page: AppTest) -> None:
    assert "Unit" not in widget_labels(page)
    sound(page.selectbox(key="latent.colour").set_value("unit").run())
    assert "Unit" in widget_labels(page)
    sound(page.number_input(key="latent.unit.8").set_value(3).run())
    sound(page.selectbox(key="latent.colour").set_value("error").run())


def test_tsne_runs_to_its_end_and_is_measured(page: AppTest) -> None:
    sound(page.button(key="latent.start").click().run())
    assert page.button(key="latent.cancel").label == "Cancel"
    wait_until(page, lambda app: embedding(app).status == MapStatus.FINISHED)
    sound(page.run())
    assert page.button(key="latent.start").label == "Restart t-SNE"
    wait_until(page, lambda app: "on the t-SNE map of the pixels" in said(app))
    embedding(page).status = MapStatus.CANCELLED
    wait_until(page, lambda app: "on the t-SNE map of the pixels" not in said(app))


def test_a_map_of_the_code_at_an_older_step_is_not_compared(page: AppTest) -> None:
    sound(page.segmented_control(key="latent.source").set_value("code").run())
    sound(page.button(key="latent.start").click().run())
    wait_until(page, lambda app: embedding(app).status == MapStatus.FINISHED)
    wait_until(page, lambda app: "on the t-SNE map of the code" in said(app))
    embedding(page).step -= 1
    wait_until(page, lambda app: "on the t-SNE map of the code" not in said(app))


def test_a_click_counts_though_the_run_has_left_memory(
    page: AppTest, runs: Runs, trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(lease, "LEASE_SECONDS", 0.0)
        runs.sweep()
    assert runs.get(trained.id) is not trained
    sound(page.button(key="latent.start").click().run())
    assert embedding(page).status in (MapStatus.RUNNING, MapStatus.FINISHED)


def test_tsne_is_of_what_was_chosen_a_moment_before_the_click(page: AppTest) -> None:
    page.segmented_control(key="latent.source").set_value("code")
    sound(page.button(key="latent.start").click().run())
    assert embedding(page).settings.source == "code"


def test_a_hidden_layer_takes_the_codes_place(page: AppTest) -> None:
    assert page.selectbox(key="latent.layer").options == ["Hidden layer 1 · 64 units", "Code · 8-D"]
    assert page.selectbox(key="latent.layer").value == "Code · 8-D"
    sound(page.selectbox(key="latent.layer").set_value("Hidden layer 1 · 64 units").run())
    wait_until(page, lambda app: "in the 64 units of hidden layer 1" in said(app))
    wait_until(page, lambda app: "“A hidden layer can serve as the features”: **" in said(app))
    wait_until(page, lambda app: "a unit of hidden layer 1 is inactive on" in said(app))
    assert len(page.dataframe[0].value) == 64
    sound(page.selectbox(key="latent.colour").set_value("unit").run())
    assert page.number_input(key="latent.unit.64").max == 64
    sound(page.segmented_control(key="latent.source").set_value("code").run())
    sound(page.button(key="latent.start").click().run())
    assert embedding(page).settings.layers == 1
    wait_until(page, lambda app: embedding(app).status == MapStatus.FINISHED)
    wait_until(page, lambda app: "on the t-SNE map of hidden layer 1" in said(app))


def test_another_run_without_that_layer_is_shown_by_its_code(page: AppTest, runs: Runs, trained: Run) -> None:
    other = runs.create(replace(trained.settings, widths=(32,)), page.session_state.visitor.owner, train=False)
    sound(page.run())
    sound(page.selectbox(key="latent.layer").set_value("Hidden layer 1 · 64 units").run())
    sound(page.selectbox(key="look.run").set_value(other.id).run())
    wait_until(page, lambda app: "Hidden layer 1 · 32 units" in app.selectbox(key="latent.layer").options)
    assert page.selectbox(key="latent.layer").value == "Code · 8-D"


def test_tsne_can_be_cancelled(page: AppTest) -> None:
    sound(page.button(key="latent.start").click().run())
    sound(page.button(key="latent.cancel").click().run())
    assert embedding(page).status == MapStatus.CANCELLED
    assert page.button(key="latent.start").label == "Restart t-SNE"


def test_only_perplexities_that_the_points_allow_are_offered(page: AppTest) -> None:
    # The bundled digits have few test images.
    points = len(datasets.load("digits").test_images)
    most = tsne.largest_perplexity(points)
    assert most < 200
    slider = page.slider(key=f"latent.perplexity.{most}")
    assert (slider.value, slider.max) == (30, most)
    sound(slider.set_value(most).run())
    sound(page.button(key="latent.start").click().run())
    wait_until(page, lambda app: embedding(app).report is not None)
    assert embedding(page).settings.perplexity == most


def test_choices_survive_a_switch_of_pages(page: AppTest) -> None:
    sound(page.segmented_control(key="latent.dims").set_value(3).run())
    sound(page.switch_page("pages/train.py").run())
    sound(page.switch_page(PAGE).run())
    wait_until(page, lambda app: app.selectbox(key="latent.count"))
    assert page.segmented_control(key="latent.dims").value == 3


def test_no_more_points_are_offered_than_there_are_test_pictures(page: AppTest) -> None:
    points = len(datasets.load("digits").test_images)
    assert page.selectbox(key="latent.count").options == [f"{points:,}"]
    assert page.selectbox(key="latent.count").value == points


def test_a_run_of_feature_maps_can_be_looked_into(runs: Runs) -> None:
    app = opened(recipe="conv-pool", epochs="1")
    sound(app.button(key="step").click().run())
    sound(app.switch_page(PAGE).run())
    wait_until(app, lambda app: "in the 128-D code" in said(app))
    maps = ["Feature maps 1 · 16 × 14 × 14", "Feature maps 2 · 8 × 7 × 7", "Code · 128-D"]
    assert app.selectbox(key="latent.layer").options == maps


def test_every_unit_shows_its_weights_as_a_picture(grids: Grids, page: AppTest, trained: Run) -> None:
    wait_until(page, lambda app: "latent.weights.grid" in grids)
    (row,) = grids["latent.weights.grid"]
    reached = trained.reached()
    assert reached is not None
    weights = reached.link.result().state.weights["encoder.0.weight"]
    norms = np.linalg.norm(weights, axis=1)
    shown = np.sort(norms.argsort()[-60:])
    scaled = weights[shown] / np.abs(weights[shown]).max(1, keepdims=True)
    np.testing.assert_allclose(row.images, scaled, rtol=1e-5)
    assert "the 60 of 64 units with the largest weights" in said(page)
    assert "A unit of hidden layer 1 multiplies every pixel" in said(page)


def test_the_units_shown_are_chosen_anew_only_when_the_run_rests(grids: Grids, runs: Runs, trained: Run) -> None:
    run = runs.create(replace(trained.settings, epochs=500), "somebody", train=True)
    app = wait_until(opened(PAGE, run=run.id), lambda _: "latent.weights.grid" in grids)
    app.session_state["latent.weights.kept"] = (run.id, (1, 3))
    wait_until(app, lambda _: len(grids["latent.weights.grid"][0].images) == 2)
    assert run.status == Status.TRAINING
    run.pause()
    wait_until(app, lambda _: len(grids["latent.weights.grid"][0].images) == 60)


def test_filters_of_a_convolution_are_shown_enlarged(grids: Grids, runs: Runs) -> None:
    app = opened(recipe="conv-pool", epochs="1")
    sound(app.button(key="step").click().run())
    sound(app.switch_page(PAGE).run())
    wait_until(app, lambda app: "sees 3 × 3 pixels at a time" in said(app))
    assert "Shown: all 16 filters." in said(app)
    assert len(grids["latent.weights.grid"][0].images) == 16


def test_an_uploaded_picture_is_looked_at_and_a_broken_one_is_told(page: AppTest) -> None:
    sound(page.segmented_control(key="latent.own.source").set_value("Upload").run())
    drawing = np.full((60, 40), 255, np.uint8)
    drawing[10:50, 18:24] = 0
    png = io.BytesIO()
    Image.fromarray(drawing).save(png, "PNG")
    sound(page.file_uploader(key="latent.own.file").upload("seven.png", png.getvalue(), "image/png").run())
    assert not page.warning
    sound(page.file_uploader(key="latent.own.file").upload("no_[x].png", b"no picture", "image/png").run())
    wait_until(page, lambda app: app.warning)
    assert "is not an image" in page.warning[0].value


def test_a_run_that_does_not_exist_is_told(runs: Runs) -> None:
    app = opened(PAGE, run="AAAAAAAAAAAAAAAA")
    assert "Run not found" in app.warning[0].value
