"""What the maps say, in words computed from their figures."""

from __future__ import annotations

import math

from aelib.insight import tsne
from aelib.insight.latent import Quality, Reference
from aelib.ui.latent.encoder_layers import EncoderLayer

# Accuracies nearer to each other than this are called equal, however many points there are.
CLOSE = 0.01
# Half the width of a 95 % confidence interval, in standard deviations.
NORMAL = 1.96


def duration(seconds: float) -> str:
    """Seconds to two digits: 3 ms, 0.25 s, 12 s."""
    return f"{1000 * seconds:.0f} ms" if seconds < 0.1 else f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def source_title(layer: EncoderLayer, source: str) -> str:
    """What t-SNE lays out: the pixels, or the layer."""
    return "the pixels" if source == tsne.PIXELS else layer.called


def source_option(layer: EncoderLayer, source: str) -> str:
    """The same in one word, to be chosen."""
    return "pixels" if source == tsne.PIXELS else "code" if layer.layers is None else "layer"


def too_few_for_tsne(points: int) -> str:
    """Why there is no t-SNE map of so many points."""
    return f"t-SNE needs at least {tsne.FEWEST_POINTS} test images; here {'is 1' if points == 1 else f'are {points}'}"


def only_perplexity(points: int) -> str:
    """Why the perplexity of so many points cannot be chosen."""
    if points < tsne.FEWEST_POINTS:
        return f"{too_few_for_tsne(points)}."
    return f"The perplexity is {tsne.SMALLEST_PERPLEXITY}: {points} points allow no other."


def comparison(
    found: Reference | None,
    layer: EncoderLayer,
    shown: Quality | None,
    pca: Quality | None,
    maps: dict[str, Quality | None],
    dims: int,
    points: int,
) -> str:
    """What the 5-NN accuracies of so many `points` say, in words; empty before they are known. `shown`: of the layer's
    map; `maps`: of the t-SNE maps by source."""
    if found is None or found.pixels is None or found.code is None:
        return ""
    parts = [f"**{found.pixels:.0%}** in all 784 pixels"]
    if found.layer is not None:
        parts.append(f"**{found.layer:.0%}** in the {layer.units:,} numbers of {layer.called}")
    parts.append(f"**{found.code:.0%}** in the code of {found.units:,} numbers")
    if pca is not None and pca.accuracy is not None:
        parts.append(f"**{pca.accuracy:.0%}** with PCA's first {dims} axes")
    known = {source: each.accuracy for source, each in maps.items() if each is not None and each.accuracy is not None}
    parts += [f"**{each:.0%}** on the t-SNE map of {source_title(layer, source)}" for source, each in known.items()]
    lines = [f"The five nearest neighbours predict the class of {points:,} test images: " + ", ".join(parts) + "."]
    if shown is not None and shown.accuracy is not None and pca is not None and pca.accuracy is not None:
        ahead = _ahead(shown.accuracy, pca.accuracy, points)
        if not ahead:
            lines.append(f"The maps of {layer.called} and of PCA keep the classes apart about equally well.")
        elif ahead > 0:
            lines.append(f"The map of {layer.called} keeps the classes apart better than PCA’s.")
        else:
            lines.append(f"PCA’s map keeps the classes apart better than that of {layer.called}.")
    if found.layer is not None:
        beside_pixels, beside_code = (_beside(found.layer, other, points) for other in (found.pixels, found.code))
        joined = (
            f"{beside_pixels} the pixels and the code"
            if beside_pixels == beside_code
            else f"{beside_pixels} the pixels, and {beside_code} the code"
        )
        lines.append(f"The {layer.units:,} numbers of {layer.called} tell the classes apart {joined}.")
    else:
        beside_pixels = _beside(found.code, found.pixels, points)
        lines.append(f"The code tells the classes apart {beside_pixels} the pixels it was made from.")
    if len(known) == 2:
        gain = ("made no clear difference", "helped", "hurt")[_ahead(known[tsne.CODE], known[tsne.PIXELS], points)]
        lines.append(f"Going through {layer.called} before t-SNE {gain}.")
    return " ".join(lines)


def _ahead(accuracy: float, other: float, points: int) -> int:
    """1 or -1 where the one is larger or smaller than the other by more than chance would make it, else 0."""
    # As if the points of the two were not the same: what differs by more than that is beyond doubt.
    chance = NORMAL * math.sqrt((accuracy * (1 - accuracy) + other * (1 - other)) / points)
    difference = accuracy - other
    return 0 if abs(difference) < max(CLOSE, chance) else 1 if difference > 0 else -1


def _beside(accuracy: float, other: float, points: int) -> str:
    return ("about as well as", "better than", "less well than")[_ahead(accuracy, other, points)]
