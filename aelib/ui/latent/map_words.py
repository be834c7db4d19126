"""What the maps say, in words computed from their figures."""

from __future__ import annotations

from aelib.insight import tsne
from aelib.insight.latent import Quality, Reference

# Accuracies nearer to each other than this are called equal: it is ten of a thousand points.
CLOSE = 0.01


def duration(seconds: float) -> str:
    """Seconds to two digits: 3 ms, 0.25 s, 12 s."""
    return f"{1000 * seconds:.0f} ms" if seconds < 0.1 else f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def comparison(
    found: Reference | None, code: Quality | None, pca: Quality | None, maps: dict[str, Quality | None], dims: int
) -> str:
    """What the 5-NN accuracies say, in words; empty before they are known. `maps`: the t-SNE maps by source."""
    if found is None or found.pixels is None or found.code is None:
        return ""
    parts = [
        f"**{found.pixels:.0%}** in all 784 pixels",
        f"**{found.code:.0%}** in the code of {found.units:,} numbers",
    ]
    if pca is not None and pca.accuracy is not None:
        parts.append(f"**{pca.accuracy:.0%}** with PCA's first {dims} axes")
    names = {tsne.PIXELS: "on the t-SNE map of the pixels", tsne.CODE: "on the t-SNE map of the codes"}
    known = {source: each.accuracy for source, each in maps.items() if each is not None and each.accuracy is not None}
    parts += [f"**{accuracy:.0%}** {names[source]}" for source, accuracy in known.items()]
    lines = ["The five nearest neighbours of a picture name its class right: " + ", ".join(parts) + "."]
    if code is not None and code.accuracy is not None and pca is not None and pca.accuracy is not None:
        if abs(code.accuracy - pca.accuracy) < CLOSE:
            lines.append("The maps of the code and of PCA keep the classes apart equally well.")
        else:
            better, worse = ("The code’s", "PCA’s") if code.accuracy > pca.accuracy else ("PCA’s", "the code’s")
            lines.append(f"{better} map keeps the classes apart better than {worse}.")
    if abs(found.code - found.pixels) < CLOSE:
        lines.append("The code tells the classes apart as well as the pixels do.")
    elif found.code > found.pixels:
        lines.append("The code tells the classes apart better than the pixels it was made from.")
    if len(known) == 2:
        first, second = known[tsne.CODE], known[tsne.PIXELS]
        gain = "helped" if first > second + CLOSE else "hurt" if first < second - CLOSE else "made no difference"
        lines.append(f"Going through the code before t-SNE {gain}.")
    return " ".join(lines)
