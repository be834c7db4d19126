"""Ways to mend pictures side by side: what each reached, and who is best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aelib.insight.baselines import BASELINES
from aelib.insight.quality import Restored

NETWORK = "network"
# `metrics.psnr` gives 100 dB where not a bit is wrong.
EXACT_DB = 99.9


@dataclass(frozen=True)
class Way:
    """What one way makes of some pictures; `psnr` (dB) and `ssim` are means over those that are damaged at all."""

    name: str
    title: str
    restored: Restored
    psnr: float
    ssim: float

    @property
    def note(self) -> str:
        return "exact" if self.psnr > EXACT_DB else f"{self.psnr:.1f} dB · {self.ssim:.2f}"


def way(name: str, restored: Restored, damaged: np.ndarray) -> Way:
    """The way `name` (a baseline's, or `NETWORK`); `damaged`: bool [N], which pictures count."""
    which = damaged if damaged.any() else np.ones_like(damaged)
    title = name if name == NETWORK else BASELINES[name].title
    return Way(name, title, restored, float(restored.psnr[which].mean()), float(restored.ssim[which].mean()))


def captions(psnrs: np.ndarray) -> list[str]:
    """PSNR in dB, short enough for the place under a picture."""
    return ["exact" if psnr > EXACT_DB else f"{psnr:.1f}" for psnr in psnrs]


def table(ways: Sequence[Way], titles: Sequence[str]) -> str:
    """PSNR and SSIM of each way, the best of each in bold; `titles` of all ways that will be there."""
    lines = ["| on these pictures | PSNR in dB | SSIM |", "|:--|--:|--:|"]
    best_psnr, best_ssim = max(way.psnr for way in ways), max(way.ssim for way in ways)
    for one in sorted(ways, key=lambda one: -one.psnr):
        psnr = "exact" if one.psnr > EXACT_DB else f"{one.psnr:.1f}"
        psnr = f"**{psnr}** ★" if one.psnr == best_psnr else psnr
        ssim = f"**{one.ssim:.2f}** ★" if one.ssim == best_ssim else f"{one.ssim:.2f}"
        lines.append(f"| {one.title} | {psnr} | {ssim} |")
    known = {one.title for one in ways}
    lines += [f"| {title} | … | … |" for title in titles if title not in known]
    return "\n".join(lines)


def verdict(ways: Sequence[Way]) -> str:
    """Who is best, in a sentence with its numbers."""
    network = next(one for one in ways if one.name == NETWORK)
    rival = max((one for one in ways if one.name != NETWORK), key=lambda one: one.psnr)
    lead = network.psnr - rival.psnr
    if abs(lead) < 0.1:
        return f"The network and {rival.title} are equally good here."
    if lead > 0:
        return f"**The network is best** here, {lead:.1f} dB ahead of {rival.title}."
    if rival.psnr > EXACT_DB:
        return "There is **nothing to mend** here: whatever the network changes is for the worse."
    if rival.name == "nothing":
        return f"**Leaving the pictures as they are is best** here: the network makes them {-lead:.1f} dB worse."
    return f"**A simple method beats the network** here: {rival.title}, by {-lead:.1f} dB."
