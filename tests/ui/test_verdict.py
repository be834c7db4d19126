"""The sentence that says who keeps more rests on the numbers it is given."""

from __future__ import annotations

import pytest

from aelib.insight.reconstructions import JpegMeasured, Means, Measured
from aelib.ui.reconstructions.verdict import summary, table


def measured(network: float, pca: float) -> Measured:
    return Measured(1000, 64, Means(network + 0.1, 0.9, network, 0.9), Means(pca + 0.1, 0.8, pca, 0.8), 64)


@pytest.mark.parametrize(
    ("network", "pca", "jpeg", "said"),
    [
        (24.1, 20.1, 17.0, ("refuted", "7.1 dB worse", "4.0 dB ahead of PCA")),
        (15.0, 20.0, 22.4, ("confirmed", "7.4 dB better", "PCA is still 5.0 dB ahead")),
        (20.0, 20.3, 20.05, ("as good as the network", "about what PCA does")),
    ],
)
def test_the_better_one_is_named_with_its_lead(network: float, pca: float, jpeg: float, said: tuple[str, ...]) -> None:
    sentence = summary(measured(network, pca), JpegMeasured(1000, jpeg, 0.7, 61.6))
    for part in (*said, "1,000 test pictures", f"network **{network:.1f} dB**", "62 bytes where the code has 64"):
        assert part in sentence


def test_jpeg_that_cannot_be_as_short_is_told() -> None:
    found = Measured(1000, 8, Means(15, 0.5, 15, 0.5), Means(14, 0.4, 14, 0.4), 8)
    assert "lowest quality it takes 36 bytes where the code has 8" in summary(found, JpegMeasured(1000, 17, 0.7, 36))


def test_the_table_has_a_line_for_each() -> None:
    lines = table(measured(24, 20), JpegMeasured(1000, 17, 0.7, 61.6)).splitlines()
    assert len(lines) == 5
    assert len({line.count("|") for line in lines}) == 1
    assert "| PCA | 64 | 20.10 dB | 64 | 20.00 dB | 0.800 |" in lines
