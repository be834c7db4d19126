"""Who keeps more of an image, from measurements that are made up."""

from __future__ import annotations

import numpy as np
import pytest

from aelib.analysis.claims import Verdict
from aelib.analysis.reconstructions.compression import OnData, comparable, verdicts
from aelib.analysis.reconstructions.measurements import JpegMeasured, Means, Measured

CHANCE = np.random.default_rng(0).normal(0, 1, 1_000)
CHANCE -= CHANCE.mean()


def on_data(
    title: str, network: float, pca: float, jpeg: float, *, units: int = 64, taken: float = 62.1, spread: float = 1.0
) -> OnData:
    """PSNR in bytes with these means."""

    def each(mean: float, shift: int) -> np.ndarray:
        return mean + spread * np.roll(CHANCE, shift)

    measured = Measured(
        1_000,
        units,
        Means(network + 0.1, 0.9, network, 0.9, each(network, 1)),
        Means(pca + 0.1, 0.8, pca, 0.8, each(pca, 2)),
        units,
    )
    return OnData(title, measured, JpegMeasured(1_000, jpeg, 0.7, taken, each(jpeg, 3)))


def judged(own: OnData, *others: OnData) -> dict[str, Verdict]:
    return {verdict.claim: verdict for verdict in verdicts(own, others, "one run (seed 0, step 4,700)")}


def test_jpeg_against_a_network_depends_on_the_data() -> None:
    """vanilla-64, measured beside the app: ahead on MNIST, behind both on KMNIST."""
    found = judged(on_data("MNIST", 24.0, 20.3, 22.2), on_data("KMNIST", 12.2, 13.3, 18.8))
    assert found["C18"].answer == found["C2"].answer == "depends on the data"
    assert "on KMNIST JPEG is 6.60 ± 0." in found["C18"].reason
    assert "62 bytes against the code's 64" in found["C18"].reason
    assert "on KMNIST the network is 1.10 ± 0." in found["C2"].reason
    for condition in ("1,000 test images of MNIST and 1,000 test images of KMNIST", "seed 0", "paired over the images"):
        assert condition in found["C18"].conditions


@pytest.mark.parametrize(
    ("own", "foreign", "answer"),
    [((20.0, 22.0), (12.0, 18.0), "supported"), ((24.0, 22.0), (20.0, 18.0), "refuted")],
)
def test_what_holds_on_both_data_sets_holds(
    own: tuple[float, float], foreign: tuple[float, float], answer: str
) -> None:
    found = judged(on_data("MNIST", own[0], 20, own[1]), on_data("KMNIST", foreign[0], 13, foreign[1]))
    assert found["C18"].answer == answer


def test_what_chance_explains_is_not_decided() -> None:
    near = (on_data("MNIST", 20.0, 20.02, 20.03), on_data("KMNIST", 13.0, 13.02, 13.03))
    assert {verdict.answer for verdict in judged(*near).values()} == {"undecided"}


@pytest.mark.parametrize(("units", "taken", "at"), [(32, 39.4, "lowest"), (1_568, 668.8, "highest")])
def test_jpeg_of_other_bytes_is_not_compared(units: int, taken: float, at: str) -> None:
    own, foreign = (on_data(name, 20.0, 18.0, 19.0, units=units, taken=taken) for name in ("MNIST", "KMNIST"))
    verdict = judged(own, foreign)["C18"]
    assert verdict.answer == "undecided: not comparable"
    assert f"JPEG takes {taken:.0f} bytes against the code's {units:,}, at its {at} quality" in verdict.reason
    assert judged(own, foreign)["C2"].answer == "supported"


def test_jpeg_may_be_comparable_on_one_data_set_only() -> None:
    own = on_data("MNIST", 24, 20, 22, units=40, taken=41.2)
    foreign = on_data("KMNIST", 12, 13, 18, units=40, taken=52.2)
    assert judged(own, foreign)["C18"].answer == "undecided: not comparable on KMNIST"


@pytest.mark.parametrize(("taken", "equal"), [(60.9, True), (67.1, True), (60.7, False), (67.3, False)])
def test_bytes_are_equal_within_five_per_cent(taken: float, equal: bool) -> None:
    assert comparable(on_data("MNIST", 24, 20, 22, taken=taken)) is equal
