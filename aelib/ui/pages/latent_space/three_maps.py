"""Answers of the engine as the three panels of the Latent space page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from aelib.analysis.latent_space import embeddings, tsne
from aelib.analysis.latent_space.embeddings import Flattening, Own, Quality, Seen
from aelib.analysis.latent_space.tsne import ITERATIONS
from aelib.runs.embedding import Embedding, Embeddings, MapOf, MapStatus
from aelib.spec.images import PIXELS
from aelib.ui.components.maps import Panel, Part, Value
from aelib.ui.pages.latent_space.encoder_layers import EncoderLayer
from aelib.ui.pages.latent_space.map_words import duration, source_option, source_title, too_few_for_tsne
from aelib.ui.session import queries
from aelib.ui.session.pacing import due
from aelib.ui.session.queries import Answer, Moment
from aelib.ui.session.run_page import Viewed

# Many images, feature maps, or wide layers are not worked out again at every step of a run that trains, but so often
# (seconds).
HEAVY_POINTS, HEAVY_UNITS = 1_000, 1_024
HEAVY_PACE = 3.0
# So are the figures under the code's map.
FIGURES_PACE = 5.0
NOTHING = "–"
YOURS = "yours"
_SEEN_ARRIVED = "latent.seen.arrived"


@dataclass(frozen=True)
class Choice:
    """What a person wants to see. `layer` is shown on the first map; `unit`, one of that layer, colours the points;
    `source` is what t-SNE lays out."""

    layer: EncoderLayer
    count: int
    dims: int
    flattening: Flattening
    colour: str
    unit: int | None
    source: str
    perplexity: float
    exaggeration: float


@dataclass(frozen=True)
class Asked:
    """What a question about the codes, or about another layer, says beside the run."""

    layer: EncoderLayer
    count: int
    dims: int
    flattening: Flattening
    unit: int | None


def tsne_maps() -> Embeddings:
    """The t-SNE maps of this session."""
    found: Embeddings = st.session_state.setdefault("latent.maps", Embeddings())
    return found


def map_of(viewed: Viewed, choice: Choice, source: str) -> MapOf:
    if source == tsne.PIXELS:
        return MapOf(source, viewed.config.dataset, None, choice.count, choice.dims)
    return MapOf(source, viewed.config.dataset, viewed.run.id, choice.count, choice.dims, choice.layer.layers)


def ask_seen(viewed: Viewed, choice: Choice) -> Answer[Seen]:
    """Codes and reconstructions of the points, as new as can be had without slowing training down."""
    asked = Asked(choice.layer, choice.count, choice.dims, choice.flattening, choice.unit)
    wide = choice.layer.units > HEAVY_UNITS
    heavy = choice.count > HEAVY_POINTS or viewed.config.convolutional or wide
    # An answer that takes longer than the pace is waited for, or none would ever come.
    arrived = st.session_state.get(_SEEN_ARRIVED, True)
    hold_step = viewed.training and heavy and not (arrived and due("latent.seen_at", HEAVY_PACE))
    rest = (choice.count, choice.dims, choice.flattening, choice.unit, choice.layer.layers)
    answer = viewed.ask(
        "latent.seen",
        embeddings.look,
        viewed.reached.ready.basis,
        *rest,
        key=asked,
        hold_step=hold_step,
        expensive=wide,
    )
    st.session_state[_SEEN_ARRIVED] = answer.current
    fits = (
        answer.of is not None
        and answer.of.run_id == viewed.run.id
        and isinstance(answer.key, Asked)
        and answer.key.count == choice.count
    )
    return answer if fits else Answer(problem=answer.problem)


# ---- the panels -----------------------------------------------------------------------------------------------------


def code_panel(
    viewed: Viewed, choice: Choice, seen: Answer[Seen], own: Own | None, image: np.ndarray | None
) -> tuple[Panel, Quality | None]:
    """The codes, or what another layer makes of the images: as they are, or laid out as chosen; and how good the map
    is, where that is of the layer chosen and of the run's newest step."""
    asked = seen.key if isinstance(seen.key, Asked) else None
    if choice.layer.units > choice.dims and choice.flattening.method == "tsne":
        return tsne_panel(viewed, choice, tsne.CODE, image, place="code")
    title = code_title(asked or choice)
    if seen.value is None or seen.value.map is None or asked is None:
        return Panel(title, "", seen.problem or f"Computing {choice.layer.called} …", None), None
    layer = asked.layer
    laid = seen.value.map
    quality, measured = _quality(viewed, "code", laid.points, choice.count, seen.of, asked)
    note = ""
    if viewed.training and seen.of is not None:
        note = f"step {seen.of.step:,}" + (f" · figures of step {measured.step:,}" if measured is not None else "")
    if asked.dims > layer.units:
        note = f"{layer.units}-D code: nothing to show in 3-D."
    # The image may have been sent through another layer than the points that are still shown.
    mark = laid.projection.place(own.vector[None])[0] if own is not None and asked.layer == choice.layer else None
    part = Part((seen.of, layer.layers, asked.count, asked.dims, asked.flattening), {"points": laid.points})
    key = f"{layer.units:,} units" if layer.units > 3 else ""
    values = _values(quality, laid.seconds, "code")
    newest = seen.current and measured == viewed.moment
    return Panel(title, key, "", part, values, note, None, mark, YOURS, layer.column), quality if newest else None


