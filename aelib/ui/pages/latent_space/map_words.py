"""What the maps say, in words computed from their figures."""

from __future__ import annotations

from collections.abc import Mapping

from aelib.analysis.claims import Verdict
from aelib.analysis.latent_space import neighbours, tsne
from aelib.analysis.latent_space.embeddings import Quality, Reference
from aelib.ui.pages.latent_space.encoder_layers import EncoderLayer


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
    pca: Quality | None,
    maps: Mapping[str, Quality | None],
    dims: int,
    points: int,
) -> str:
    """The 5-NN accuracies of so many `points`, in words; empty before they are known. `maps`: of the t-SNE maps by
    source."""
    if found is None or found.pixels is None or found.code is None:
        return ""
    parts = [f"**{found.pixels.mean():.0%}** in all 784 pixels"]
    if found.layer is not None:
        parts.append(f"**{found.layer.mean():.0%}** in the {layer.units:,} units of {layer.called}")
    parts.append(f"**{found.code.mean():.0%}** in the {found.units:,}-D code")
    if pca is not None and pca.accuracy is not None:
        parts.append(f"**{pca.accuracy:.0%}** with {dims} principal components")
    known = {source: each.accuracy for source, each in maps.items() if each is not None and each.accuracy is not None}
    parts += [f"**{each:.0%}** on the t-SNE map of {source_title(layer, source)}" for source, each in known.items()]
    return f"The five nearest neighbours predict the class of {points:,} test images: {', '.join(parts)}."


def verdicts(
    found: Reference | None,
    layer: EncoderLayer,
    shown: Quality | None,
    pca: Quality | None,
    maps: Mapping[str, Quality | None],
    measured_on: str,
) -> list[Verdict]:
    """What can be judged by these figures so far, see `comparison`. `shown`: of the layer's map."""
    said = []
    if found is not None and found.pixels is not None and found.code is not None:
        if found.layer is None:
            said.append(neighbours.codes_may_classify_better(found.code, found.pixels, measured_on))
        else:
            said.append(neighbours.layer_may_serve(found.layer, found.pixels, found.code, layer.called, measured_on))
    if shown is not None and pca is not None and shown.right is not None and pca.right is not None:
        said.append(neighbours.map_beats_pca(shown.right, pca.right, layer.called, measured_on))
    code, pixels = maps.get(tsne.CODE), maps.get(tsne.PIXELS)
    if code is not None and pixels is not None and code.right is not None and pixels.right is not None:
        said.append(neighbours.good_before_tsne(code.right, pixels.right, layer.called, measured_on))
    return said
