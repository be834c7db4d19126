"""The Train and Recipes pages without a browser: what stands on them, and what the widgets do to the settings."""

from __future__ import annotations

import time

import pytest

from aelib import datasets
from aelib.runs import Runs
from aelib.spec.config import RunConfig
from tests.pages.visit import opened, query, sound, wait_until, widget_labels
from tests.runs.waiting import wait_for, wait_for_rest


def test_a_first_visit_offers_training_and_nothing_to_pause(runs: Runs) -> None:
    app = opened()
    assert not app.button(key="train").disabled
    assert app.button(key="pause").disabled
    assert app.button(key="reset").disabled
    assert app.selectbox(key="setting.dataset").value == "digits"
    assert query(app) == {"dataset": "digits", "recipe": "vanilla-64"}


def test_train_starts_a_run_and_pause_stops_it(runs: Runs) -> None:
    app = opened()
    sound(app.button(key="train").click().run())
    run = runs.get(query(app)["run"])
    deadline = time.monotonic() + 60
    while run.view().step == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert run.view().step > 0
    sound(app.run())
    assert app.button(key="train").disabled
    sound(app.button(key="pause").click().run())
    assert run.status == "paused"
    sound(app.run())
    assert app.button(key="pause").disabled


def test_what_does_not_apply_is_not_shown(runs: Runs) -> None:
    app = opened(recipe="vanilla-64")
    assert "Latent dimensions" in widget_labels(app)
    assert "Tied weights" in widget_labels(app)
    assert not any(label.startswith("Noise level") for label in widget_labels(app))
    app = opened(recipe="fully-conv")
    assert "Latent dimensions" not in widget_labels(app)
    assert "Tied weights" not in widget_labels(app)
    assert any(label.startswith("Noise level") for label in widget_labels(app))


def test_widgets_change_the_settings_and_the_url(runs: Runs) -> None:
    app = opened()
    sound(app.selectbox(key="setting.recipe").set_value("conv-dense-20").run())
    sound(app.select_slider(key="setting.code_size").set_value(12).run())
    sound(app.selectbox(key="setting.task").set_value("gap").run())
    sound(app.selectbox(key="setting.corruption").set_value("half").run())
    sound(app.text_input(key="setting.widths").set_value("8, 16").run())
    assert query(app) == {
        "dataset": "digits",
        "recipe": "conv-dense-20",
        "code_size": "12",
        "corruption": "half",
        "corruption_level": "0.5",
        "widths": "8,16",
    }


@pytest.mark.parametrize("widths", ["many", "1,2,3,4,5,6,7", "0", "-3", "9999999", "1;2"])
def test_nonsense_in_a_field_is_named_and_the_settings_stay(runs: Runs, widths: str) -> None:
    app = opened()
    sound(app.text_input(key="setting.widths").set_value(widths).run())
    assert "Hidden layer sizes" in app.warning[0].value
    assert "widths" not in query(app)


def test_fields_that_do_not_go_together_are_mended_with_a_sentence(runs: Runs) -> None:
    app = opened(recipe="vanilla-64", loss="bce")
    sound(app.selectbox(key="setting.output_activation").set_value("linear").run())
    assert app.warning[0].value.startswith("Loss") and "Changed to mean squared error" in app.warning[0].value
    assert query(app)["output_activation"] == "linear"
    assert "loss" not in query(app)


def test_a_knob_is_passed_on_to_the_run_and_other_settings_are_not(runs: Runs) -> None:
    app = opened(epochs="500")
    sound(app.button(key="train").click().run())
    run = runs.get(query(app)["run"])
    sound(app.select_slider(key="setting.learning_rate").set_value(0.002).run())
    assert run.settings.learning_rate == 0.002
    sound(app.select_slider(key="setting.code_size").set_value(8).run())
    assert run.settings.code_size == 64
    assert app.button(key="train").label == "Train new run"
    sound(app.button(key="train").click().run())
    assert query(app)["run"] != run.id
    assert wait_for_rest(run).status == "paused"


