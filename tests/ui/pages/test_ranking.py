"""Who mends images best, in a table."""

from __future__ import annotations

import numpy as np

from aelib.analysis.denoising.quality import Restored
from aelib.ui.pages.denoising.ranking import NETWORK, Way, captions, table, way

IMAGES = np.zeros((2, 784), np.uint8)


def reached(name: str, psnr: float, ssim: float = 0.5) -> Way:
    restored = Restored(IMAGES, np.array([psnr, psnr]), np.array([ssim, ssim]))
    return way(name, restored, np.array([True, True]))


def test_only_pictures_that_are_damaged_count() -> None:
    restored = Restored(IMAGES, np.array([100.0, 20.0]), np.array([1.0, 0.6]))
    found = way(NETWORK, restored, np.array([False, True]))
    assert (found.psnr, found.ssim, found.note) == (20.0, 0.6, "20.0 dB · 0.60")
    assert way(NETWORK, restored, np.array([False, False])).psnr == 60.0


def test_what_is_perfect_is_not_given_in_decibels() -> None:
    assert captions(np.array([100.0, 17.26])) == ["exact", "17.3"]
    assert reached("nothing", 100.0, 1.0).note == "exact"


def test_the_table_is_in_order_and_names_no_winner_on_a_few_images() -> None:
    ways = [reached("nothing", 9.4, 0.2), reached(NETWORK, 17.2, 0.6), reached("median", 14.2, 0.7)]
    assert table(ways, ["no processing", "median filter", "PCA"]).splitlines()[2:] == [
        "| autoencoder | 17.2 | 0.60 |",
        "| median filter | 14.2 | 0.70 |",
        "| no processing | 9.4 | 0.20 |",
        "| PCA | … | … |",
    ]
