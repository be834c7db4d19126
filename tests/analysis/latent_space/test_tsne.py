"""t-SNE as a chain of slices against openTSNE in one go."""

from __future__ import annotations

import pickle
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from openTSNE import TSNE

from aelib.analysis.latent_space import embeddings, tsne
from aelib.analysis.latent_space.tsne import Settings, Stage
from aelib.spec.config import Knobs
from aelib.spec.fields import InvalidInput
from aelib.train.projection import fit_pca
from aelib.train.resident import Basis
from aelib.train.slices import Slice, first_slice
from tests.samples import digits, settings, with_one_code

PIXELS = Settings("pixels", 100, 2, 10, 1.0)


@cache
def basis() -> Basis:
    return fit_pca(digits())


@cache
def untrained(code_size: int) -> Slice:
    config = settings(code_size=code_size, widths=(32,), code_activation="linear")
    return first_slice(config, digits(), Knobs.of(config))


def begun(wanted: Settings = PIXELS, code_size: int = 8) -> Stage:
    return tsne.start(untrained(code_size), digits(), basis(), wanted)


def ended(stage: Stage, *cuts: int) -> Stage:
    for iterations in (*cuts, tsne.ITERATIONS):
        stage = tsne.go_on(stage, iterations)
    return stage


@cache
def whole() -> Stage:
    return ended(begun())


def test_the_chain_ends_where_opentsne_ends_in_one_go() -> None:
    pixels = embeddings.images(digits(), 100).numpy()
    vectors = (pixels - basis().mean) @ basis().axes[:50].T
    oracle = TSNE(perplexity=10, initialization="pca", negative_gradient_method="bh", n_jobs=1, random_state=0).fit(
        vectors
    )
    ours = tsne.report(ended(begun(), 7, 100, 200, 3))
    assert ours.divergence == pytest.approx(oracle.kl_divergence, rel=0.06)
    assert ours.divergence == pytest.approx(tsne.report(whole()).divergence, rel=0.06)


def test_it_may_be_cut_anywhere() -> None:
    first = begun()
    once, often = tsne.go_on(first, 40), tsne.go_on(tsne.go_on(first, 15), 25)
    np.testing.assert_allclose(tsne.report(once).points, tsne.report(often).points, rtol=1e-3, atol=1e-6)


def test_a_slice_leaves_the_stage_before_as_it_was() -> None:
    first = begun()
    before = tsne.report(first).points.copy()
    tsne.go_on(first, 20)
    np.testing.assert_array_equal(tsne.report(first).points, before)
    assert (first.iteration, tsne.report(first).divergence) == (0, None)


def test_a_stage_can_travel_to_another_worker() -> None:
    stage = tsne.go_on(begun(), 20)
    there = tsne.go_on(pickle.loads(pickle.dumps(stage)), 20)
    np.testing.assert_allclose(
        tsne.report(there).points, tsne.report(tsne.go_on(stage, 20)).points, rtol=1e-3, atol=1e-6
    )


def test_it_ends_after_the_last_iteration_and_counts_what_it_did() -> None:
    stage = tsne.go_on(begun(), 700)
    assert (stage.iteration, stage.slice_iterations) == (700, 700)
    stage = tsne.go_on(stage, 700)
    assert (stage.iteration, stage.slice_iterations) == (750, 50)
    assert stage.seconds > stage.slice_seconds > 0


def test_it_keeps_neighbours_better_than_pca() -> None:
    flat = embeddings.pixel_map(digits(), basis(), 100, 2).points
    ours = embeddings.quality(digits(), tsne.report(whole()).points, 100)
    assert (ours.trustworthiness or 0) > (embeddings.quality(digits(), flat, 100).trustworthiness or 1)


@pytest.mark.parametrize("code_size", [2, 8, 64])
@pytest.mark.parametrize("dims", [2, 3])
def test_codes_of_any_size_in_two_and_three_dimensions(code_size: int, dims: int) -> None:
    stage = tsne.go_on(begun(Settings("code", 100, dims, 10, 1.0), code_size), 10)
    points = tsne.report(stage).points
    assert points.shape == (100, dims)
    assert np.isfinite(points).all()


def test_a_hidden_layer_is_laid_out_in_the_codes_place() -> None:
    # A code of as many numbers as its last hidden layer, which it repeats, is laid out as that is.
    link = untrained(32)
    arrays = dict(link.state.arrays)
    arrays["weights/encoder.2.weight"] = np.eye(32, dtype=np.float32)
    repeating = replace(link, state=replace(link.state, arrays=arrays))
    hidden, code = (
        tsne.report(tsne.start(repeating, digits(), basis(), replace(PIXELS, source="code", layers=layers)))
        for layers in (1, None)
    )
    np.testing.assert_allclose(hidden.points, code.points, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize(("units", "bias"), [(8, 0.0), (8, 0.3), (80, 0.3)])
@pytest.mark.filterwarnings("error")
def test_codes_that_are_all_alike_give_finite_points(units: int, bias: float) -> None:
    link = with_one_code(untrained(units), bias)
    stage = tsne.start(link, digits(), basis(), replace(PIXELS, source="code"))
    assert np.isfinite(tsne.report(tsne.go_on(stage, 10)).points).all()


def test_exaggeration_makes_groups_tighter() -> None:
    def spread(exaggeration: float) -> float:
        return float(tsne.report(ended(begun(replace(PIXELS, exaggeration=exaggeration)))).points.std())

    assert spread(4.0) < spread(1.0)


@pytest.mark.parametrize(("source", "layers"), [("pixels", None), ("code", None), ("code", 1)])
def test_a_known_picture_is_placed_near_itself(source: str, layers: int | None) -> None:
    stage = ended(begun(replace(PIXELS, source=source, layers=layers)))
    points = tsne.report(stage).points
    errors = []
    for index in (0, 20, 40):
        image = digits().test[index].reshape(28, 28).numpy()
        placed = tsne.place(stage, untrained(8), digits(), basis(), image)
        errors.append(np.linalg.norm(placed - points[index]))
    assert np.median(errors) < 0.15 * np.linalg.norm(np.ptp(points, 0))


@pytest.mark.parametrize(("perplexity", "points"), [(33, 100), (40, 100), (1, 100), (0, 100), (30, 91), (5, 3)])
def test_a_perplexity_that_cannot_be_is_refused_with_what_is_allowed(perplexity: float, points: int) -> None:
    with pytest.raises(InvalidInput, match="perplexity") as problem:
        tsne.check_perplexity(perplexity, points)
    assert f"at most {tsne.largest_perplexity(points)} for {points}" in str(problem.value)


@pytest.mark.parametrize("points", [91, 92, 93, 100, 1000])
def test_the_largest_perplexity_named_is_allowed_and_the_next_is_not(points: int) -> None:
    largest = tsne.largest_perplexity(points)
    tsne.check_perplexity(largest, points)
    with pytest.raises(InvalidInput):
        tsne.check_perplexity(largest + 1, points)


def test_the_worker_refuses_it_too() -> None:
    with pytest.raises(InvalidInput, match="perplexity"):
        begun(replace(PIXELS, perplexity=50))
