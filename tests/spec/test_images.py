from __future__ import annotations

import numpy as np
import pytest

from aelib.spec.images import PROBES, SHOWN, evenly_spaced, probe_indices


def test_evenly_spaced_indices_reach_from_the_first_to_the_last() -> None:
    indices = evenly_spaced(10_000, 500)
    assert len(indices) == len(set(indices)) == 500
    assert (indices[0], indices[-1]) == (0, 9_999)
    assert set(np.diff(indices)) == {20, 21}


def test_where_there_are_fewer_all_are_taken() -> None:
    np.testing.assert_array_equal(evenly_spaced(90, 500), np.arange(90))


@pytest.mark.parametrize("count", [1, SHOWN - 1, SHOWN, 300, PROBES, 10_000])
def test_probe_images_are_different_and_begin_with_those_shown(count: int) -> None:
    indices = probe_indices(count)
    assert len(indices) == len(set(indices)) == min(count, PROBES)
    np.testing.assert_array_equal(indices[:SHOWN], np.arange(min(SHOWN, count)))