def test_a_link_that_is_wrong_in_many_ways_leaves_the_page_in_sight(runs: Runs) -> None:
    wrong = dict.fromkeys(("code_size", "learning_rate", "family", "epochs", "seed"), "nonsense")
    app = opened(**wrong)
    assert [warning.value.split("\\")[0] for warning in app.warning] == ["family", "code"]
    (more,) = [one for one in app.expander if "more messages" in one.label]
    assert more.label.startswith("3 ")
    assert [text.value.split("\\")[0] for text in more.markdown] == ["learning", "epochs", "seed"]


def test_what_was_refused_last_is_told_alone(runs: Runs) -> None:
    app = opened(recipe="multilayer-64")
    for widths in ("7x", "8x", "9x"):
        sound(app.text_input(key="setting.widths").set_value(widths).run())
    assert len(app.warning) == 1
    assert "9x" in app.warning[0].value


def test_a_network_without_hidden_layers_has_none_that_bend(runs: Runs) -> None:
    assert "Hidden activation" not in widget_labels(opened(recipe="vanilla-64"))
    assert "Hidden activation" in widget_labels(opened(recipe="multilayer-64"))


def test_step_begins_a_run_with_its_first_batch(runs: Runs) -> None:
    app = opened()
    sound(app.button(key="step").click().run())
    run = runs.get(query(app)["run"])
    assert wait_for(run, lambda view: view.step > 0 and run.resting).step == 1
    assert run.status == "paused"
    # With other settings it is another run's first batch.
    sound(app.select_slider(key="setting.code_size").set_value(8).run())
    sound(app.button(key="step").click().run())
    other = runs.get(query(app)["run"])
    assert other is not run
    assert wait_for(other, lambda view: view.step > 0 and other.resting).step == 1


def test_reset_of_an_untouched_run_makes_no_other(runs: Runs) -> None:
    app = opened()
    sound(app.button(key="train").click().run())
    for _ in range(3):
        sound(app.button(key="reset").click().run())
        wait_for_rest(runs.get(query(app)["run"]))
    assert len(runs.list(app.session_state["visitor"].owner)) == 2


def test_a_budget_of_hardly_any_steps_is_told_with_a_way_out(runs: Runs) -> None:
    app = opened(dataset="digits", batch_size="4096", epochs="2")
    wait_until(app, lambda app: [caption for caption in app.caption if "too few to learn much" in caption.value])
    count = len(datasets.load("digits").train_images)
    said = next(caption.value for caption in app.caption if "too few to learn much" in caption.value)
    assert f"2 epochs of {count:,} images in batches of 4,096" in said
    assert f"only {RunConfig(epochs=2, batch_size=4096).steps(count)} steps" in said
    sound(app.button(key="better_budget").click().run())
    assert not [caption for caption in app.caption if "too few" in caption.value]
    config = app.session_state["config"]
    assert 1_500 < config.steps(count) < 2_500
    assert config.batch_size == 64


def test_reset_keeps_the_run_so_far(runs: Runs) -> None:
    app = opened()
    sound(app.button(key="train").click().run())
    first = query(app)["run"]
    sound(app.button(key="reset").click().run())
    assert query(app)["run"] != first
    assert {summary.id for summary in runs.list(app.session_state["visitor"].owner)} == {first, query(app)["run"]}


def test_a_url_with_a_run_shows_it_with_its_settings(runs: Runs) -> None:
    app = opened(code_size="12")
    sound(app.button(key="step").click().run())
    again = opened(**query(app))
    assert query(again) == query(app)
    assert not again.button(key="reset").disabled


def test_a_run_that_does_not_exist_is_told_and_the_page_goes_on(runs: Runs) -> None:
    app = opened(run="AAAAAAAAAAAAAAAA", code_size="12")
    assert "Run not found" in app.warning[0].value
    assert not app.button(key="train").disabled
    assert query(app)["code_size"] == "12"


def test_text_from_the_url_is_never_taken_for_markdown_or_html(runs: Runs) -> None:
    app = opened(family="<img src=x>[a](http://b)")
    assert "\\<img src=x\\>\\[a\\]\\(http" in app.warning[0].value.replace("\\=", "=")


def test_data_that_are_not_here_are_offered_for_download_and_not_trained(runs: Runs) -> None:
    app = opened(dataset="fashionmnist")
    assert app.button(key="train").disabled
    assert any(button.label == "Download Fashion-MNIST" for button in app.button)


