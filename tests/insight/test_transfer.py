"""Networks on foreign pictures, and which claims their figures bear out."""

from __future__ import annotations

import numpy as np
import pytest

from aelib import datasets
from aelib.config import Knobs
from aelib.insight import denoising, transfer
from aelib.insight.quality import Mean, Restored, mean
from aelib.insight.transfer import CONV_DENSE, DENSE, FULLY_CONVOLUTIONAL, Result, Untouched
from aelib.slices import first_slice, next_slice
from aelib.training import prepare
from tests.samples import cut, digits, settings

NO_PICTURES = Restored(np.empty((0, 784), np.uint8), np.empty(0), np.empty(0))


def around(value: float) -> Mean:
    return Mean(value, 0.1, 1_000)


NOTHING = Untouched(NO_PICTURES.pictures, around(9.4), around(9.4), NO_PICTURES, np.zeros((12, 784), bool))


def test_a_network_is_measured_on_both_data_sets() -> None:
    config = settings(widths=(), code_size=8)
    own, foreign = digits(), prepare(cut(datasets.load("letters"), 300, 100))
    knobs = Knobs.of(config)
    link = next_slice(first_slice(config, own, knobs), own, knobs, 3)
    found = transfer.restored(link, own, foreign, "gaussian", 0.5)
    assert found.own == mean(denoising.psnrs(link, own, "gaussian", 0.5))
    assert found.foreign == mean(denoising.psnrs(link, foreign, "gaussian", 0.5))
    np.testing.assert_array_equal(found.shown.pictures, denoising.shown(link, foreign, "gaussian", 0.5).output.pictures)
    base = transfer.untouched(own, foreign, "gaussian", 0.5)
    np.testing.assert_array_equal(base.clean, foreign.probe[:12].numpy())
    np.testing.assert_allclose(base.shown.psnr, denoising.shown(link, foreign, "gaussian", 0.5).seen.psnr)


@pytest.mark.parametrize(
    ("recipe", "kind"),
    [
        ("vanilla-64", DENSE),
        ("conv-dense-20", CONV_DENSE),
        ("fully-conv", FULLY_CONVOLUTIONAL),
        ("conv-pool", FULLY_CONVOLUTIONAL),
    ],
)
def test_networks_are_told_apart_by_their_wiring(recipe: str, kind: str) -> None:
    assert transfer.kind_of(settings(recipe)) == kind


def judged(*results: tuple[str, float, float]) -> dict[str, bool | None]:
    entrants = [Result(kind, around(own), around(foreign)) for kind, own, foreign in results]
    return {verdict.claim: verdict.holds for verdict in transfer.verdicts(entrants, NOTHING)}


def test_the_references_figures_bear_all_three_claims_out() -> None:
    found = judged((CONV_DENSE, 16.5, 10.8), (FULLY_CONVOLUTIONAL, 19.4, 15.1), (DENSE, 18.6, 12.5))
    assert found == {"C25": True, "C26": True, "C27": True}


def test_claims_can_be_refuted() -> None:
    found = judged((CONV_DENSE, 16.5, 15.0), (FULLY_CONVOLUTIONAL, 15.0, 9.5), (DENSE, 18.6, 12.5))
    assert found == {"C25": False, "C26": False, "C27": False}


def test_what_is_too_near_is_not_decided() -> None:
    found = judged((CONV_DENSE, 16.4, 12.2), (FULLY_CONVOLUTIONAL, 16.5, 12.2))
    assert found == {"C25": None, "C26": None, "C27": None}


def test_without_a_network_of_its_kind_a_claim_is_not_judged() -> None:
    assert judged((DENSE, 18.6, 12.5)) == {}
    assert set(judged((FULLY_CONVOLUTIONAL, 19.4, 15.1))) == {"C26"}


def test_a_network_that_gains_nothing_keeps_nothing() -> None:
    assert transfer.kept(Result(DENSE, around(9.0), around(12.0)), NOTHING) == 0.0
