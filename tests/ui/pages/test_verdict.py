"""What is said of network, PCA and JPEG rests on the numbers it is given."""

from __future__ import annotations

from aelib.ui.pages.reconstructions.verdict import in_colour, summary, table, table_in_colour
from tests.analysis.reconstructions.test_compression import on_data


def test_the_scores_on_both_data_sets_stand_beside_each_other() -> None:
    own, other = summary(on_data("MNIST", 24.1, 20.1, 22.0), [on_data("KMNIST", 12.2, 13.3, 18.8)]).splitlines()
    assert "**1,000 test images** of MNIST: network **24.1 dB** · PCA **20.1 dB** · JPEG **22.0 dB** (64 bytes" in own
    assert "KMNIST, which the network was not trained on: network **12.2 dB** · PCA **13.3 dB** · JPEG" in other
    assert "JPEG 62 on average)" in other


def test_the_table_has_a_line_for_each_way_and_data_set() -> None:
    lines = table([on_data("MNIST", 24, 20, 17), on_data("KMNIST", 12.2, 13.3, 18.8)]).splitlines()
    assert len(lines) == 8
    assert len({line.count("|") for line in lines}) == 1
    assert "| MNIST | PCA | 64 | 20.10 dB | 64 | 20.00 dB | 0.800 |" in lines


def test_a_run_in_colour_has_no_rivals() -> None:
    found = on_data("MNIST", 24, 20, 17).measured
    assert "cannot colourize" in in_colour(found)
    assert len(table_in_colour(found, "MNIST").splitlines()) == 4