def test_data_nobody_has_are_told(runs: Runs) -> None:
    app = opened(dataset="own-0123456789abcdef")
    assert app.button(key="train").disabled
    assert any("no longer on the server" in warning.value for warning in app.warning)


def test_the_recipes_page_leads_to_the_train_page_with_the_recipe(runs: Runs) -> None:
    app = opened()
    sound(app.switch_page("pages/recipes.py").run())
    sound(app.button(key="use.denoise-256").click().run())
    sound(app.switch_page("pages/train.py").run())
    assert app.selectbox(key="setting.recipe").value == "denoise-256"


def test_trying_a_recipe_shows_no_run_above_its_settings_and_keeps_the_one_before(runs: Runs) -> None:
    app = opened(code_size="12")
    sound(app.button(key="step").click().run())
    run = runs.get(query(app)["run"])
    sound(app.switch_page("pages/recipes.py").run())
    sound(app.button(key="use.denoise-256").click().run())
    sound(app.switch_page("pages/train.py").run())
    assert "run" not in query(app)
    assert app.button(key="train").label == "Train"
    assert app.button(key="reset").disabled
    assert [summary.id for summary in runs.list(run.owner)] == [run.id]


def test_a_decoder_of_its_own_is_given_up_with_the_encoder_it_was_for(runs: Runs) -> None:
    app = opened(widths="64, 32", code_size="16", recipe="multilayer-64")
    assert app.text_input(key="setting.decoder_widths").value == ""
    sound(app.text_input(key="setting.decoder_widths").set_value("32, 48").run())
    assert query(app)["decoder_widths"] == "32,48"
    sound(app.text_input(key="setting.widths").set_value("50").run())
    assert query(app)["widths"] == "50" and "decoder_widths" not in query(app)
    sound(app.text_input(key="setting.decoder_widths").set_value("none").run())
    assert query(app)["decoder_widths"] == "none"
    sound(app.toggle(key="setting.tied").set_value(True).run())
    assert "Decoder hidden layer sizes" in app.warning[0].value and "mirror of the encoder" in app.warning[0].value
    assert not app.session_state["config"].decoder_widths
    assert "Decoder hidden layer sizes" not in widget_labels(app)


def test_a_budget_is_counted_in_epochs_or_in_steps(runs: Runs) -> None:
    app = opened(dataset="digits", epochs="3")
    assert "Epochs" in widget_labels(app) and "Steps" not in widget_labels(app)
    sound(app.radio(key="setting.budget").set_value("steps").run())
    assert "Epochs" not in widget_labels(app)
    steps = app.number_input(key="setting.max_steps").value
    count = len(datasets.load("digits").train_images)
    # Where the data set is still being read, a round number has to do.
    assert steps in (RunConfig(epochs=3).steps(count), 1_000)
    sound(app.number_input(key="setting.max_steps").set_value(12).run())
    assert query(app)["max_steps"] == "12"
    sound(app.button(key="train").click().run())
    run = runs.get(query(app)["run"])
    assert wait_for(run, lambda view: view.status == "finished").step == 12
    sound(app.radio(key="setting.budget").set_value("epochs").run())
    assert "max_steps" not in query(app) and query(app)["epochs"] == "3"


def test_frozen_noise_is_offered_where_noise_is_drawn(runs: Runs) -> None:
    assert "Same noise in every epoch" not in widget_labels(opened())
    assert "Same noise in every epoch" not in widget_labels(opened(corruption="low-resolution"))
    app = opened(corruption="gaussian")
    sound(app.toggle(key="setting.frozen_noise").set_value(True).run())
    assert query(app)["frozen_noise"] == "true"


def test_a_digit_is_drawn_where_the_code_is_a_map(runs: Runs) -> None:
    for size, offered in (("2", True), ("3", False)):
        app = opened(recipe="custom", code_size=size)
        sound(app.button(key="step").click().run())
        sound(app.run())
        assert any("glowing point" in caption.value for caption in app.caption) == offered
    sound(app.button(key="train.reconstruct").click().run())
    wait_until(app, lambda app: app.subheader)
    assert app.subheader[0].value == "Try your own drawing"
