"""The figure of a layer's activity shows no value that the layer cannot give."""

from __future__ import annotations

import numpy as np
import pytest

from aelib.analysis.latent_space.embeddings import activity_of
from aelib.ui.pages.latent_space.encoder_layers import encoder_layers
from aelib.ui.pages.latent_space.unit_activity import _figure, in_words
from tests.samples import settings


@pytest.mark.parametrize(("low", "high"), [(0.0, np.inf), (-1.0, 1.0)])
def test_bars_and_ranges_stay_within_the_activation(low: float, high: float) -> None:
    rare = np.random.default_rng(0).normal(-1.5, 2, (200, 12)).clip(low, high).astype(np.float32)
    found = activity_of(rare)
    np.testing.assert_allclose((found.low, found.high), np.percentile(rare, (5, 95), axis=0), rtol=1e-6)
    means, ranges = _figure(found, encoder_layers(settings(code_size=12))[-1]).data
    bottom = np.asarray(ranges.y)
    top = bottom + np.asarray(ranges.error_y.array)
    assert min(bottom.min(), np.min(means.y)) >= low and max(top.max(), np.max(means.y)) <= high + 1e-6
    assert not np.any(ranges.error_y.arrayminus)


def test_a_unit_that_hardly_changes_is_called_dead() -> None:
    vectors = np.zeros((50, 2), np.float32)
    vectors[:, 0] = np.linspace(0, 1, 50)
    vectors[:, 1] = 0.5
    said = in_words(activity_of(vectors), encoder_layers(settings(code_size=2))[-1], 1_000)
    assert "**1 of 2** is dead" in said and "unit 2" in said
