"""A t-SNE map that grows on the engine."""

from __future__ import annotations

import time

import numpy as np
import pytest

from aelib.analysis.latent_space import tsne
from aelib.analysis.latent_space.tsne import Settings
from aelib.cluster.engine import Engine, ReadyData
from aelib.runs import Reached, lease
from aelib.runs import embedding as module
from aelib.runs.embedding import Embedding, Embeddings, MapOf, MapStatus
from aelib.spec.config import Knobs
from aelib.train.projection import fit_pca
from aelib.train.slices import first_slice
from tests.runs.waiting import wait_until
from tests.samples import digits, settings

SMALL = Settings("pixels", 100, 2, 10, 1.0)
PIXELS, CODES = (MapOf(source, "digits", None, 100, 2) for source in ("pixels", "code"))


@pytest.fixture(scope="module")
def reached(engine: Engine) -> Reached:
    config = settings(code_size=8)
    link = first_slice(config, digits(), Knobs.of(config))
    return Reached(7, engine.keep(link), ReadyData(engine.keep(digits()), engine.keep(fit_pca(digits()))))


def test_it_grows_to_its_end_in_many_slices(engine: Engine, reached: Reached) -> None:
    embedding = Embedding(engine, SMALL, reached, "me")
    seen: list[int] = []

    def finished() -> bool:
        if embedding.report is not None and embedding.report.iteration not in seen:
            seen.append(embedding.report.iteration)
        return embedding.status == MapStatus.FINISHED

    wait_until(finished)
    assert seen == sorted(seen)
    assert seen[-1] == tsne.ITERATIONS
    assert embedding.share == 1.0
    assert embedding.step == 7
    assert embedding.report is not None
    assert embedding.report.points.shape == (100, 2)
    assert embedding.report.divergence is not None
    assert embedding.stage is not None


def test_cancelling_stops_it_and_keeps_the_map(engine: Engine, reached: Reached) -> None:
    embedding = Embedding(engine, SMALL, reached, "me")
    wait_until(lambda: embedding.report is not None and embedding.report.iteration > 0)
    embedding.cancel()
    assert embedding.status == MapStatus.CANCELLED
    assert embedding.report is not None
    iteration = embedding.report.iteration
    time.sleep(0.4)
    embedding.touch()
    assert embedding.report.iteration == iteration < tsne.ITERATIONS


def test_nobody_looking_stops_it_and_looking_wakes_it(
    engine: Engine, reached: Reached, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", -1.0)
    embedding = Embedding(engine, SMALL, reached, "me")
    wait_until(lambda: embedding.report is not None)
    assert embedding.report is not None
    assert embedding.report.iteration == 0
    monkeypatch.setattr(lease, "LEASE_SECONDS", 60.0)
    embedding.touch()
    wait_until(lambda: embedding.status == MapStatus.FINISHED)


def test_what_the_worker_refuses_is_said_and_not_taken_for_lost(engine: Engine, reached: Reached) -> None:
    embedding = Embedding(engine, Settings("pixels", 100, 2, 90, 1.0), reached, "me")
    wait_until(lambda: embedding.status == MapStatus.FAILED)
    assert embedding.problem.startswith("perplexity: “90” is not valid")
    assert embedding.report is None
    assert embedding.share == 0.0


def test_what_breaks_on_the_worker_is_lost(engine: Engine, reached: Reached, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(tsne, "start", broken)
    embedding = Embedding(engine, SMALL, reached, "me")
    wait_until(lambda: embedding.status == MapStatus.FAILED)
    assert embedding.problem == module.LOST


def test_a_session_works_at_one_map_at_a_time_and_keeps_the_others(engine: Engine, reached: Reached) -> None:
    maps = Embeddings()
    maps.start(PIXELS, engine, SMALL, reached, "me")
    first = maps.get(PIXELS)
    assert first is not None
    maps.start(CODES, engine, Settings("code", 100, 2, 10, 1.0), reached, "me")
    second = maps.get(CODES)
    assert second is not None
    assert first.status == MapStatus.CANCELLED
    assert maps.get(PIXELS) is first
    wait_until(lambda: second.status != MapStatus.RUNNING)
    assert second.status == MapStatus.FINISHED


def test_starting_over_replaces_the_map_and_only_the_last_few_are_kept(engine: Engine, reached: Reached) -> None:
    maps = Embeddings()
    maps.start(PIXELS, engine, SMALL, reached, "me")
    first = maps.get(PIXELS)
    maps.start(PIXELS, engine, SMALL, reached, "me")
    assert maps.get(PIXELS) is not first
    for count in range(module.MAPS_KEPT):
        maps.start(MapOf("pixels", "digits", None, count, 2), engine, SMALL, reached, "me")
    assert maps.get(PIXELS) is None
    maps.cancel()


def test_placing_a_picture_needs_no_more_than_the_stage(engine: Engine, reached: Reached) -> None:
    embedding = Embedding(engine, SMALL, reached, "me")
    wait_until(lambda: embedding.status == MapStatus.FINISHED)
    image = digits().test[0].reshape(28, 28).numpy()
    ready = reached.ready
    placed = engine.ask(tsne.place, embedding.stage, reached.link, ready.data, ready.basis, image).result(timeout=30)
    assert placed.shape == (2,)
    assert np.isfinite(placed).all()
