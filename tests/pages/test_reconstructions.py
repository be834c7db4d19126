"""The Reconstructions page without a browser."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from aelib import datasets
from aelib.analysis.reconstructions.selection import pick
from aelib.runs import Run, Runs
from aelib.spec.recipes import RECIPES
from aelib.ui.components.image_grid import Row
from tests.datasets.samples import drawings, encoded, npz
from tests.pages.conftest import VISITOR, Grids
from tests.pages.visit import opened, sound, wait_until
from tests.runs.waiting import wait_for_rest

PAGE = "pages/reconstructions.py"


def labels(rows: list[Row]) -> list[str]:
    return [row.label for row in rows]


def markdown(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption))


def visit(run: Run, grids: Grids) -> AppTest:
    return wait_until(opened(PAGE, run=run.id), lambda app: grids and "test images**" in markdown(app))


def shown(grids: Grids) -> np.ndarray:
    return grids["reconstructions.grid"][0].images


def wait_for_others(app: AppTest, grids: Grids, before: np.ndarray) -> None:
    wait_until(app, lambda _: not np.array_equal(shown(grids), before))


def test_pictures_and_who_keeps_more_are_shown(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids)
    rows = grids["reconstructions.grid"]
    assert labels(rows) == ["original", "autoencoder", "error", "PCA", "JPEG"]
    digits = datasets.load("digits").test_images.reshape(-1, 784)
    shown = pick("random", np.arange(len(digits)), seed=0)
    assert np.array_equal(rows[0].images, digits[shown])
    assert all(" dB · " in caption for row in (rows[1], rows[3], rows[4]) for caption in row.captions)
    assert rows[3].note.endswith("8 components")
    for name in ("network **", "PCA **", "JPEG **"):
        assert name in markdown(app)
    wait_until(app, lambda app: "“JPEG compresses better”: **" in markdown(app))
    assert "Letters" in markdown(app) and "which the network was not trained on" in markdown(app)
    # 8 bytes are too few for JPEG.
    assert "**undecided: not comparable**" in markdown(app)
    assert "“The network keeps more than PCA”: **" in markdown(app)
    assert "397 test images" in markdown(app) and "seed 0" in markdown(app)


def test_other_data_are_chosen_the_visitors_own_among_them(trained: Run, grids: Grids) -> None:
    own = datasets.import_upload([("cats.npz", npz(images=drawings()))], owner=VISITOR)
    datasets.import_upload([("dogs.npz", npz(images=drawings(seed=1)))], owner="somebody else")
    app = visit(trained, grids)
    box = wait_until(app, lambda app: app.selectbox(key="reconstructions.foreign")).selectbox(
        key="reconstructions.foreign"
    )
    assert box.options == ["Letters (built-in)", "cats.npz"]
    sound(box.set_value(own.name).run())
    wait_until(app, lambda app: r"cats\.npz, which the network was not trained on" in markdown(app))
    wait_until(app, lambda _: "reconstructions.foreign.grid" in grids)
    rows = grids["reconstructions.foreign.grid"]
    assert labels(rows) == labels(grids["reconstructions.grid"])
    test_images = datasets.load(own.name).test_images.reshape(-1, 784)
    assert all((test_images == image).all(1).any() for image in rows[0].images)


def test_other_pictures_are_drawn_by_another_seed(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids)
    before = shown(grids)
    sound(app.button(key="again").click().run())
    wait_for_others(app, grids, before)


def test_the_worst_of_a_class_are_of_this_class_and_worse_than_the_best(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids)
    sound(app.selectbox(key="reconstructions.class").set_value(3).run())
    psnr = {}
    for way in ("best", "worst"):
        before = shown(grids)
        sound(app.segmented_control(key="reconstructions.way").set_value(way).run())
        wait_for_others(app, grids, before)
        psnr[way] = float(grids["reconstructions.grid"][1].captions[0].split()[0])
    assert psnr["best"] > psnr["worst"] + 1
    digits = datasets.load("digits")
    threes = digits.test_images[digits.test_labels == 3].reshape(-1, 784)
    worst = grids["reconstructions.grid"][0].images
    assert all((threes == image).all(axis=1).any() for image in worst)


def test_a_percentile_of_the_error_is_chosen_by_a_slider(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids)
    sound(app.segmented_control(key="reconstructions.way").set_value("percentile").run())
    sound(app.slider(key="reconstructions.percentile").set_value(100).run())
    wait_until(app, lambda _: grids)
    at_100 = shown(grids)
    sound(app.slider(key="reconstructions.percentile").set_value(0).run())
    wait_for_others(app, grids, at_100)


def test_what_a_page_switch_must_not_lose(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids)
    sound(app.segmented_control(key="reconstructions.way").set_value("worst").run())
    sound(app.switch_page("pages/train.py").run())
    sound(app.switch_page(PAGE).run())
    assert app.segmented_control(key="reconstructions.way").value == "worst"


def test_the_distribution_is_told_as_a_table_too(trained: Run, grids: Grids) -> None:
    app = visit(trained, grids)
    table = wait_until(app, lambda app: app.dataframe).dataframe[0].value
    assert list(table["class"]) == list("0123456789")
    assert table["images"].sum() == len(datasets.load("digits").test_labels)
    assert (table["25 %"] <= table["median"]).all()
    sound(app.segmented_control(key="reconstructions.measure").set_value("MSE").run())
    assert app.dataframe[0].value["95 %"].max() < 1


def upload(app: AppTest, name: str, data: bytes) -> AppTest:
    sound(app.segmented_control(key="reconstructions.own.source").set_value("Upload").run())
    return sound(app.file_uploader(key="reconstructions.own.file").upload(name, data, "image/png").run())


def test_an_uploaded_picture_is_centred_and_reconstructed(trained: Run, grids: Grids) -> None:
    paper = np.full((200, 300), 240, np.uint8)
    paper[40:160, 30:50] = 20
    app = upload(visit(trained, grids), "one.png", encoded(Image.fromarray(paper)))
    wait_until(app, lambda _: "reconstructions.mine" in grids)
    rows = grids["reconstructions.mine"]
    assert labels(rows) == ["network input", "autoencoder", "error", "PCA"]
    seen = rows[0].images.reshape(28, 28)
    assert seen.any(axis=1).sum() == 20 and seen[14, 14] > 200
    assert "of all 397 test images" in markdown(app)
    sound(app.toggle(key="reconstructions.own.centred").set_value(False).run())
    wait_until(app, lambda _: grids["reconstructions.mine"][0].images.reshape(28, 28)[14, 14] < 50)


WHITE = np.full((50, 50), 255, np.uint8)


@pytest.mark.parametrize("data", [b"", b"no picture at all", encoded(WHITE)], ids=["empty", "text", "white"])
def test_an_upload_without_a_picture_is_told_in_a_sentence(trained: Run, grids: Grids, data: bytes) -> None:
    app = upload(visit(trained, grids), "<b>mine.png", data)
    wait_until(app, lambda app: app.warning)
    assert all("image" in warning.value and "<b>" not in warning.value for warning in app.warning)
    assert "reconstructions.mine" not in grids


def test_a_run_in_colour_is_shown_beside_what_is_wanted(runs: Runs, grids: Grids) -> None:
    config = replace(RECIPES["vanilla-64"].config, dataset="digits", colour=True, epochs=1)
    run = runs.create(config, "somebody", train=True)
    wait_for_rest(run)
    app = visit(run, grids)
    rows = grids["reconstructions.grid"]
    assert labels(rows) == ["original", "target", "autoencoder", "error"]
    assert [row.kind for row in rows] == ["grey", "colour", "colour", "signed"]
    assert "cannot colourize" in markdown(app)


def test_a_run_on_damaged_pictures_says_that_these_are_whole(runs: Runs, grids: Grids) -> None:
    config = replace(RECIPES["vanilla-64"].config, dataset="digits", corruption="gaussian", epochs=1)
    run = runs.create(config, "somebody", train=False)
    wait_for_rest(run)
    assert "gets clean ones here" in markdown(visit(run, grids))
