"""Claims about what an autoencoder keeps of an image, beside PCA and JPEG: judged on its own data and on other data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aelib.analysis.claims import Outcome, Verdict, combined, judged
from aelib.analysis.denoising.quality import Mean, paired
from aelib.analysis.reconstructions.measurements import JpegMeasured, Measured

# JPEG is compared with a code where its mean bytes differ from the code's by no more than this share.
EQUAL_BYTES = 0.05


@dataclass(frozen=True)
class OnData:
    """What was measured on the test images of the data set called `title`."""

    title: str
    measured: Measured
    jpeg: JpegMeasured


def comparable(found: OnData) -> bool:
    """Does JPEG take about as many bytes as the code?"""
    return abs(found.jpeg.bytes - found.measured.code_units) <= EQUAL_BYTES * found.measured.code_units


def verdicts(own: OnData, others: Sequence[OnData], network: str, paired_over: str = "the images") -> list[Verdict]:
    """C18 and C2, by the data that the network was trained on and by `others`, which it never saw. `network`: which
    run it is, or which they are. `paired_over`: what the PSNR of `OnData` are one each of."""
    everywhere = [own, *others]
    images = " and ".join(f"{found.measured.count:,} test images of {found.title}" for found in everywhere)
    conditions = (
        f"{images}; {network}, trained on {own.title}; 95 % intervals (Student's t), paired over {paired_over}; one "
        "byte per number of the code."
    )
    return [_jpeg(everywhere, conditions), _pca(everywhere, conditions)]


def _jpeg(everywhere: Sequence[OnData], conditions: str) -> Verdict:
    leads = [paired(found.jpeg.each, found.measured.network.each) for found in everywhere]
    parts = []
    for found, lead in zip(everywhere, leads, strict=True):
        sizes = f"{found.jpeg.bytes:.0f} bytes against the code's {found.measured.code_units:,}"
        if comparable(found):
            parts.append(f"on {found.title} JPEG is {_apart(lead)} the network ({sizes})")
            continue
        at = "lowest" if found.jpeg.bytes > found.measured.code_units else "highest"
        parts.append(f"on {found.title} JPEG takes {sizes}, at its {at} quality")
    unequal = [found.title for found in everywhere if not comparable(found)]
    outcome, why = combined(judged(lead) for lead in leads), ""
    if unequal:
        outcome = Outcome.UNDECIDED
        why = "not comparable" if len(unequal) == len(everywhere) else f"not comparable on {unequal[0]}"
    elif outcome is Outcome.DEPENDS:
        why = "the data"
    return Verdict("C18", "JPEG compresses better", outcome, _sentence(parts), conditions, why)


def _pca(everywhere: Sequence[OnData], conditions: str) -> Verdict:
    leads, parts = [], []
    for found in everywhere:
        assert found.measured.pca is not None, "who has a JPEG is grey, and has a PCA"
        lead = paired(found.measured.network.each, found.measured.pca.each)
        leads.append(lead)
        parts.append(f"on {found.title} the network is {_apart(lead)} PCA ({found.measured.pca_units:,} numbers)")
    outcome = combined(judged(lead) for lead in leads)
    why = "the data" if outcome is Outcome.DEPENDS else ""
    return Verdict("C2", "The network keeps more than PCA", outcome, _sentence(parts), conditions, why)


def _apart(lead: Mean) -> str:
    return f"{abs(lead.value):.2f} ± {lead.margin:.2f} dB {'ahead of' if lead.value >= 0 else 'behind'}"


def _sentence(parts: Sequence[str]) -> str:
    joined = "; ".join(parts)
    return joined[:1].upper() + joined[1:]
