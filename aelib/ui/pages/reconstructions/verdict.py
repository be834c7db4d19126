"""How much network, PCA and JPEG keep of an image, on the run's own data and on other data."""

from __future__ import annotations

from collections.abc import Sequence

from aelib.analysis.reconstructions.compression import OnData
from aelib.analysis.reconstructions.measurements import Measured


def summary(own: OnData, others: Sequence[OnData]) -> str:
    """The scores at one byte a number."""
    return "  \n".join(_scores(found, foreign=found is not own) for found in (own, *others))


def in_colour(found: Measured) -> str:
    """The same of a run in colour."""
    psnr = found.network.psnr_in_bytes
    return f"On **{found.count:,} test images** at one byte per dimension: network **{psnr:.1f} dB**. {NO_RIVALS}"


NO_RIVALS = "PCA and JPEG cannot colourize."


def _scores(found: OnData, *, foreign: bool) -> str:
    measured, jpeg = found.measured, found.jpeg
    assert measured.pca is not None
    where = f"{found.title}{', which the network was not trained on' if foreign else ''}"
    return (
        f"On **{measured.count:,} test images** of {where}: network **{measured.network.psnr_in_bytes:.1f} dB** · PCA "
        f"**{measured.pca.psnr_in_bytes:.1f} dB** · JPEG **{jpeg.psnr:.1f} dB** ({measured.code_units:,} bytes each, "
        f"JPEG {jpeg.bytes:.0f} on average)"
    )


def table(everywhere: Sequence[OnData]) -> str:
    """All figures, the data sets one below the other."""
    lines = _HEAD.copy()
    for found in everywhere:
        lines += _lines(found.measured, found.title)
        jpeg = found.jpeg
        lines.append(f"| {found.title} | JPEG | – | – | {jpeg.bytes:.1f} | {jpeg.psnr:.2f} dB | {jpeg.ssim:.3f} |")
    return "\n".join(lines)


def table_in_colour(found: Measured, title: str) -> str:
    """The same of a run in colour."""
    return "\n".join(_HEAD + _lines(found, title))


_HEAD = [
    "| test images of | | dimensions | PSNR (float) | bytes | PSNR (8-bit) | SSIM (8-bit) |",
    "|:--|:--|--:|--:|--:|--:|--:|",
]


def _lines(found: Measured, title: str) -> list[str]:
    ways = (("network", found.network, found.code_units), ("PCA", found.pca, found.pca_units))
    return [
        f"| {title} | {name} | {units:,} | {means.psnr:.2f} dB | {units:,} | {means.psnr_in_bytes:.2f} dB "
        f"| {means.ssim_in_bytes:.3f} |"
        for name, means, units in ways
        if means is not None
    ]
