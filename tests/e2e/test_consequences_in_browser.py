"""Consequence next to cause: what a setting does is seen where it is turned, and what a run has come to is said."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.lab import Lab


def test_a_corruption_is_previewed_before_training(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", corruption="gaussian", corruption_level="0.1")
    rows = lab.page.locator(".block .rows")
    expect(rows).to_have_text("originalinputoutput")
    before = lab.settled_look(lab.images)
    slider = lab.slider("Noise level")
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    lab.wait_for_change(lab.images, before)
    expect(lab.state).to_have_text("Ready")


def test_a_finished_run_says_how_good_it_is_and_what_was_hardest(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="multilayer-64", epochs="6", learning_rate="0.005")
    lab.train.click()
    expect(lab.page.locator(".notices .first")).to_have_text(
        re.compile(r"The test error is 0\.\d+, .* PCA with 64 dimensions\. Hardest class: \d\.")
    )


def test_a_small_relu_code_that_is_worse_than_pca_gets_hidden_layers_at_a_press(lab: Lab) -> None:
    lab.open(
        dataset="digits",
        recipe="custom",
        widths="none",
        code_size="2",
        code_activation="relu",
        epochs="6",
        learning_rate="0.02",
    )
    expect(lab.page.locator(".remedy")).to_be_hidden()
    lab.train.click()
    expect(lab.page.locator(".notices .first")).to_contain_text("Worse than PCA")
    lab.page.locator(".remedy").click()
    lab.page.wait_for_url(re.compile(r"widths=256(%2C|,)64"))
    expect(lab.train).to_contain_text("Train new run")


def test_active_units_stand_under_the_map_where_a_penalty_asks_for_few(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="k-sparse", epochs="200")
    expect(lab.page.locator(".sparsity")).to_be_hidden()
    lab.train.click()
    expect(lab.page.locator(".said-of-units")).to_have_text(re.compile(r"[\d.]+ of \d+ units active per image"))
    lab.page.locator(".sparsity canvas").hover(position={"x": 1, "y": 5})
    expect(lab.page.locator(".said-of-units")).to_have_text(re.compile(r"unit 1: active for \d+ % of the images"))
    lab.pause.click()


def test_training_can_be_watched_step_by_step_and_its_first_steps_given_room(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vanilla-64", epochs="3")
    lab.page.get_by_label("Pace").select_option("watch")
    when = lab.page.locator(".when")
    when.evaluate("""node => {
      node.seen = []
      new MutationObserver(() => node.seen.push(node.textContent)).observe(node, { childList: true })
    }""")
    lab.train.click()
    expect(lab.state).to_have_text("Finished")
    lab.settled_look(lab.images)
    seen = when.evaluate("node => node.seen")
    # However fast they were trained.
    assert len([step for step in (1, 2, 5, 10, 20) if f"step {step}" in seen]) > 2, seen
    expect(lab.state).to_have_text("Finished")
    lab.page.get_by_label("Pace").select_option("fast")
    before = lab.settled_look(lab.curve)
    lab.page.locator(".log-steps").check()
    lab.wait_for_change(lab.curve, before)
