"""Ways to restore the images shown, side by side, with what each reached on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aelib.analysis.denoising.baselines import BASELINES
from aelib.analysis.denoising.quality import EXACT_DB, Restored

NETWORK = "autoencoder"


@dataclass(frozen=True)
class Way:
    """What one way makes of some images; `psnr` (dB) and `ssim` are means over those that are damaged at all."""

    name: str
    title: str
    restored: Restored
    psnr: float
    ssim: float

    @property
    def note(self) -> str:
        return "exact" if self.psnr > EXACT_DB else f"{self.psnr:.1f} dB · {self.ssim:.2f}"


def way(name: str, restored: Restored, damaged: np.ndarray) -> Way:
    """The way `name` (a baseline's, or `NETWORK`); `damaged`: bool [N], which images count."""
    which = damaged if damaged.any() else np.ones_like(damaged)
    title = name if name == NETWORK else BASELINES[name].title
    return Way(name, title, restored, float(restored.psnr[which].mean()), float(restored.ssim[which].mean()))


def captions(psnrs: np.ndarray) -> list[str]:
    """PSNR in dB, short enough for the place under a image."""
    return ["exact" if psnr > EXACT_DB else f"{psnr:.1f}" for psnr in psnrs]


def table(ways: Sequence[Way], titles: Sequence[str]) -> str:
    """PSNR and SSIM of each way on a few images, the best first; `titles` of all ways that will be there. So few
    images name no winner: that is judged on many."""
    lines = ["| method (on the images above) | PSNR in dB | SSIM |", "|:--|--:|--:|"]
    for one in sorted(ways, key=lambda one: -one.psnr):
        psnr = "exact" if one.psnr > EXACT_DB else f"{one.psnr:.1f}"
        lines.append(f"| {one.title} | {psnr} | {one.ssim:.2f} |")
    known = {one.title for one in ways}
    lines += [f"| {title} | … | … |" for title in titles if title not in known]
    return "\n".join(lines)
