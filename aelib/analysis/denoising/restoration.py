"""Claims that an autoencoder restores corrupted images, judged against the best of the other methods."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from aelib.analysis.claims import Outcome, Verdict, judged
from aelib.analysis.denoising.baselines import BASELINES
from aelib.analysis.denoising.quality import EXACT_DB, paired

NOTHING = "nothing"
_CLAIMS = {
    "noise": ("C5", "The network removes noise better than the other methods"),
    "resolution": ("C7", "The network raises the resolution better than the other methods"),
    "gap": ("C8", "The network fills gaps better than the other methods"),
}


def restores_best(
    task: str,
    network: np.ndarray,
    others: Mapping[str, np.ndarray],
    measured_on: str,
    paired_over: str = "the images",
) -> Verdict:
    """PSNR in dB of each of the same corrupted images [N], restored by the network and by the `others`, baselines by
    name, doing nothing among them. `measured_on`: which images, corruption and run. Where there is one number for each
    of several networks instead, `paired_over` says so."""
    claim, statement = _CLAIMS[task]
    best = max(others, key=lambda name: float(others[name].mean()))
    lead, gain = paired(network, others[best]), paired(network, others[NOTHING])
    where = "ahead of" if lead.value >= 0 else "behind"
    reason = (
        f"At {network.mean():.2f} dB it is {abs(lead.value):.2f} ± {lead.margin:.2f} dB {where} "
        f"{BASELINES[best].title}, "
    )
    rivals = len(others) - 1
    if best == NOTHING:
        reason += f"which none of the {rivals} other methods surpasses"
    else:
        reason += f"the best of {rivals} other methods, and {gain.value:+.2f} ± {gain.margin:.2f} dB over no processing"
    conditions = f"{len(network):,} {measured_on}; 95 % intervals (Student's t), paired over {paired_over}."
    if float(others[NOTHING].min()) > EXACT_DB:
        why = "the images are not corrupted"
        return Verdict(claim, statement, Outcome.UNDECIDED, reason, conditions, why)
    return Verdict(claim, statement, judged(lead), reason, conditions)