def code_title(how: Choice | Asked) -> str:
    """Says what is on the first map, and how it came there."""
    name, units = how.layer.name, how.layer.units
    if units <= how.dims:
        return f"{name} ({units}-D)"
    if how.flattening.method == "units":
        return f"{name}: units " + ", ".join(str(unit + 1) for unit in how.flattening.units)
    return f"{name} (PCA)" if how.flattening.method == "pca" else f"{name} (t-SNE)"


def pca_panel(viewed: Viewed, choice: Choice, image: np.ndarray | None) -> tuple[Panel, Quality | None]:
    """PCA of the pixels."""
    key = (viewed.config.dataset, choice.count, choice.dims)
    ready = viewed.reached.ready
    rest = (ready.data, ready.basis, choice.count, choice.dims)
    answer = queries.ask("latent.pca", viewed.engine, embeddings.pixel_map, *rest, of=None, key=key)
    title = "Pixels (PCA)"
    if answer.value is None or answer.key != key:
        return Panel(title, "", answer.problem or "Computing PCA …", None), None
    laid = answer.value
    quality, _ = _quality(viewed, "pca", laid.points, choice.count, None, key)
    mark = None if image is None else laid.projection.place(image.reshape(1, -1) / np.float32(255))[0]
    # There are no more axes than training images.
    axes = min(PIXELS, len(viewed.dataset.train_images))
    shown = f"components 1 to {min(choice.dims, axes)} of {axes}"
    values = _values(quality, laid.seconds, "pca")
    return Panel(title, shown, "", Part(key, {"points": laid.points}), values, "", None, mark, YOURS), quality


def tsne_panel(
    viewed: Viewed, choice: Choice, source: str, image: np.ndarray | None, place: str = "tsne"
) -> tuple[Panel, Quality | None]:
    """A t-SNE map as far as it has come, and how good it is, where it is finished and not of an older step of the run.
    `place` is the panel it stands in."""
    of = map_of(viewed, choice, source)
    embedding = tsne_maps().get(of)
    laid_out = source_title(choice.layer, source)
    title = f"t-SNE of {laid_out}"
    column = "tsne" if source == tsne.PIXELS or choice.layer.layers is None else f"tsne_of_{choice.layer.column}"
    if place == "code":
        title, column = code_title(choice), choice.layer.column
    if embedding is None and choice.count < tsne.FEWEST_POINTS:
        return Panel(title, "", too_few_for_tsne(choice.count), None), None
    if embedding is None:
        what = "" if source == choice.source else f"Choose “{source_option(choice.layer, source)}” and "
        press = f"{what}press" if what else "Press"
        hint = f"{press} “Start t-SNE” to compute the embedding"
        return Panel(title, "", hint, None), None
    if embedding.status == MapStatus.RUNNING:
        embedding.touch()
        queries.expect()
    report = embedding.report
    if report is None:
        failed = embedding.status == MapStatus.FAILED
        hint = embedding.problem if failed else "Computing nearest neighbours …"
        return Panel(title, "", hint, None, progress=None if failed else 0.0), None
    version = (of, embedding.settings, embedding.step, report.iteration)
    quality, mark = None, None
    if embedding.status != MapStatus.RUNNING:
        quality, _ = _quality(viewed, place, report.points, choice.count, None, version)
        mark = _place(viewed, place, embedding, version, image)
    newest = source == tsne.PIXELS or embedding.step == viewed.reached.step
    judged = quality if newest and embedding.status == MapStatus.FINISHED else None
    divergence = "" if report.divergence is None else f" · KL {report.divergence:.2f}"
    key = f"iteration {report.iteration} of {ITERATIONS}{divergence}"
    return (
        Panel(
            title,
            key,
            "",
            Part(version, {"points": report.points}),
            _values(quality, report.seconds, "tsne"),
            _tsne_note(viewed, embedding, source),
            embedding.share if embedding.status == MapStatus.RUNNING else None,
            mark,
            f"{YOURS} (approximate)",
            column,
        ),
        judged,
    )


