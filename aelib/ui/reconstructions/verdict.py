"""Who keeps more of a picture, network, PCA or JPEG: in words, with the numbers they rest on."""

from __future__ import annotations

from aelib.insight.reconstructions import JpegMeasured, Measured


def summary(found: Measured, jpeg: JpegMeasured | None) -> str:
    """Who keeps more, in a sentence with its numbers."""
    network = found.network.psnr_in_bytes
    said = f"Over **{found.count:,} test pictures**, one byte a number: "
    if found.pca is None or jpeg is None:
        return f"{said}network **{network:.1f} dB**. PCA and JPEG cannot guess a colour."
    scores = f"network **{network:.1f} dB** · PCA **{found.pca.psnr_in_bytes:.1f} dB** · JPEG **{jpeg.psnr:.1f} dB**"
    lead = network - jpeg.psnr
    if jpeg.bytes > found.code_units:
        size = f"though at its lowest quality it takes {jpeg.bytes:.0f} bytes where the code has {found.code_units:,}"
    else:
        size = f"at {jpeg.bytes:.0f} bytes where the code has {found.code_units:,}"
    if abs(lead) < 0.1:
        claim = f"JPEG, {size}, is as good as the network."
    elif lead > 0:
        claim = f"“JPEG compresses better” is **refuted** here: it is {lead:.1f} dB worse, {size}."
    else:
        claim = f"“JPEG compresses better” is **confirmed** here: it is {-lead:.1f} dB better, {size}."
    gain = network - found.pca.psnr_in_bytes
    if abs(gain) < 0.5:
        bends = "The network does about what PCA does."
    elif gain > 0:
        bends = f"With its bends the network is {gain:.1f} dB ahead of PCA."
    else:
        bends = f"PCA is still {-gain:.1f} dB ahead: the network has more to learn."
    return f"{said}{scores}. {claim} {bends}"


def table(found: Measured, jpeg: JpegMeasured | None) -> str:
    lines = ["| | numbers | PSNR as it is | bytes | PSNR in bytes | SSIM in bytes |", "|:--|--:|--:|--:|--:|--:|"]
    for name, means, units in (
        ("network", found.network, found.code_units),
        ("PCA", found.pca, found.pca_units),
    ):
        if means is not None:
            lines.append(
                f"| {name} | {units:,} | {means.psnr:.2f} dB | {units:,} | {means.psnr_in_bytes:.2f} dB "
                f"| {means.ssim_in_bytes:.3f} |"
            )
    if jpeg is not None:
        lines.append(f"| JPEG | – | – | {jpeg.bytes:.1f} | {jpeg.psnr:.2f} dB | {jpeg.ssim:.3f} |")
    return "\n".join(lines)
