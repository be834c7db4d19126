"""Systems that learn in their own way, as a person sees them, on the bundled digits."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.lab import Lab


def test_recirculation_is_compared_with_back_propagation(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="recirculation", epochs="40")
    lab.train.click()
    lab.page.locator(".st-key-compare button:visible").first.click()
    beside = lab.page.locator(".key.beside")
    expect(beside).to_contain_text(re.compile(r"backpropagation; learning rate 0\.001 0\.\d+"))
    lab.wait_for_step(60)
    lab.page.locator(".st-key-alone button:visible").first.click()
    expect(beside).to_be_hidden()
    lab.pause.click()


def test_boltzmann_machines_learn_layer_by_layer_and_then_together(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="rbm", widths="32", code_size="8", pretrain_epochs="6", epochs="13")
    lab.train.click()
    phase = lab.page.locator(".figures .phase")
    expect(phase).to_have_text(" · pretraining layer 1 of 2")
    measure = lab.page.locator("select.measure")
    expect(measure.locator("option[value=energy]")).to_be_enabled()
    before = lab.look(lab.curve)
    measure.select_option("energy")
    lab.wait_for_change(lab.curve, before)
    expect(phase).to_have_text(" · fine-tuning")
    expect(lab.state).to_have_text("Finished")


def test_a_variational_code_is_drawn_from_and_measured(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vae", epochs="3")
    lab.train.click()
    expect(lab.page.locator(".key.penalty")).to_contain_text("variational")
    expect(lab.state).to_have_text("Finished")
    page = lab.page
    page.get_by_role("link", name="Decode").first.click()
    expect(page.get_by_text("from the prior")).to_be_visible()
    expect(page.locator(".st-key-decode-uncertainty-grid canvas[aria-label^='draw 4']").first).to_be_visible()
    expect(page.get_by_text("The evidence lower bound (ELBO) on all test images is")).to_be_visible()


def test_what_makes_no_sense_is_refused_before_training_with_the_reason(lab: Lab) -> None:
    lab.open(dataset="digits", recipe="vae", tied="true")
    expect(lab.page.get_by_text("tied weights need a dense, greyscale network")).to_be_visible()
    lab.open(dataset="digits", recipe="k-sparse", active_units="300")
    expect(lab.page.get_by_text("as many as there are latent dimensions")).to_be_visible()
    lab.open(dataset="digits", recipe="conv-pool", method="recirculation")
    expect(lab.page.get_by_text("all other methods need a dense, greyscale network")).to_be_visible()