def _tsne_note(viewed: Viewed, embedding: Embedding, source: str) -> str:
    settings = embedding.settings
    parts = [f"perplexity {settings.perplexity:g}"]
    if settings.exaggeration != 1:
        parts.append(f"exaggeration {settings.exaggeration:g}")
    if embedding.status == MapStatus.CANCELLED:
        parts.append("cancelled")
    if embedding.status == MapStatus.FAILED:
        parts.append(embedding.problem)
    if source == tsne.CODE:
        parts.append(f"computed at step {embedding.step:,}")
        if embedding.step != viewed.reached.step:
            parts.append(f"run now at {viewed.reached.step:,}")
    return " · ".join(parts)


def _place(
    viewed: Viewed, place: str, embedding: Embedding, version: object, image: np.ndarray | None
) -> np.ndarray | None:
    if image is None or embedding.stage is None:
        return None
    ready = viewed.reached.ready
    key = (version, image.tobytes())
    rest = (embedding.stage, viewed.reached.link, ready.data, ready.basis, image)
    answer = queries.ask(f"latent.own.{place}", viewed.engine, tsne.place, *rest, of=None, key=key)
    return answer.value if answer.key == key else None


# ---- figures --------------------------------------------------------------------------------------------------------

_SPENT = {
    "code": "Time for encoding and projection (training not included).",
    "pca": "Time to project the images onto the principal components, which were fitted once to the training images.",
    "tsne": "Computing time of t-SNE for this map.",
}


def _quality(
    viewed: Viewed, place: str, points: np.ndarray, count: int, of: Moment | None, key: object
) -> tuple[Quality | None, Moment | None]:
    """The figures, and of which moment of the run they are."""
    said = (place, viewed.config.dataset, count, key)
    rest = (viewed.reached.ready.data, points, count)
    hold_step = of is not None and viewed.training and not due("latent.figures_at", FIGURES_PACE)
    name = f"latent.quality.{place}"
    answer = queries.ask(
        name,
        viewed.engine,
        embeddings.quality,
        *rest,
        of=of,
        key=said,
        hold_step=hold_step,
        expensive=True,
        # The figures of a run that trains are not to keep back its images.
        timeout=queries.BRIEFLY if viewed.training else queries.TIMEOUT,
    )
    return (answer.value, answer.of) if answer.key == said else (None, None)


def _values(quality: Quality | None, seconds: float, kind: str) -> tuple[Value, ...]:
    compared = ""
    if quality is not None and quality.compared == embeddings.COMPARED:
        compared = f" Measured on {embeddings.COMPARED:,} of the points, drawn at random."
    true, kept, accuracy = (
        (quality.trustworthiness, quality.continuity, quality.accuracy) if quality is not None else (None, None, None)
    )
    return (
        Value(
            "trustworthy",
            _three(true),
            "Trustworthiness, from 0 to 1: are neighbours on this map neighbours in pixel space? "
            "Low: false neighbours. 5 neighbours, Venna and Kaski 2006; needs at least "
            f"{embeddings.FEWEST_COMPARED} points.{compared}",
        ),
        Value(
            "continuous",
            _three(kept),
            "Continuity, from 0 to 1: are neighbours in pixel space still neighbours on this map? "
            "Low: neighbours are torn apart. 5 neighbours, Venna and Kaski 2006; needs at least "
            f"{embeddings.FEWEST_COMPARED} points.{compared}",
        ),
        Value(
            "5-NN",
            NOTHING if accuracy is None else f"{accuracy:.0%}",
            "How often the five nearest neighbours on this map predict the class. Five-fold cross-validation; needs "
            f"classes and at least {embeddings.FEWEST_NAMED} points.",
        ),
        Value("time", duration(seconds), _SPENT[kind]),
    )


def _three(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"
