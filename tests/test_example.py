"""The run that was trained beforehand for the first visit."""

from __future__ import annotations

import numpy as np

from aelib import datasets, example
from aelib.example import gallery
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.constraints import checked
from aelib.spec.images import SHOWN, probe_indices
from aelib.spec.recipes import RECIPES
from aelib.spec.stages import cell_count


def test_it_is_small() -> None:
    files = (file for file in example.FOLDER.iterdir() if file.is_file() and file != gallery.FILE)
    assert sum(file.stat().st_size for file in files) < 300_000


def test_every_recipe_shows_what_it_makes_of_the_same_digits() -> None:
    shown = gallery.gallery()
    assert set(shown) == set(RECIPES)
    digits = datasets.load("digits")
    clean = digits.test_images[probe_indices(len(digits.test_images))[: gallery.SHOWN]].reshape(gallery.SHOWN, -1)
    for name, one in shown.items():
        config = RECIPES[name].config
        assert one.output.shape == (gallery.SHOWN, 3 * 784 if config.colour else 784)
        assert np.array_equal(one.input, clean) == (config.corruption == "none")
    errors = {name: float(np.square(one.output[:, :784] / 255.0 - clean / 255).mean()) for name, one in shown.items()}
    assert (
        errors["linear-32"]
        < errors["single-32"]
        < float(np.square(clean / 255 - digits.train_images.mean(0).ravel() / 255).mean())
    )


def test_it_was_tested_on_the_built_in_digits() -> None:
    digits, known = datasets.load("digits"), example.dataset()
    np.testing.assert_array_equal(known.test_images, digits.test_images)
    np.testing.assert_array_equal(known.test_labels, digits.test_labels)
    assert (known.name, known.classes) == (digits.name, digits.classes)
    shown = digits.test_images[probe_indices(len(digits.test_images))[:SHOWN]].reshape(SHOWN, -1)
    for frame in example.view().frames:
        np.testing.assert_array_equal(frame.images.corrupted, shown)


def test_its_error_falls_below_that_of_pca_with_as_many_components() -> None:
    run = example.view()
    errors = [frame.metrics.test_mse for frame in run.frames]
    assert errors[0] > run.pca[0].mse > errors[-1]
    digits = datasets.load("digits")
    train, test = (one.reshape(len(one), -1) / 255 for one in (digits.train_images, digits.test_images))
    axes = np.linalg.svd(train - train.mean(0), full_matrices=False)[2][:2]
    restored = ((test - train.mean(0)) @ axes.T @ axes + train.mean(0)).clip(0, 1)
    np.testing.assert_allclose(run.pca[0].mse, ((restored - test) ** 2).mean(), rtol=1e-3)


def test_it_is_what_its_settings_say() -> None:
    run = example.view()
    assert run.config == checked(example.CONFIG) and isinstance(run.config, RunConfig)
    assert run.frames[0].step == 0 and run.step == run.frames[-1].step == run.config.steps(12_600)
    assert run.frames[-1].metrics.points.shape == (len(example.dataset().test_images), 2)


def test_it_has_the_activations_and_the_decoded_images_of_every_moment() -> None:
    run = example.view()
    for frame in run.frames:
        assert frame.images.activations is not None and frame.metrics.grid is not None
        assert frame.images.activations.cells.shape == (SHOWN, cell_count(plan(run.config)))
    last = run.frames[-1]
    assert last.images.activations is not None and last.metrics.grid is not None
    # The code of the first image, as a point and as activations: to 16 of a byte's levels.
    cells = last.images.activations.cells[0, 192:194].astype(float)
    code = (cells - 128) / 127 * last.images.activations.scales[2]
    np.testing.assert_allclose(code, last.metrics.points[0], atol=last.images.activations.scales[2] / 10)
    left, right, bottom, top = last.metrics.grid.area
    assert (last.metrics.points > (left, bottom)).all() and (last.metrics.points < (right, top)).all()
