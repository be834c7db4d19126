"""Three maps of the same images, looked at by hand on real MNIST."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from aelib import datasets
from aelib.spec.images import evenly_spaced
from tests.e2e.lab import Lab

MAPS = ("code", "pca", "tsne")
TRAINED = {
    "dataset": "mnist",
    "recipe": "multilayer-64",
    "widths": "64",
    "code_size": "2",
    "code_activation": "linear",
    "epochs": "1",
}


class Maps:
    def __init__(self, lab: Lab) -> None:
        self.lab, self.page = lab, lab.page

    def canvas(self, name: str) -> Locator:
        return self.page.locator(f".map[data-map={name}] canvas")

    def lit(self, name: str) -> int:
        return int(self.canvas(name).get_attribute("data-lit") or 0)

    @property
    def tsne(self) -> Locator:
        """The button that starts or cancels it."""
        return self.page.locator(":is(.st-key-latent-start, .st-key-latent-cancel) button:visible").first

    @property
    def about(self) -> Locator:
        return self.page.locator(".map[data-map=tsne] .about")

    @property
    def selected(self) -> Locator:
        return self.page.locator(".strip .about")

    def wait_for_points(self, *names: str) -> None:
        for name in names:
            expect(self.canvas(name)).to_have_attribute("data-points", "500")

    def wait_for_lit(self, count: int) -> None:
        for name in MAPS:
            expect(self.canvas(name)).to_have_attribute("data-lit", str(count))

    def draw_loop(self, name: str) -> None:
        """Around the left half of a map."""
        self.canvas(name).scroll_into_view_if_needed()
        box = self.canvas(name).bounding_box()
        assert box is not None
        corners = [(0.02, 0.02), (0.5, 0.02), (0.5, 0.98), (0.02, 0.98)]
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
        self.page.mouse.move(*places[0])
        self.page.mouse.down()
        for place in places[1:]:
            self.page.mouse.move(*place, steps=4)
        self.page.mouse.up()


@pytest.fixture(scope="module")
def run() -> dict[str, str]:
    """The parameter of the one run that all tests here look into, once it was trained."""
    return {}


@pytest.fixture
def maps(lab: Lab, mnist_dir: Path, run: dict[str, str]) -> Iterator[Maps]:
    """A small run on MNIST, with 500 points."""
    lab.open(**(run or TRAINED))
    if not run:
        lab.train.click()
    expect(lab.state).to_have_text("Finished", timeout=120_000)
    run["run"] = lab.query()["run"]
    lab.page.get_by_role("link", name="Latent space").first.click()
    choose(lab.page, "Points", "500")
    found = Maps(lab)
    found.wait_for_points("code", "pca")
    yield found


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_what_is_selected_in_one_map_lights_up_in_all_three_while_tsne_comes_to_its_end(maps: Maps) -> None:
    page, lab = maps.page, maps.lab
    maps.tsne.click()
    maps.wait_for_points("tsne")
    moving = lab.look(maps.canvas("tsne"))
    lab.wait_for_change(maps.canvas("tsne"), moving)
    expect(maps.about).to_contain_text("iteration 750 of 750 · KL")
    # It was measured, and nothing was mounted again meanwhile.
    expect(page.locator(".map[data-map=tsne] .value b").nth(2)).to_contain_text("%")
    expect(page.get_by_text("on the t-SNE map of the pixels")).to_be_visible()

    before = {name: lab.look(maps.canvas(name)) for name in MAPS}
    maps.draw_loop("tsne")
    expect(maps.selected).to_contain_text("of 500 images")
    count = maps.lit("tsne")
    assert 20 < count < 480
    for name in MAPS:
        lab.wait_for_change(maps.canvas(name), before[name])
    maps.wait_for_lit(count)
    expect(maps.selected).to_contain_text(f"and {count - 24} more")
    lab.wait_for_look(page.locator(".chosen"), lambda look: look[0] > 50)

    # Keys: from point to point, Enter selects, Shift adds, Escape clears.
    maps.canvas("code").focus()
    page.keyboard.press("Escape")
    maps.wait_for_lit(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+Enter")
    maps.wait_for_lit(2)

    # A class as a whole.
    page.locator(".maps .legend button", has_text="7").click()
    expect(maps.selected).to_contain_text("“7” ×")
    expect(maps.canvas("tsne")).not_to_have_attribute("data-lit", "2")
    maps.wait_for_lit(maps.lit("tsne"))
    page.get_by_role("button", name="Clear selection").click()
    maps.wait_for_lit(0)


def test_three_dimensions_turn_colours_mean_errors_and_tsne_can_be_cancelled(maps: Maps) -> None:
    page, lab = maps.page, maps.lab
    page.get_by_text("3-D", exact=True).click()
    expect(page.locator(".map[data-map=code] .note")).to_contain_text("nothing to show in 3-D")
    expect(page.locator(".map[data-map=pca] .about")).to_contain_text("components 1 to 3 of 784")
    maps.wait_for_points("pca")
    page.wait_for_timeout(500)
    before = lab.look(maps.canvas("pca"))
    maps.draw_loop("pca")
    lab.wait_for_change(maps.canvas("pca"), before)
    assert maps.lit("pca") == 0
    page.get_by_role("button", name="Lasso", exact=True).click()
    maps.draw_loop("pca")
    expect(maps.selected).to_contain_text("of 500 images")

    choose(page, "Colour by", "error")
    expect(page.locator(".maps .legend")).to_contain_text("mean squared error")

    maps.tsne.click()
    expect(maps.tsne).to_contain_text("Cancel")
    maps.wait_for_points("tsne")
    maps.tsne.click()
    expect(maps.tsne).to_contain_text("Restart")
    expect(page.locator(".map[data-map=tsne] .note")).to_contain_text("cancelled")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8"))))
    axes = ["code_x", "code_y", "pca_x", "pca_y", "pca_z", "tsne_x", "tsne_y", "tsne_z"]
    assert list(rows[0]) == ["index", "label", "class", "error", *axes]
    which = evenly_spaced(10_000, 500)
    assert [int(row["index"]) for row in rows] == which.tolist()
    assert [int(row["label"]) for row in rows] == datasets.load("mnist").test_labels[which].tolist()
    assert all(row["class"] == row["label"] for row in rows)
    assert all(0 < float(row["error"]) < 0.3 for row in rows)
    assert len({tuple(row[axis] for axis in axes) for row in rows}) > 490


def test_a_hidden_layer_takes_the_codes_place_and_its_units_show_their_weights(maps: Maps) -> None:
    page, lab = maps.page, maps.lab
    title = page.locator(".map[data-map=code] h3")
    expect(title).to_have_text("Code (2-D)")
    before = lab.look(maps.canvas("code"))
    choose(page, "Layer", "Hidden layer 1 · 64 units")
    expect(title).to_have_text("Hidden layer 1 (PCA)")
    lab.wait_for_change(maps.canvas("code"), before)
    expect(page.get_by_text("A hidden layer can serve as the features")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    columns = Path(download.value.path()).read_text("utf-8").splitlines()[0].split(",")
    assert columns[-4:] == ["hidden_layer_1_x", "hidden_layer_1_y", "pca_x", "pca_y"]

    weights = page.locator(".image-grid .cell canvas")
    expect(weights).to_have_count(60)
    lab.wait_for_look(weights.first, lambda look: look[0] > 50)


def test_a_drawn_digit_is_placed_on_the_maps(maps: Maps) -> None:
    page, lab = maps.page, maps.lab
    before = {name: lab.look(maps.canvas(name)) for name in ("code", "pca")}
    page.get_by_role("button", name="Try your own drawing").click()
    pad = page.locator(".drawing-pad canvas")
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 140, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 220, steps=8)
    page.mouse.up()
    page.keyboard.press("Escape")
    expect(page.locator(".own")).to_contain_text("above its reconstruction")
    for name, look in before.items():
        lab.wait_for_change(maps.canvas(name), look)
