"""Claims about anomalies, judged by scores with known distributions."""

from __future__ import annotations

import numpy as np

from aelib.analysis.anomalies.ranking import Ranking, rank
from aelib.analysis.anomalies.verdicts import FEWEST_JUDGED, code_beats_error, lies_far, network_beats_pca
from aelib.analysis.claims import Outcome


def apart(distance: float, count: int = 300, seed: int = 0) -> Ranking:
    chance = np.random.default_rng(seed)
    return rank(chance.normal(size=count), chance.normal(distance, size=count))


def test_far_depends_on_the_distance() -> None:
    near, far = apart(0.7), apart(4)
    assert lies_far({"a": near, "b": far}, "").outcome is Outcome.DEPENDS
    assert lies_far({"a": near, "b": far}, "").answer == "depends on the distance"
    assert lies_far({"a": far}, "").outcome is Outcome.SUPPORTED
    assert lies_far({"a": near}, "").outcome is Outcome.REFUTED


def test_a_common_answer_is_given_once_and_far_is_explained() -> None:
    said = lies_far({"distance a": apart(0.7), "distance b": apart(0.5)}, "")
    assert said.answer == "refuted" and "refuted" not in said.reason
    assert "] by the distance a, 0.6" in said.reason and said.reason.endswith("“far” means at least 0.9 here")
    both = lies_far({"distance a": apart(0.7), "distance b": apart(4)}, "").reason
    assert "by the distance a (refuted)" in both and "by the distance b (supported)" in both


def test_the_code_has_to_beat_the_error_by_more_than_the_choice_of_the_best_would() -> None:
    error = apart(1)
    assert code_beats_error({"a": apart(0.5), "b": apart(4)}, error, "").outcome is Outcome.SUPPORTED
    assert code_beats_error({"a": apart(0.1), "b": apart(0.2)}, error, "").outcome is Outcome.REFUTED
    assert code_beats_error({"a": apart(1, seed=1), "b": apart(0)}, error, "").outcome is Outcome.UNDECIDED


def test_network_and_pca_are_compared_image_by_image() -> None:
    chance = np.random.default_rng(0)
    common = chance.normal(size=200), chance.normal(2, size=200)
    pca = rank(*common)
    better = rank(common[0], common[1] + 0.3)
    assert network_beats_pca(better, pca, 8, "").outcome is Outcome.SUPPORTED
    assert network_beats_pca(pca, better, 8, "").outcome is Outcome.REFUTED
    assert network_beats_pca(pca, pca, 8, "").outcome is Outcome.UNDECIDED
    assert "difference +0.0" in network_beats_pca(better, pca, 8, "").reason


def test_nothing_is_better_that_is_no_better_than_chance() -> None:
    none, worse, good = apart(0, seed=3), apart(-0.5, seed=3), apart(1, seed=3)
    why = "tells anomalies from normal images better than chance"
    for verdict in (network_beats_pca(none, worse, 8, ""), code_beats_error({"a": none}, worse, "")):
        assert verdict.answer == f"undecided: neither {why}"
    for verdict in (network_beats_pca(worse, none, 8, ""), code_beats_error({"a": worse}, none, "")):
        assert verdict.answer == f"undecided: neither {why}"
    assert network_beats_pca(none, good, 8, "").answer == "refuted"
    assert network_beats_pca(good, none, 8, "").answer == "supported"
    assert code_beats_error({"a": none, "b": good}, none, "").answer == "supported"
    assert "[0." in network_beats_pca(none, worse, 8, "").reason


def test_few_images_decide_nothing() -> None:
    few = apart(4, FEWEST_JUDGED - 1)
    verdict = lies_far({"a": few}, "")
    assert verdict.answer == "undecided: fewer than 20 images in a group"
