"""What network and baselines reach on up to 1,000 test images, asked bit by bit."""

from __future__ import annotations

import numpy as np

from aelib.analysis.denoising import baselines, measurements
from aelib.ui.session.query_batch import Inquiry
from aelib.ui.session.run_page import Viewed


def network_psnrs(inquiry: Inquiry, place: str, viewed: Viewed, corruption: str, level: float) -> np.ndarray | None:
    """PSNR in dB of every image that the corruption changes, restored by the run; None while it is not known."""
    asked = (corruption, level)
    rest = (viewed.reached.link, viewed.reached.ready.data, *asked)
    return inquiry(f"network.{place}", measurements.psnrs, *rest, of=viewed.moment, key=asked)


def baseline_psnrs(
    inquiry: Inquiry, place: str, viewed: Viewed, method: str, corruption: str, level: float, code_size: int
) -> np.ndarray | None:
    """The same of a baseline, its parameter chosen for this corruption and level."""
    ready, name = viewed.reached.ready, viewed.dataset.name
    number = 0.0
    if baselines.BASELINES[method].grid:
        asked = (corruption, level)
        tuned = inquiry(f"tuned.{place}", baselines.tune, ready.data, *asked, key=(name, *asked))
        if tuned is None:
            return None
        number = tuned[method]
    size = code_size if method == "pca" else 0
    parts = []
    for part in range(baselines.BASELINES[method].parts):
        rest = (corruption, level, method, size, number, part)
        found = inquiry(f"{method}.{place}.{part}", baselines.psnrs, ready.data, ready.basis, *rest, key=(name, *rest))
        if found is None:
            return None
        parts.append(found)
    return np.concatenate(parts)
