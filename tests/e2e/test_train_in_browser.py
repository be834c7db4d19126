"""The main job, done by hand: pick, press Train, watch, turn knobs, scrub, come back."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from aelib.datasets import store
from tests.datasets.samples import pngs, zipped
from tests.e2e.lab import PHONE, Lab
from tests.e2e.server import Server

SMALL = {"dataset": "digits", "recipe": "vanilla-64", "epochs": "500"}


def test_the_first_visit_shows_pictures_and_one_bright_button(lab: Lab) -> None:
    lab.open()
    lab.wait_for_look(lab.images, lambda look: look[0] > 20)
    expect(lab.train).to_be_enabled()
    expect(lab.pause).to_be_disabled()
    expect(lab.reset).to_be_disabled()
    expect(lab.state).to_have_text("Example")


def test_real_mnist_is_learnt_before_the_eyes(lab: Lab, mnist_dir: Path) -> None:
    lab.open(dataset="mnist", recipe="vanilla-64", epochs="500")
    curve, codes, images = (lab.look(canvas) for canvas in (lab.curve, lab.codes, lab.images))
    lab.train.click()
    seen = lab.wait_for_step(50)
    for canvas, before in ((lab.curve, curve), (lab.codes, codes), (lab.images, images)):
        lab.wait_for_change(canvas, before)
    lab.wait_for_look(lab.codes, lambda look: look[0] > 50)
    assert lab.wait_for_step(seen + 50) > seen
    expect(lab.state).to_have_text("Training")
    expect(lab.page.locator(".key.pca")).to_contain_text("PCA-64")
    lab.wait_for_error_below(0.09)
    lab.pause.click()
    expect(lab.state).to_have_text("Paused")


def test_buttons_network_charts_and_history_are_in_sight_without_scrolling(lab: Lab) -> None:
    lab.open(**SMALL, corruption="gaussian")
    lab.train.click()
    lab.wait_for_step(10)
    for part in (lab.train, lab.pause, lab.one_step, lab.reset, lab.network, lab.curve, lab.codes, lab.moment):
        box = part.bounding_box()
        assert box is not None
        assert 0 <= box["y"] < box["y"] + box["height"] <= 800
        assert 0 <= box["x"] < box["x"] + box["width"] <= 1280
    lab.pause.click()


@pytest.mark.parametrize("screen", [PHONE], ids=["phone"])
def test_on_a_phone_the_parts_stack_in_the_order_of_use(lab: Lab) -> None:
    lab.open(**SMALL)
    lab.train.click()
    lab.wait_for_step(5)
    parts = (lab.train, lab.pause, lab.one_step, lab.reset, lab.network, lab.curve, lab.images, lab.codes)
    boxes = [box for part in parts if (box := part.bounding_box()) is not None]
    assert len(boxes) == len(parts)
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    buttons, below = boxes[:4], boxes[4:]
    assert len({box["y"] for box in buttons}) == 1
    tops = [box["y"] for box in (buttons[0], *below)]
    assert tops == sorted(tops)
    lab.pause.click()


def test_pause_step_and_reset(lab: Lab) -> None:
    lab.open(**SMALL)
    lab.train.click()
    lab.wait_for_step(20)
    lab.pause.click()
    expect(lab.state).to_have_text("Paused")
    expect(lab.pause).to_be_disabled()
    paused = lab.step()
    rest = lab.wait_for_rest()
    assert rest - paused <= 200
    lab.one_step.click()
    assert lab.wait_for_step(rest + 1) == rest + 1
    trained = lab.query()["run"]
    lab.reset.click()
    expect(lab.page.locator(".figures .step")).to_have_attribute("data-step", "0")
    lab.page.wait_for_url(lambda url: trained not in url)
    # What is said of it does not lie on the buttons.
    expect(lab.page.get_by_text("Reset to step 0")).to_be_visible()
    toast, button = (part.bounding_box() for part in (lab.page.get_by_test_id("stToast"), lab.reset))
    assert toast is not None and button is not None
    assert toast["y"] > button["y"] + button["height"]
    lab.one_step.click()
    assert lab.wait_for_step(1) == 1
    # Nothing is lost: the run before is in the list, and can be shown again.
    lab.page.get_by_role("button", name="My runs").click()
    lab.page.get_by_test_id("stPopoverBody").get_by_role("button", name="Open", exact=True).last.click()
    expect(lab.page.locator(".figures .step")).to_have_attribute("data-step", str(rest + 1))
    assert lab.query()["run"] == trained


def test_runs_are_listed_by_what_they_are_and_one_is_deleted(browser: Browser, server: Server) -> None:
    # A visitor of its own, whose list is empty at first.
    page = browser.new_context(**PHONE).new_page()
    lab = Lab(page, server.url)
    for size in ("64", "20"):
        lab.open(recipe="vanilla-64", dataset="digits", code_size=size)
        lab.one_step.click()
        lab.wait_for_step(1)
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("button", name="My runs").click()
    listed = page.get_by_test_id("stPopoverBody").first
    for name in ("Vanilla autoencoder, 64-D", "Vanilla autoencoder (modified): 20 latent dimensions"):
        expect(listed.get_by_text(name)).to_be_visible()
    box, screen = listed.bounding_box(), PHONE["viewport"]
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= screen["width"]
    assert box["height"] > 300 and box["y"] >= 0 and box["y"] + box["height"] <= screen["height"]
    # The newest comes first, and is the one shown.
    listed.locator(".stPopover button").last.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(listed.get_by_role("button", name="Open", exact=True)).to_have_count(1)
    expect(listed.get_by_text("Vanilla autoencoder, 64-D")).to_be_hidden()
    page.context.close()


def test_keys_press_the_buttons(lab: Lab) -> None:
    lab.open(**SMALL)
    lab.page.keyboard.press("t")
    lab.wait_for_step(5)
    lab.page.keyboard.press("p")
    expect(lab.state).to_have_text("Paused")


def test_a_knob_acts_on_the_running_network_and_is_marked(lab: Lab) -> None:
    lab.open(**SMALL, corruption="gaussian", corruption_level="0.1")
    lab.train.click()
    lab.wait_for_step(10)
    images = lab.look(lab.images)
    slider = lab.slider("Noise level")
    slider.focus()
    for _ in range(40):
        slider.press("ArrowRight")
    lab.page.wait_for_url("**corruption_level=0.5**")
    lab.wait_for_change(lab.images, images)
    expect(lab.train).not_to_contain_text("new run")
    expect(lab.state).to_have_text("Training")
    lab.pause.click()


def test_the_scrubber_moves_pictures_codes_and_curve_together(lab: Lab) -> None:
    lab.open(**SMALL)
    lab.train.click()
    lab.page.wait_for_function("true")
    lab.wait_for_step(100)
    lab.pause.click()
    expect(lab.state).to_have_text("Paused")
    lab.page.wait_for_timeout(1500)
    newest = [lab.look(canvas) for canvas in (lab.curve, lab.codes, lab.images)]
    lab.moment.focus()
    lab.moment.press("Home")
    expect(lab.page.locator(".when")).to_have_text("step 0")
    for canvas, before in zip((lab.curve, lab.codes, lab.images), newest, strict=True):
        lab.wait_for_change(canvas, before)
    lab.page.locator(".follow").click()
    expect(lab.page.locator(".when")).to_have_text(f"step {lab.step():,}")


def test_a_reload_shows_the_run_as_it_is(lab: Lab) -> None:
    lab.open(**SMALL)
    lab.train.click()
    before = lab.wait_for_step(20)
    lab.page.reload()
    expect(lab.state).to_have_text("Training")
    assert lab.wait_for_step(before) >= before
    lab.page.wait_for_timeout(500)
    assert int(lab.moment.get_attribute("max") or 0) > 0
    lab.pause.click()


def test_coming_back_from_another_page_shows_the_run_as_it_is(lab: Lab) -> None:
    lab.open(**SMALL)
    lab.train.click()
    before = lab.wait_for_step(20)
    lab.page.get_by_role("link", name="Recipes").click()
    expect(lab.page.get_by_text("Pick one, train it, then modify it.")).to_be_visible()
    lab.page.get_by_role("link", name="Train").click()
    assert lab.wait_for_step(before) >= before
    assert lab.query()["epochs"] == "500"
    lab.pause.click()


def test_a_shared_link_shows_the_same_settings_and_not_the_run(lab: Lab, browser: Browser) -> None:
    lab.open(**SMALL, code_size="12", corruption="masking", learning_rate="0.002")
    lab.train.click()
    lab.wait_for_step(5)
    lab.pause.click()
    lab.page.get_by_role("button", name="Share").click()
    links = lab.page.get_by_test_id("stPopoverBody").locator("code")
    expect(links).to_have_count(2)
    link, result = links.all_inner_texts()
    assert "run=" not in link and f"run={lab.query()['run']}" in result
    context = browser.new_context()
    other = Lab(context.new_page(), "")
    other.page.goto(link)
    expect(other.slider("Latent dimensions")).to_have_attribute("aria-valuetext", "12")
    expect(other.state).to_have_text("Ready")
    shared, own = other.query(), lab.query()
    own.pop("run")
    assert shared == own
    context.close()


def test_two_tabs_do_not_disturb_each_other(lab: Lab, browser: Browser, server: Server) -> None:
    lab.open(**SMALL)
    lab.train.click()
    lab.wait_for_step(10)
    context = browser.new_context()
    other = Lab(context.new_page(), server.url).open(**SMALL, code_size="8")
    other.train.click()
    other.wait_for_step(5)
    other.pause.click()
    expect(other.state).to_have_text("Paused")
    before = lab.step()
    assert lab.wait_for_step(before + 5) > before
    expect(lab.state).to_have_text("Training")
    lab.pause.click()
    context.close()


def test_the_live_view_is_updated_in_place_and_never_remounted(lab: Lab) -> None:
    lab.open(**SMALL)
    lab.page.locator(".live").evaluate("node => { node.tagged = true }")
    lab.train.click()
    step = lab.wait_for_step(10)
    for _ in range(3):
        step = lab.wait_for_step(step + 1)
    slider = lab.slider("Learning rate")
    slider.focus()
    slider.press("ArrowLeft")
    lab.wait_for_step(step + 10)
    lab.pause.click()
    expect(lab.state).to_have_text("Paused")
    assert lab.page.locator(".live").evaluate("node => node.tagged === true")


def test_an_explosion_is_told_in_a_sentence_and_can_be_mended(lab: Lab) -> None:
    lab.open(**SMALL, learning_rate="10", output_activation="linear")
    lab.train.click()
    expect(lab.page.locator(".notices .first")).to_contain_text("learning rate")
    expect(lab.state).to_have_text("Diverged")
    expect(lab.train).to_be_enabled()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"code_size": "many"}, "code_size"),
        ({"learning_rate": "1e99"}, "learning_rate"),
        ({"family": "<script>alert(1)</script>"}, "family"),
        ({"run": "../../etc/passwd"}, "Run not found"),
        ({"recipe": "nonsense", "epochs": "-1"}, "epochs"),
    ],
)
def test_nonsense_in_the_url_is_named_and_the_rest_goes_on(lab: Lab, query: dict[str, str], said: str) -> None:
    lab.open(dataset="digits", batch_size="64", **query)
    expect(lab.page.get_by_test_id("stAlert").filter(has_text=said)).to_be_visible()
    assert lab.query()["batch_size"] == "64"
    expect(lab.train).to_be_enabled()


def test_own_pictures_are_uploaded_and_trained(lab: Lab, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    images = random.integers(0, 255, (120, 20, 30, 3), np.uint8)
    np.savez(tmp_path / "mine.npz", images=images)
    lab.open(dataset="digits")
    lab.page.get_by_role("button", name="Use your own images").click()
    upload = lab.page.locator("input[type=file]")
    Image.new("RGB", (5, 5)).save(tmp_path / "no-array.png")
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 this is no archive")
    upload.set_input_files(tmp_path / "broken.npz")
    lab.page.get_by_role("button", name="Use these images").click()
    expect(lab.page.get_by_test_id("stAlert")).to_be_visible()
    upload.set_input_files(tmp_path / "mine.npz")
    # The button is there already, and would use what has been uploaded so far.
    expect(lab.page.get_by_test_id("stFileChip")).to_have_count(2)
    expect(lab.page.get_by_test_id("stFileChipIconSpinner")).to_have_count(0)
    lab.page.get_by_role("button", name="Use these images").click()
    lab.page.wait_for_url("**dataset=own-**")
    expect(lab.page.get_by_text("padded to squares and resized to 28×28")).to_be_visible()
    lab.page.keyboard.press("Escape")
    lab.train.click()
    lab.wait_for_step(1)


def test_a_whole_folder_is_uploaded_and_its_folders_become_classes(lab: Lab, server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    for name, data in [*pngs(120, ("bars", "stripes")), ("read me.txt", b"No image.")]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    lab.open(dataset="digits")
    lab.page.get_by_role("button", name="Use your own images").click()
    lab.page.locator(".st-key-upload-whole_folder label").click()
    upload = lab.page.locator("input[type=file][webkitdirectory]")
    upload.set_input_files(folder)
    lab.page.get_by_role("button", name="Use these images").click()
    lab.page.wait_for_url("**dataset=own-**")
    dataset = store.read(store.file_of(lab.query()["dataset"], server.home))
    assert dataset.classes == ("bars", "stripes")
    # The other way to choose files is still there.
    lab.page.locator(".st-key-upload-whole_folder label").click()
    expect(upload).to_have_count(0)
    expect(lab.page.locator("input[type=file]")).to_have_count(1)
    lab.page.keyboard.press("Escape")
    lab.train.click()
    lab.wait_for_step(1)


def test_own_images_are_found_again_renamed_and_deleted(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "bars.zip").write_bytes(zipped(pngs(110, ("a", "b"))))
    lab.open(dataset="digits")
    lab.page.get_by_role("button", name="Use your own images").click()
    lab.page.locator("input[type=file]").set_input_files(tmp_path / "bars.zip")
    lab.page.get_by_role("button", name="Use these images").click()
    lab.page.wait_for_url("**dataset=own-**")
    # What was read makes room for what comes next.
    expect(lab.page.get_by_role("button", name="Use these images")).to_have_count(0)
    lab.open(dataset="digits")
    chooser = lab.page.locator(".st-key-setting-dataset")
    chooser.get_by_role("combobox").click()
    lab.page.get_by_role("option", name="bars.zip").click()
    lab.page.wait_for_url("**dataset=own-**")
    lab.page.get_by_role("button", name="About these images").click()
    expect(lab.page.get_by_text("Labels taken from folder names.")).to_be_visible()
    lab.page.get_by_label("Name", exact=True).fill("My bars")
    lab.page.keyboard.press("Enter")
    expect(chooser.get_by_role("combobox")).to_have_value("My bars")
    lab.page.locator(".st-key-data-bin button").click()
    lab.page.get_by_role("button", name="Delete permanently").click()
    # The data that the app starts with: MNIST, or where it is not there, the built-in digits.
    lab.page.wait_for_url(re.compile(r"dataset=(mnist|digits)"))
    lab.page.keyboard.press("Escape")
    chooser.get_by_role("combobox").click()
    expect(lab.page.get_by_role("option", name="Letters")).to_be_visible()
    expect(lab.page.get_by_role("option", name="My bars")).to_have_count(0)


def test_data_that_are_not_here_are_offered_for_download(lab: Lab) -> None:
    lab.page.goto(f"{lab._url}/?dataset=fashionmnist")
    expect(lab.page.get_by_role("button", name="Download Fashion-MNIST")).to_be_visible()
    expect(lab.train).to_be_disabled()


def test_a_page_is_there_by_its_address(lab: Lab) -> None:
    """The console stays clean, too (see `page`)."""
    lab.page.goto(f"{lab._url}/recipes?dataset=letters")
    expect(lab.page.get_by_text("Pick one, train it, then modify it.")).to_be_visible()
    lab.page.get_by_role("link", name="Train").click()
    expect(lab.train).to_be_visible()


def test_a_run_goes_on_by_itself_after_the_server_was_killed(browser: Browser, tmp_path: Path) -> None:
    server = Server(tmp_path)
    context = browser.new_context()
    try:
        lab = Lab(context.new_page(), server.url).open(**SMALL)
        lab.train.click()
        lab.wait_for_step(20)
        # A new run is saved after a second.
        lab.page.wait_for_timeout(2_000)
        address = lab.page.url
        server.kill()
        server.start()
        lab.page.goto(address)
        # It goes on from what was saved, and not from the start.
        expect(lab.page.locator(".figures .step")).not_to_have_attribute("data-step", "0")
        kept = lab.step()
        assert kept > 0
        assert lab.wait_for_step(kept + 5) > kept
        lab.pause.click()
    finally:
        context.close()
        server.stop()


def test_a_recipe_of_the_gallery_is_tried(page: Page, server: Server) -> None:
    lab = Lab(page, server.url).open()
    page.get_by_role("link", name="Recipes").click()
    page.locator(".st-key-use-denoise-256 button").click()
    expect(lab.train).to_be_visible()
    page.wait_for_url("**recipe=denoise-256**")
